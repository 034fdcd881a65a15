"""What codepipeline compares and writes."""

from __future__ import annotations

import copy
import json
from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import pipeline, structure
from ansible_collections.railyard.fargate.plugins.module_utils._core import shape
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

from .structures import REGION, action, declared, given, options

CLIENT = boto3.client("codepipeline", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
OWN = {"arn": "arn:aws:codepipeline:eu-west-1:123456789012:shop-production", "version": 3, "tags": {}}


def read_back(wanted: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What AWS answers for it, in our shape: with what it adds."""
    model = shape.input_shape(CLIENT, "CreatePipeline", "pipeline")
    sent = shape.aws(model, declared(wanted))
    for stage in sent["stages"]:
        for one in stage["actions"]:
            one.setdefault("configuration", {})
            one.setdefault("inputArtifacts", [])
            one.setdefault("outputArtifacts", [])
            one["region"] = REGION
    return {**structure.normal(shape.ours(model, {**sent, "version": 3, **more}), REGION), **OWN}


def plan(wanted: dict[str, Any], live: dict[str, Any] | None) -> Any:
    return pipeline.make_plan(CLIENT, {**options(wanted), "purge_tags": True}, live)


def test_what_aws_adds_is_no_difference() -> None:
    found = plan(given(), read_back(given()))
    assert found.steps == () and found.notes == {"difference": {}}


def test_order_and_writing_of_json_are_no_difference() -> None:
    wanted, other = given(), given()
    variables = [{"name": "A", "value": "1"}]
    action(wanted, "Build")["configuration"]["EnvironmentVariables"] = variables
    spelled = json.dumps([{"value": "1", "type": "PLAINTEXT", "name": "A"}])
    action(other, "Build")["configuration"]["EnvironmentVariables"] = spelled
    other["variables"] = [{"name": "B"}, *other["variables"]]
    wanted["variables"] = [*wanted["variables"], {"name": "B"}]
    assert not plan(wanted, read_back(other)).changed
    action(other, "Build")["configuration"]["EnvironmentVariables"] = spelled.replace('"1"', '"2"')
    assert list(plan(wanted, read_back(other)).notes["difference"]) == ["stages.Build.actions.Build.configuration.EnvironmentVariables"]


def test_a_pipeline_without_triggers_has_those_of_aws() -> None:
    wanted = {**given(), "triggers": None}
    push = [{"branches": {"includes": ["main"]}}]
    added = [{"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "Source", "push": push}}]
    assert not plan(wanted, read_back(wanted, triggers=added)).changed
    other = copy.deepcopy(added)
    other[0]["gitConfiguration"]["push"][0]["branches"]["includes"] = ["release"]  # type: ignore[index]
    assert list(plan(wanted, read_back(wanted, triggers=other)).notes["difference"]) == ["triggers"]
    assert list(plan(given(), read_back(wanted)).notes["difference"]) == ["triggers"]


def test_a_change_is_written_whole_and_shown_by_its_path() -> None:
    wanted = given()
    action(wanted, "Build")["configuration"]["ProjectName"] = "other"
    found = plan({**wanted, "tags": {"team": "checkout"}}, read_back(given()))
    assert found.notes["difference"] == {
        "stages.Build.actions.Build.configuration.ProjectName": {"before": "shop-build", "after": "other"},
    }
    assert [step.operation for step in found.steps] == ["UpdatePipeline", "TagResource"]
    sent = found.steps[0].params["pipeline"]
    assert [stage["name"] for stage in sent["stages"]] == ["Source", "Build", "Migrate", "Approve", "Deploy"]
    assert "version" not in sent and sent["stages"][2]["actions"][0]["commands"] == ["python3 railyard.pyz migrate"]
    assert sent["stages"][0]["actions"][0]["configuration"]["DetectChanges"] == "false"
    assert pipeline.changes_structure(found)


def test_tags_alone_write_no_structure() -> None:
    found = plan({**given(), "tags": {"team": "checkout"}}, read_back(given()))
    assert [step.operation for step in found.steps] == ["TagResource"] and not pipeline.changes_structure(found)


def test_creation_and_deletion() -> None:
    made = plan({**given(), "tags": {"team": "checkout"}}, None)
    (step,) = made.steps
    assert (step.operation, step.already) == ("CreatePipeline", ("PipelineNameInUseException",))
    assert step.params["tags"] == [{"key": "team", "value": "checkout"}] and "tags" not in step.params["pipeline"]
    assert made.after.items() <= {**read_back(given()), "tags": {"team": "checkout"}}.items()
    gone = plan({**given(), "state": "absent"}, read_back(given()))
    assert [step.operation for step in gone.steps] == ["DeletePipeline"] and not pipeline.changes_structure(gone)


def test_all_problems_at_once() -> None:
    wanted = given()
    action(wanted, "Build")["inputs"] = ["none"]
    action(wanted, "Approve")["timeout_minutes"] = 1
    with pytest.raises(RailyardError) as caught:
        plan(wanted, None)
    assert len(caught.value.details["problems"]) == 2 and caught.value.message.count("pipeline shop-production: ") == 2


class Executions:
    """A client that tells these statuses, one list for each call."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    def list_pipeline_executions(self, **_params: Any) -> dict[str, Any]:
        listed = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return {"pipelineExecutionSummaries": [{"pipelineExecutionId": f"{number}", "status": one} for number, one in enumerate(listed)]}

    def get_pipeline_state(self, **_params: Any) -> dict[str, Any]:
        return {"pipelineName": "shop", "stageStates": []}


class Ticking:
    """Time passes only by waiting for it."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.mark.parametrize(
    ("answers", "if_running", "said"),
    [
        ([["Succeeded"]], "refuse", ""),
        ([["InProgress"], ["Stopping"], ["Stopped"]], "wait", ""),
        ([["InProgress"]], "refuse", "execution 0 is under way, and a change of its structure would cancel that"),
        ([["InProgress", "InProgress"]], "wait", "2 executions are under way after"),
    ],
)
def test_executions_under_way(answers: list[list[str]], if_running: str, said: str) -> None:
    clock: Any = Ticking()
    if not said:
        pipeline.make_way(Executions(*answers), "shop", if_running, 60, clock)
        return
    with pytest.raises(RailyardError, match=said):
        pipeline.make_way(Executions(*answers), "shop", if_running, 60, clock)
