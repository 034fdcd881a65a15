"""Why an execution failed, whatever AWS says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import cause

from .test_execution import ONE, OTHER, latest, ran, shaped, state


class Service:
    """A client whose operations answer what they are given; one without an answer refuses."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        def answer(**params: Any) -> Any:
            self.asked.append(params)
            return dict(self.answers[name])

        return answer


LINES = {"events": [{"message": "one\n"}, {"message": "\x1b[31mtwo\x1b[0m\n"}]}
STREAM = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/codepipeline/shop:log-stream:a"
BUILD = {
    "id": "shop:1",
    "arn": "arn:aws:codebuild:eu-west-1:123456789012:build/shop:1",
    "buildStatus": "FAILED",
    "startTime": datetime(2026, 11, 30, tzinfo=UTC),
    "phases": [{"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": "rake"}]}],
    "logs": {"groupName": "g", "streamName": "s"},
}


def told(action: dict[str, Any] | None, known: dict[str, Any] | None = None, **services: Service) -> cause.Cause:
    clients = {"logs": Service(get_log_events=LINES), "codebuild": Service(batch_get_builds={"builds": [BUILD]}), **services}
    found = cause.of(clients, shaped([action] if action else [], known or state(), "Failed"), known or state())
    assert found is not None
    return found


def test_a_build() -> None:
    error = {"code": "JobFailed", "message": "Build terminated with state: FAILED"}
    found = told(ran("Build", "Failed", 0, 9, errorDetails=error, externalExecutionId="shop:1"))
    assert found["sentence"] == (
        "stage Build, action Build failed: JobFailed: Build terminated with state: FAILED; BUILD: COMMAND_EXECUTION_ERROR: rake"
    )
    assert (found["phase"], found["lines"]) == ("BUILD", ["one", "two"])
    again = told(
        ran("Build", "Failed", 0, 9, errorDetails={**error, "message": "Phase: BUILD, Message: rake"}, externalExecutionId="shop:1")
    )
    assert again["sentence"] == "stage Build, action Build failed: JobFailed: Phase: BUILD, Message: rake"


def test_a_build_that_nobody_may_read() -> None:
    denied = Service()
    denied.answers["batch_get_builds"] = {}
    found = told(ran("Build", "Failed", 0, 9, externalExecutionId="shop:1"), codebuild=denied)
    assert found["sentence"] == "stage Build, action Build failed: AWS gives no reason" and found["lines"] == []


def test_commands_have_a_log_of_their_own() -> None:
    action = ran("Build", "Failed", 0, 9, errorDetails={"code": "JobFailed", "message": "exit 1"}, logStreamARN=STREAM)
    action["input"]["actionTypeId"]["provider"] = "Commands"
    logs = Service(get_log_events=LINES)
    stages = [{"name": "Build", "actions": [{"name": "Build", "actionTypeId": {"category": "Compute", "provider": "Commands"}}]}]
    found = cause.execution.shape(
        {"pipelineExecutionId": ONE, "status": "Failed"}, [action], state(), stages, action["startTime"], "eu-west-1"
    )
    why = cause.of({"logs": logs}, found, state())
    assert why and why["lines"] == ["one", "two"] and logs.asked[0]["logGroupName"] == "/aws/codepipeline/shop"
    assert why["url"].startswith("https://eu-west-1.console.aws.amazon.com/cloudwatch/")


def test_a_deployment() -> None:
    info = {"deploymentInfo": {"status": "Failed", "errorInformation": {"code": "TIMEOUT", "message": "no healthy task"}}}
    action = ran("Build", "Failed", 0, 9, errorDetails={"code": "JobFailed", "message": "Deployment d-1 failed"}, externalExecutionId="d-1")
    stages = [{"name": "Build", "actions": [{"name": "Build", "actionTypeId": {"category": "Deploy", "provider": "CodeDeployToECS"}}]}]
    found = cause.execution.shape(
        {"pipelineExecutionId": ONE, "status": "Failed"}, [action], state(), stages, action["startTime"], "eu-west-1"
    )
    why = cause.of({"codedeploy": Service(get_deployment=info)}, found, state())
    assert why and why["sentence"].endswith("Deployment d-1 failed; deployment d-1: TIMEOUT: no healthy task")


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (state(), "AWS gives no reason and no action has failed; 50 executions"),
        (
            state(
                Deploy=latest(
                    ONE,
                    "Failed",
                    beforeEntryConditionState={
                        "latestExecution": {"status": "Failed", "summary": "closed"},
                        "conditionStates": [
                            {"ruleStates": [{"ruleName": "Alarm", "latestExecution": {"status": "Failed", "summary": "in alarm"}}]}
                        ],
                    },
                )
            ),
            "stage Deploy: condition before_entry failed: closed (Alarm: in alarm)",
        ),
        (
            state(Deploy=latest(OTHER, "Failed", beforeEntryConditionState={"latestExecution": {"status": "Failed", "summary": "closed"}})),
            "AWS gives no reason",
        ),
    ],
)
def test_without_an_action_that_failed(known: dict[str, Any], said: str) -> None:
    found = told(None, known)
    assert said in found["sentence"] and found["lines"] == []


def test_what_has_not_failed_has_no_cause() -> None:
    assert cause.of({}, shaped([], state(), "Succeeded"), state()) is None
