"""The lock of a pipeline's execution: between its stages nobody writes heartbeats, and CodePipeline says whether it still runs."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import own_execution
from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline.own_execution import Execution
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import lock, lock_state
from tests.support.objects import BUCKET, Objects

ELSEWHERE = {"boot_id": "another machine", "namespace": "pid:[1]", "pid": 1, "started": 1}
DAY = 24 * 3600


def of(execution_id: str = "e1", stage: str = "Migrate") -> Execution:
    return {"pipeline": "shop-production", "execution_id": execution_id, "stage": stage}


@pytest.fixture
def s3() -> Objects:
    return Objects()


def acquire(s3: Objects, execution: Execution | None = None, status: str = "InProgress", **options: Any) -> lock.Lock:
    who = "pipeline shop-production" if execution else "deborah"
    return lock.acquire(s3, BUCKET, who, "releasing commit 0a1b2c3d", execution=execution, ask=lambda _execution: status, **options)


def passed(s3: Objects, **notes: Any) -> None:
    """A stage has ended well, and left the lock to the next one."""
    held = acquire(s3, of())
    held.note(**notes)
    held.goes_on = True
    assert held.release()


@pytest.mark.parametrize("status", ["InProgress", "Stopping", "GetPipelineExecution: AccessDeniedException"])
def test_between_two_stages_it_is_held_for_days(s3: Objects, status: str) -> None:
    passed(s3, release=7)
    s3.advance(3 * DAY)
    with pytest.raises(RailyardError) as refused:
        acquire(s3, status=status)
    said = refused.value.message
    assert said.startswith("execution e1 of pipeline shop-production is releasing commit 0a1b2c3d since")
    assert "has come past its stage Migrate" in said and f"CodePipeline says of it: {status}" in said
    assert "ansible-playbook playbooks/pipeline.yml" in said and "-e execution=e1" in said
    shown = refused.value.details["lock"]
    assert (shown["status"], shown["execution"], shown["process"], shown["release"]) == ("held", of(), None, 7)


@pytest.mark.parametrize("status", ["Failed", "Stopped", "Superseded", "Cancelled", "Succeeded", "absent"])
def test_once_the_execution_is_over_it_is_taken_with_its_notes(s3: Objects, status: str) -> None:
    passed(s3, release=7, scaling={"web": {}})
    found = lock.find(s3, BUCKET, lambda _execution: status)
    assert found is not None and found["status"] == "ended"
    held = acquire(s3, status=status)
    assert held.left is not None and (held.left["release"], held.value["scaling"]) == (7, {"web": {}})
    assert held.value["execution"] is None


def test_the_next_stage_has_its_own_lock_again(s3: Objects) -> None:
    passed(s3, release=7)
    held = acquire(s3, of(stage="Deploy"))
    assert held.left is None and held.value["release"] == 7 and held.value["execution"] == of(stage="Deploy")
    assert held.release() and lock.find(s3, BUCKET) is None


def test_another_execution_waits_like_everybody(s3: Objects) -> None:
    passed(s3)
    with pytest.raises(RailyardError, match="execution e1 of pipeline shop-production"):
        acquire(s3, of("e2"))
    assert acquire(s3, of("e2"), "Failed").left is not None


def test_nobody_waits_in_a_pipeline_for_an_approval_in_another_execution(s3: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    passed(s3)
    pauses: list[float] = []
    monkeypatch.setattr(lock.time, "sleep", pauses.append)
    with pytest.raises(RailyardError, match="CodePipeline says of it: InProgress, and it waits for an approval"):
        acquire(s3, of("e2"), own_execution.WAITS, lock_timeout=600)
    assert pauses == []

    def approved(_seconds: float) -> None:
        pauses.append(_seconds)
        s3.stored.clear()

    monkeypatch.setattr(lock.time, "sleep", approved)
    by_hand = acquire(s3, None, own_execution.WAITS, lock_timeout=600)
    assert by_hand.release(), "a person may, who has said so"
    passed(s3)
    assert acquire(s3, of("e2"), "InProgress", lock_timeout=600).left is None
    assert len(pauses) == 2


def test_a_stage_at_work_is_held_whatever_codepipeline_says(s3: Objects) -> None:
    """It abandons an action without ending it."""
    acquire(s3, of()).note(process=ELSEWHERE)
    with pytest.raises(RailyardError, match="is in its stage Migrate, last heartbeat 0 s ago"):
        acquire(s3, status="Stopped")
    s3.advance(lock_state.STALE)
    assert acquire(s3, status="Stopped").left is not None


def test_a_killed_stage_keeps_it_as_long_as_the_execution_runs(s3: Objects) -> None:
    acquire(s3, of()).note(process=ELSEWHERE)
    s3.advance(lock_state.STALE)
    with pytest.raises(RailyardError, match="CodePipeline says of it: InProgress"):
        acquire(s3)


def test_another_attempt_on_another_machine_waits_until_the_first_is_surely_gone(s3: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    acquire(s3, of()).note(process=ELSEWHERE, release=7)
    lines: list[str] = []
    monkeypatch.setattr(lock.time, "sleep", lambda _seconds: s3.advance(lock_state.STALE))
    assert acquire(s3, of(), say=lines.append).value["release"] == 7
    assert len(lines) == 1 and lines[0].startswith("waiting, at most 120 s: execution e1")


def test_another_attempt_on_the_same_machine_follows_at_once(s3: Objects) -> None:
    held = acquire(s3, of())
    held.note(process={**held.value["process"], "started": -1})  # type: ignore[dict-item]
    assert acquire(s3, of()).left is None
    with pytest.raises(RailyardError, match="the lock is lost"):
        held.note()


def test_what_was_opened_by_force_is_not_the_executions_any_more(s3: Objects) -> None:
    passed(s3, release=7)
    found = lock.find(s3, BUCKET, lambda _execution: "InProgress")
    with pytest.raises(RailyardError, match=r"execution e1 of pipeline shop-production, stage Migrate, is releasing .* and has not ended"):
        lock.make_plan({"bucket": BUCKET, "state": "released", "force": False, "requested_by": "olivia"}, found)
    plan = lock.make_plan({"bucket": BUCKET, "state": "released", "force": True, "requested_by": "olivia"}, found)
    s3.put_object(**plan.steps[0].params)
    shown = lock.find(s3, BUCKET)
    assert shown is not None and (shown["status"], shown["abandoned"]) == ("abandoned", "olivia")
    assert acquire(s3, of(stage="Deploy")).left is not None


def test_a_lost_reply_leaves_it_to_the_next_stage_all_the_same(s3: Objects) -> None:
    held = acquire(s3, of())
    held.goes_on = True
    s3.lose()
    assert held.release()
    found = lock.find(s3, BUCKET, lambda _execution: "InProgress")
    assert found is not None and (found["status"], found["process"]) == ("held", None)
