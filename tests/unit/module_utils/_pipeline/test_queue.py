"""Executions that were waiting while a migration failed are refused; later ones, and retries, are not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._pipeline import queue
from ansible_collections.railyard.fargate.plugins.module_utils._pipeline.part import Part
from ansible_collections.railyard.fargate.plugins.module_utils._release import record
from ansible_collections.railyard.fargate.plugins.module_utils._release.environment import Environment
from tests.support.executions import PIPELINE, Executions
from tests.support.names import names
from tests.support.objects import BUCKET, Objects

FAILED = {
    "status": "failed",
    "stage": "migrate",
    "result": "migration 7 AddTotal has failed",
    "stages": {"migrate": {"started": "", "finished": ""}},
}
MIGRATED = {"status": "succeeded", "stage": "keep", "stages": {"migrate": {"started": "", "finished": ""}}}


@pytest.fixture
def s3() -> Objects:
    return Objects()


@pytest.fixture
def pipeline() -> Executions:
    return Executions()


def part(s3: Objects, pipeline: Executions, execution_id: str) -> Part:
    env = Environment(names(releases_bucket=BUCKET), {})
    where = {"pipeline": PIPELINE, "execution_id": execution_id, "stage": "Migrate"}
    return Part(env, {"s3": s3, "codepipeline": pipeline}, where, print, "sha256:2")  # type: ignore[arg-type]


def opened(s3: Objects, **known: Any) -> None:
    record.open_release(s3, BUCKET, **{"digest": "sha256:1", "commit": "0a1b2c3d4e5f6071", **known})


def test_who_had_begun_before_the_failure_is_told_what_to_do(s3: Objects, pipeline: Executions) -> None:
    waiting = pipeline.start(s3.now - timedelta(minutes=1))
    opened(s3, pipeline=PIPELINE, execution_id="the first", **FAILED)
    with pytest.raises(RailyardError) as refused:
        queue.check(part(s3, pipeline, waiting))
    said = refused.value.message
    assert "the migration of release 1, commit 0a1b2c3d4e5f, execution the first, has failed: migration 7 AddTotal has failed" in said
    assert f"playbooks/pipeline.yml -e do=retry -e execution={waiting}" in said
    assert "playbooks/migrate.yml -e image=sha256:2" in said


def test_who_begins_later_is_not(s3: Objects, pipeline: Executions) -> None:
    opened(s3, **FAILED)
    queue.check(part(s3, pipeline, pipeline.start(s3.now + timedelta(seconds=1))))


def test_a_retry_of_the_one_that_was_refused_is_not(s3: Objects, pipeline: Executions) -> None:
    waiting = pipeline.start(s3.now - timedelta(minutes=1))
    opened(s3, **FAILED)
    pipeline.runs[waiting].act("Migrate", status="Failed")
    with pytest.raises(RailyardError):
        queue.check(part(s3, pipeline, waiting))
    pipeline.runs[waiting].act("Migrate", status="InProgress")
    queue.check(part(s3, pipeline, waiting))


@pytest.mark.parametrize(("minutes", "refused"), [(-1, True), (1, False)])
def test_an_approval_counts_if_it_came_after_the_failure(s3: Objects, pipeline: Executions, minutes: int, refused: bool) -> None:
    waiting = pipeline.start(s3.now - timedelta(minutes=5))
    opened(s3, **FAILED)
    pipeline.runs[waiting].act("Approve", "Approval", "Manual", lastUpdateTime=s3.now + timedelta(minutes=minutes))
    if not refused:
        queue.check(part(s3, pipeline, waiting))
        return
    with pytest.raises(RailyardError, match="has failed"):
        queue.check(part(s3, pipeline, waiting))


def test_a_retry_of_the_one_that_failed_is_not(s3: Objects, pipeline: Executions) -> None:
    first = pipeline.start(s3.now - timedelta(minutes=1))
    opened(s3, pipeline=PIPELINE, execution_id=first, **FAILED)
    queue.check(part(s3, pipeline, first))


@pytest.mark.parametrize(
    ("later", "refused"),
    [
        ([{"kind": "migration", "status": "succeeded"}], False),
        ([MIGRATED], False),
        ([{"status": "stopped", "stage": "migrate"}], True),
        ([{"status": "failed", "stage": None}], True),
        ([{"kind": "migration", "status": "failed"}], True),
        ([MIGRATED, {"status": "running", "stage": "migrate"}], True),
        ([MIGRATED, {"kind": "migration", "status": "running"}], True),
    ],
)
def test_what_came_after_the_failure_counts(s3: Objects, pipeline: Executions, later: list[dict[str, Any]], refused: bool) -> None:
    waiting = part(s3, pipeline, pipeline.start(s3.now - timedelta(minutes=1)))
    opened(s3, **FAILED)
    for known in later:
        opened(s3, **known)
    if not refused:
        queue.check(waiting)
        return
    with pytest.raises(RailyardError, match="has failed"):
        queue.check(waiting)
