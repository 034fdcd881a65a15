"""What to do about deployments in flight, and how one is told to a person."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._deployment import deployment

NEW, OLD = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2", "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1"
GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{}/1"


def item(identity: str, status: str, definition: str = OLD, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = deployment.shape("codedeploy", deployment_id=identity, status=status, task_definition=definition, **more)
    return made


START = ("start", None)
DECISIONS: list[tuple[str, list[dict[str, Any]], str, list[tuple[str, str | None]]]] = [
    ("nothing in flight", [], "refuse", [START]),
    ("wait", [item("a", "preparing")], "wait", [("follow", "a"), START]),
    ("refuse", [item("a", "shifting")], "refuse", [("refuse", "a")]),
    ("supersede", [item("a", "ready")], "supersede", [("stop", "a"), START]),
    ("old tasks are kept: wait", [item("a", "waiting")], "wait", [("end_wait", "a"), START]),
    ("old tasks are kept: refuse", [item("a", "waiting")], "refuse", [("end_wait", "a"), START]),
    ("old tasks are kept: supersede", [item("a", "waiting")], "supersede", [("end_wait", "a"), START]),
    ("on its way back already", [item("a", "rolling_back")], "supersede", [("follow", "a"), START]),
    ("on its way back, refused", [item("a", "rolling_back")], "refuse", [("refuse", "a")]),
    ("the very same", [item("a", "shifting", NEW)], "refuse", [("adopt", "a")]),
    ("the very same, whose old tasks are kept", [item("a", "waiting", NEW)], "wait", [("adopt", "a")]),
    ("the very same, on its way back", [item("a", "rolling_back", NEW)], "wait", [("follow", "a"), START]),
    ("two, the oldest first", [item("b", "rolling_back"), item("a", "preparing")], "supersede", [("stop", "a"), ("follow", "b"), START]),
    ("refused although one could be ended", [item("b", "preparing"), item("a", "waiting")], "refuse", [("end_wait", "a"), ("refuse", "b")]),
]


@pytest.mark.parametrize(("running", "if_running", "steps"), [case[1:] for case in DECISIONS], ids=[case[0] for case in DECISIONS])
def test_action_by_running_deployments_and_if_running(
    running: list[dict[str, Any]], if_running: str, steps: list[tuple[str, str | None]]
) -> None:
    assert deployment.decide(running, if_running, {"task_definition": NEW}) == steps


def test_what_is_done_is_not_done_again_unless_something_else_is_in_flight() -> None:
    done = item("z", "succeeded", NEW)
    assert deployment.decide([], "wait", {"task_definition": NEW}, done) == [("adopt", "z")]
    assert deployment.decide([item("a", "preparing")], "wait", {"task_definition": NEW}, done) == [("follow", "a"), START]


def test_what_this_request_has_started_is_never_started_again() -> None:
    failed = item("z", "rolled_back", NEW)
    assert deployment.decide([item("a", "preparing")], "refuse", {"task_definition": NEW}, failed, own=True) == [("adopt", "z")]


def test_force_deploys_what_is_live_once_more() -> None:
    forced, live, early = {"task_definition": NEW, "force": True}, item("a", "waiting", NEW), item("a", "preparing", NEW)
    assert deployment.decide([live], "wait", forced) == [("end_wait", "a"), START]
    assert deployment.decide([live], "wait", forced, live, own=True) == [("adopt", "a")]
    assert deployment.decide([early], "wait", forced) == [("adopt", "a")]


@pytest.mark.parametrize("status", [*deployment.PHASES, *deployment.ENDED, "rolling_back"])
def test_arrived_and_lost_are_never_both(status: str) -> None:
    found = item("a", status)
    reached = [wait_for for wait_for in deployment.WAIT_FOR if deployment.arrived(found, wait_for)]
    assert not (reached and deployment.lost(found))
    assert reached == list(deployment.WAIT_FOR[: len(reached)])
    assert (status == "succeeded") == ("old_tasks_stopped" in reached)


TASKS = {"desired": 2, "running": 2, "pending": 0, "healthy": 2}
WEIGHTS = {GROUP.format("green"): 10, GROUP.format("blue"): 90}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (item("a", "preparing"), "preparing"),
        (item("a", "preparing", tasks={**TASKS, "healthy": None, "running": 1}), "preparing: 1 of 2 running"),
        (item("a", "shifting", tasks=TASKS, weights=WEIGHTS), "shifting: 10 % on the new tasks, 2 of 2 healthy"),
        (item("a", "ready", tasks=TASKS, weights=WEIGHTS), "ready: 2 of 2 healthy"),
        (item("a", "failed", tasks=TASKS, status_reason="TIMEOUT: too long"), "failed: TIMEOUT: too long"),
        (item("a", "succeeded", tasks=TASKS), "succeeded"),
    ],
)
def test_progress_line_by_state(found: dict[str, Any], said: str) -> None:
    assert deployment.progress(found) == said


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ((100, 0), "live now: web:2 behind green 100 %"),
        ((0, 100), "live now: web:1 behind blue 100 %"),
        ((10, 90), "live now: green 10 %, blue 90 %"),
        ((0, 0), "what is live now cannot be told"),
    ],
)
def test_live_now(weights: tuple[int, int], said: str) -> None:
    both = dict(zip((GROUP.format("green"), GROUP.format("blue")), weights, strict=True))
    assert deployment.live_now(item("a", "failed", NEW, previous_task_definition=OLD, weights=both)) == said
