"""How an execution is followed: to its end, for as long as is said, and left when a person ends the run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import follow
from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.interruption import Interrupted

from .test_execution import NOW, ONE, STAGES, latest, ran, state

METADATA = {"HTTPHeaders": {"date": NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")}}


class Pipeline:
    """A client that tells these statuses of an execution, one for each look, and the last one for ever."""

    def __init__(self, *statuses: str, actions: list[dict[str, Any]] | None = None, known: dict[str, Any] | None = None) -> None:
        self.statuses, self.actions, self.known = list(statuses), actions or [], known or state()
        self.meta = SimpleNamespace(region_name="eu-west-1")

    def can_paginate(self, _name: str) -> bool:
        return False

    def get_pipeline(self, **_params: Any) -> dict[str, Any]:
        return {"pipeline": {"stages": STAGES}}

    def get_pipeline_state(self, **_params: Any) -> dict[str, Any]:
        return {**self.known, "ResponseMetadata": METADATA}

    def list_action_executions(self, **_params: Any) -> dict[str, Any]:
        return {"actionExecutionDetails": self.actions}

    def get_pipeline_execution(self, **_params: Any) -> dict[str, Any]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"pipelineExecution": {"pipelineExecutionId": ONE, "status": status}}


class Ticking:
    """Time passes only by waiting for it; after `ends` seconds a person ends the run."""

    def __init__(self, ends: float = 1e9) -> None:
        self.time, self.ends = 0.0, ends

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        if self.time > self.ends:
            raise Interrupted


def followed(client: Pipeline, time: Ticking | None = None, **how: Any) -> tuple[Any, list[str]]:
    said: list[str] = []
    clock = (time or Ticking()).clock()
    return follow.follow({"codepipeline": client}, "shop", ONE, follow.Following(said.append, clock=clock, **how)), said


def test_to_its_end() -> None:
    actions = [ran("Build", "Succeeded", 10, 42), ran("Source", "Succeeded", 0, 8)]
    found, said = followed(Pipeline("InProgress", "InProgress", "Succeeded", actions=actions))
    assert found["status"] == "Succeeded"
    assert [line.partition(" ")[2] for line in said] == [
        "6d1f8a2c0b4e Totals by Ada",
        "Source: Source succeeded, 8 s",
        "Build: Build succeeded, 42 s",
    ]


@pytest.mark.parametrize("status", ["Superseded", "Stopped", "Cancelled"])
def test_what_is_no_error(status: str) -> None:
    assert followed(Pipeline("InProgress", status))[0]["status"] == status


def test_as_long_as_is_said() -> None:
    waiting = {"actionName": "Approve", "latestExecution": {"status": "InProgress", "token": "t"}}
    client = Pipeline("InProgress", known=state(Deploy=latest(ONE, "InProgress", actionStates=[waiting])))
    with pytest.raises(
        RailyardError, match=r"goes on without us after \d+ s \(wait_timeout\); it waits for an approval in Deploy"
    ) as caught:
        followed(client, timeout=100)
    assert caught.value.details["execution"]["status"] == "InProgress"
    assert followed(client, wait_for="approval")[0]["approval"]["stage"] == "Deploy"


def test_a_person_who_ends_the_run_is_told_that_it_goes_on() -> None:
    with pytest.raises(Interrupted) as ended:
        followed(Pipeline("InProgress"), Ticking(ends=20))
    assert ended.value.message.startswith(f"execution {ONE} of shop goes on by itself: https://eu-west-1.console.aws.amazon.com/")


def test_a_long_wait_says_that_it_continues() -> None:
    _found, said = followed(Pipeline(*["InProgress"] * 20, "Succeeded", actions=[ran("Build", "InProgress", 10, 0)]))
    assert any(" still Build: Build, " in line for line in said)


def test_an_action_that_is_told_later_than_the_end_is_waited_for() -> None:
    """The status may be read after the end, and the actions before it."""

    class Torn(Pipeline):
        looks = 0

        def list_action_executions(self, **_params: Any) -> dict[str, Any]:
            self.looks += 1
            return {"actionExecutionDetails": [ran("Source", "InProgress" if self.looks < 4 else "Failed", 0, 3)]}

    client = Torn("Failed")
    with pytest.raises(RailyardError, match="stage Source, action Source failed"):
        followed(client)
    assert client.looks == 4


def test_a_failure_of_which_aws_tells_nothing_ends_as_well() -> None:
    with pytest.raises(RailyardError, match="AWS gives no reason"):
        followed(Pipeline("Failed"))
