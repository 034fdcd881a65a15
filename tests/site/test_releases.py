"""playbooks/releases.yml and playbooks/unlock.yml as a person types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline.own_execution import Execution
from ansible_collections.railyard.fargate.plugins.module_utils._release import lock, record
from tests.support import fargate, pipelining
from tests.support.emulated import REGION, Emulated
from tests.support.playbooks import SETTINGS, play

BUCKET = "shop-local-releases-123456789012"
ELSEWHERE = {"boot_id": "another machine", "namespace": "pid:[1]", "pid": 1, "started": 1}
SPEED = 600  # Of the emulator of these tests.


@pytest.fixture
def s3(emulated: Emulated) -> Any:
    client = emulated.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def live(emulated: Emulated) -> str:
    """The task definition of a service web in the environment's cluster."""
    made = fargate.build(emulated)
    definition = made.define(family="shop-local-web")
    made.ecs.create_cluster(clusterName="shop-local")
    made.ecs.create_service(**made.service(cluster="shop-local", taskDefinition=definition, desiredCount=0))
    return definition


def opened(s3: Any, revision: str, **changes: Any) -> None:
    release = record.open_release(
        s3, BUCKET, requested_by="deborah", engine="codedeploy", digest=f"sha256:{'1' * 64}", commit="0a1b2c3d4e5f"
    )
    record.update(s3, BUCKET, release, task_definitions={"web": revision}, **changes)


def line(output: str, *words: str) -> str:
    (found,) = [line for line in output.splitlines() if all(word in line for word in words)]
    return found


def test_what_was_released_is_a_table_and_json(emulated: Emulated, s3: Any) -> None:
    revision = live(emulated)
    for status in ("succeeded", "succeeded"):
        opened(s3, revision, status=status, schema_before="20260101000000", schema_after="20260131000000")
    opened(s3, f"{revision}0", status="failed", stage="deploy", result="a task\nstopped", schema_before="2", schema_after="2")
    played = play(emulated, "playbooks/releases.yml")
    assert played.code == 0 and played.count("changed") == 0, played.output
    assert "failed, in stage deploy: a task stopped" in line(played.output, " 3  ")
    newest = line(played.output, "*  2  ")
    assert newest.split()[:2] == ["*", "2"] and "20260101000000 → 20260131000000" in newest and "111111111111  1 " in newest
    assert "\n* is live.\n" in played.output and "0a1b2c3d " in newest and newest.endswith("codedeploy  succeeded")

    SETTINGS["ANSIBLE_STDOUT_CALLBACK"] = "community.general.null"
    try:
        told = json.loads(play(emulated, "playbooks/releases.yml", "-e", "format=json", "-e", "limit=2").output)
    finally:
        del SETTINGS["ANSIBLE_STDOUT_CALLBACK"]
    assert told["live"] == 2 and [release["number"] for release in told["releases"]] == [3, 2]
    assert told["releases"][0]["result"] == "a task\nstopped"


def test_before_the_first_release(emulated: Emulated, s3: Any) -> None:
    assert "Nothing has been released yet." in play(emulated, "playbooks/releases.yml").output


def test_a_lock_is_shown_and_opened_only_when_its_holder_is_gone(emulated: Emulated, s3: Any) -> None:
    free = play(emulated, "playbooks/unlock.yml", "-e", "release=yes")
    assert free.code == 0 and "Nobody holds the lock" in free.output and free.count("changed") == 0
    held = lock.acquire(s3, BUCKET, "pipeline", "releasing shop@sha256:11")
    held.note(process=ELSEWHERE, release=7, scaling={"web": False})

    shown = play(emulated, "playbooks/unlock.yml")
    assert shown.code == 0 and shown.count("changed") == 0, shown.output
    assert "pipeline on" in line(shown.output, "  who") and line(shown.output, "  release").split() == ["release", "7"]
    assert "Its holder is alive." in shown.output and "-e release=yes -e force=yes" in shown.output

    refused = play(emulated, "playbooks/unlock.yml", "-e", "release=yes")
    assert refused.code != 0 and "and is alive" in refused.output and "-e release=yes -e force=yes" in refused.output
    held.note()
    emulated.advance(61 * SPEED)
    predicted = play(emulated, "playbooks/unlock.yml", "-e", "release=yes", "--check")
    assert "Would be opened." in predicted.output and predicted.count("changed") == 1
    done = play(emulated, "playbooks/unlock.yml", "-e", "release=yes")
    assert done.code == 0 and "Opened. The next release finishes what is noted." in done.output
    assert held.release() is False


def test_an_execution_that_has_the_lock_is_shown_with_its_stage(emulated: Emulated, s3: Any) -> None:
    """As long as CodePipeline says that it runs; and what it has released, with its commit."""
    pipeline = pipelining.prepare(emulated)
    first = pipeline.create()
    execution: Execution = {"pipeline": pipelining.NAME, "execution_id": first, "stage": "Migrate"}
    held = lock.acquire(s3, BUCKET, f"pipeline {pipelining.NAME}", "releasing commit 0a1b2c3d4e5f", execution=execution)
    held.note(release=1)
    held.goes_on = True
    assert held.release()
    commit = {"author": "Deborah Meyer", "subject": "Add totals to orders " * 9, "link": "https://github.com/acme/shop/commit/0a1b2c3d4e5f"}
    opened(s3, "shop-local-web:1", status="running", stage="configure", pipeline=pipelining.NAME, execution_id=first, **commit)
    emulated.advance(61 * SPEED)
    shown = play(emulated, "playbooks/unlock.yml").output
    assert line(shown, "  who").split()[1:] == ["execution", first, "of", "pipeline", pipelining.NAME]
    assert "Migrate, which is done" in line(shown, "  stage") and "Its holder is alive." in shown and "playbooks/pipeline.yml" in shown
    listed = play(emulated, "playbooks/releases.yml").output
    assert "Deborah" in line(listed, "  1  ") and "running, in stage configure" in listed and first in listed
    assert commit["link"] in listed and max(map(len, listed.splitlines())) <= 120, listed
    pipeline.api.stop_pipeline_execution(pipelineName=pipelining.NAME, pipelineExecutionId=first, abandon=True)
    emulated.advance(61 * SPEED)
    assert "The execution of the pipeline is over." in play(emulated, "playbooks/unlock.yml").output
    assert "interrupted, in stage configure" in play(emulated, "playbooks/releases.yml").output


def test_a_living_holder_loses_it_by_force(emulated: Emulated, s3: Any) -> None:
    held = lock.acquire(s3, BUCKET, "pipeline", "releasing shop@sha256:11")
    held.note(process=ELSEWHERE)
    done = play(emulated, "playbooks/unlock.yml", "-e", "release=yes", "-e", "force=yes")
    assert done.code == 0 and done.count("changed") == 1 and "Opened." in done.output, done.output
    assert lock.find(s3, BUCKET) is None


def test_json_is_all_that_a_program_reads(emulated: Emulated, s3: Any, tmp_path: Path) -> None:
    opened(s3, live(emulated), status="succeeded")
    told = json.loads(play(emulated, "playbooks/releases.yml", "-e", "format=json").output)
    file = tmp_path / "releases.json"
    written = play(emulated, "playbooks/releases.yml", "-e", "format=json", "-e", f"output={file}")
    assert told["live"] == 1 and json.loads(file.read_text()) == told and written.output.strip() == ""


def test_the_table_fits_120_columns_whatever_became_of_a_release(emulated: Emulated, s3: Any) -> None:
    revision = live(emulated)
    long = (
        "deployment d-ABCDEFGHI of shop-local-web:12 to web in cluster shop-local failed: " + "container web ended with exit code 1; " * 4
    )
    for status in ("succeeded", "rolled_back", "failed"):
        opened(s3, revision, status=status, stage="deploy", result=long, schema_before="20260101000000", schema_after="20260131000000")
    shown = play(emulated, "playbooks/releases.yml").output
    assert max(len(line) for line in shown.splitlines()) <= 120 and "rolled back, in stage deploy" in shown, shown


def test_what_says_that_it_runs_does_so_as_long_as_its_holder_lives(emulated: Emulated, s3: Any) -> None:
    opened(s3, live(emulated), status="running", stage="shift")
    assert "interrupted, in stage shift" in play(emulated, "playbooks/releases.yml").output
    held = lock.acquire(s3, BUCKET, "pipeline", "releasing shop@sha256:11")
    held.note(release=1)
    assert "running, in stage shift" in play(emulated, "playbooks/releases.yml").output


def test_a_failure_is_told_once_and_whole_with_v(emulated: Emulated, s3: Any) -> None:
    words = ("playbooks/unlock.yml", "-e", "release=yes")
    held = lock.acquire(s3, BUCKET, "pipeline", "releasing shop@sha256:11")
    held.note(process=ELSEWHERE)
    short, whole = play(emulated, *words), play(emulated, *words, "-v")
    assert short.code == whole.code != 0 and short.output.count("and is alive") == 1, short.output
    assert "Origin: " not in short.output and "error_code" not in short.output and "etag" not in short.output
    assert "the same command with -v" in short.output and "etag" in whole.output
