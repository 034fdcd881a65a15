"""Conditions of stages, automatic retries and rollbacks, and events of an emulated pipeline."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import process
from tests.support import roles
from tests.support.emulated import Emulated
from tests.support.pipelining import NAME, Pipelining, approval, prepare


@pytest.fixture
def stage(emulated: Emulated) -> Pipelining:
    return prepare(emulated)


def rule(provider: str, name: str = "Check", **configuration: str) -> dict[str, Any]:
    return {
        "name": name,
        "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"},
        "configuration": configuration,
    }


def check(value: str = "source.zip", operator: str = "EQ") -> dict[str, Any]:
    return rule("VariableCheck", Variable="#{Source.ObjectKey}", Value=value, Operator=operator)


def condition(result: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"conditions": [{"result": result, "rules": list(rules)}]}


def ask(name: str = "Approve", **members: Any) -> dict[str, Any]:
    return {"name": name, "actions": [approval()], **members}


@pytest.mark.parametrize(
    ("rules", "result", "expected"),
    [
        ([check()], "FAIL", "InProgress"),
        ([check("other", "NE")], "FAIL", "InProgress"),
        ([check("source", "CONTAINS")], "FAIL", "InProgress"),
        ([check("s.*p", "MATCHES")], "FAIL", "InProgress"),
        ([check("other")], "FAIL", "Failed"),
        ([check(), {**check("other"), "name": "Two"}], "FAIL", "Failed"),
        ([check("other")], "SKIP", "Skipped"),
    ],
)
def test_before_entry(stage: Pipelining, rules: list[dict[str, Any]], result: str, expected: str) -> None:
    first = stage.create(ask(beforeEntry=condition(result, *rules)), ask("After"))
    stage.advance()
    stage.advance()
    assert stage.now("Approve") == (first, expected)
    assert stage.status(first) == ("Failed" if expected == "Failed" else "InProgress")
    met = expected == "InProgress"
    found = stage.stage("Approve")["beforeEntryConditionState"]
    assert found["latestExecution"]["status"] == ("Succeeded" if met else "Failed")
    assert len(found["conditionStates"][0]["ruleStates"]) == len(rules)
    executions = stage.api.list_rule_executions(pipelineName=NAME, filter={"pipelineExecutionId": first})["ruleExecutionDetails"]
    assert len(executions) == len(rules) and executions[0]["input"]["resolvedConfiguration"]["Variable"] == "source.zip"
    if expected == "Skipped":
        assert stage.now("After") == (first, "InProgress")


def override(stage: Pipelining, execution: str, kind: str = "BEFORE_ENTRY") -> tuple[str, str]:
    members = {"pipelineName": NAME, "stageName": "Approve", "pipelineExecutionId": execution, "conditionType": kind}
    return stage.emulated.refused("codepipeline", "override_stage_condition", **members)


def test_a_condition_is_overridden(stage: Pipelining) -> None:
    first = stage.create(ask(beforeEntry=condition("FAIL", check("other")), onSuccess=condition("FAIL", check("other"))))
    stage.advance()
    assert override(stage, first, "ON_SUCCESS")[0] == "ConditionNotOverridableException"
    assert override(stage, first) == ("", "")
    stage.advance()
    assert stage.now("Approve") == (first, "InProgress")
    assert stage.stage("Approve")["beforeEntryConditionState"]["latestExecution"]["status"] == "Overridden"
    stage.answer()
    stage.advance()
    assert stage.now("Approve") == (first, "Failed") and stage.status(first) == "Failed"
    assert override(stage, first, "ON_SUCCESS") == ("", "")
    stage.advance()
    assert stage.status(first) == "Succeeded"


def test_a_condition_that_skips_is_not_overridden(stage: Pipelining) -> None:
    first = stage.create(ask(beforeEntry=condition("SKIP", check("other"))))
    stage.advance()
    assert override(stage, first)[0] == "ConditionNotOverridableException"


def test_an_automatic_retry_is_one(stage: Pipelining) -> None:
    first = stage.create(ask(onFailure={"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}}))
    stage.advance()
    stage.answer("Rejected")
    stage.advance()
    assert stage.now("Approve") == (first, "InProgress")
    assert stage.stage("Approve")["retryStageMetadata"] == {"autoStageRetryAttempt": 1, "latestRetryTrigger": "AutomatedStageRetry"}
    stage.answer("Rejected")
    stage.advance()
    assert stage.status(first) == "Failed" and len(stage.runs()) == 3


def test_rollback_by_hand(stage: Pipelining) -> None:
    first = stage.create()
    stage.advance()
    stage.answer()
    stage.advance()
    second = stage.start()
    stage.advance()
    stage.answer("Rejected")
    stage.advance()
    rolled = stage.api.rollback_stage(pipelineName=NAME, stageName="Approve", targetPipelineExecutionId=first)["pipelineExecutionId"]
    stage.advance()
    assert stage.now("Approve") == (rolled, "InProgress") and stage.stage("Approve")["latestExecution"]["type"] == "ROLLBACK"
    stage.answer()
    stage.advance()
    found = stage.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=rolled)["pipelineExecution"]
    assert (found["status"], found["executionType"], found["trigger"]["triggerType"]) == ("Succeeded", "ROLLBACK", "ManualRollback")
    assert found["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": first} and found["artifactRevisions"]
    assert [each["actionName"] for each in stage.runs(rolled)] == ["Approve"]
    for target, name, code in (
        (second, "Approve", "UnableToRollbackStageException"),
        (rolled, "Approve", "UnableToRollbackStageException"),
        (first, "Source", "UnableToRollbackStageException"),
    ):
        members = {"pipelineName": NAME, "stageName": name, "targetPipelineExecutionId": target}
        assert stage.emulated.refused("codepipeline", "rollback_stage", **members)[0] == code
    stage.api.update_pipeline(pipeline=stage.declaration())
    members = {"pipelineName": NAME, "stageName": "Approve", "targetPipelineExecutionId": first}
    assert stage.emulated.refused("codepipeline", "rollback_stage", **members)[0] == "PipelineExecutionOutdatedException"


@pytest.mark.parametrize("members", [{"onFailure": {"result": "ROLLBACK"}}, {"onFailure": condition("ROLLBACK", check("other"))}])
def test_rollback_by_itself(stage: Pipelining, members: dict[str, Any]) -> None:
    first = stage.create(ask(**members))
    stage.advance()
    stage.answer()
    stage.advance()
    second = stage.start()
    stage.advance()
    stage.answer("Rejected")
    stage.advance()
    assert stage.status(second) == "Failed"
    rolled = stage.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=stage.latest())["pipelineExecution"]
    assert rolled["trigger"] == {"triggerType": "AutomatedRollback", "triggerDetail": second}
    assert rolled["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": first}
    assert stage.now("Approve") == (rolled["pipelineExecutionId"], "InProgress")


def test_an_alarm(stage: Pipelining) -> None:
    cloudwatch = stage.emulated.client("cloudwatch")
    about = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0}
    cloudwatch.put_metric_alarm(AlarmName="errors", ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore", **about)
    entry = condition("FAIL", rule("CloudWatchAlarm", AlarmName="errors"))
    first = stage.create(ask(beforeEntry=entry))
    stage.advance()
    error = stage.stage("Approve")["beforeEntryConditionState"]["conditionStates"][0]["ruleStates"][0]["latestExecution"]["errorDetails"]
    assert error["code"] == "PermissionError" and "cloudwatch:DescribeAlarms" in error["message"]
    roles.put(stage.emulated, "codepipeline", "cloudwatch:DescribeAlarms", name="alarms")
    retry = {"pipelineName": NAME, "stageName": "Approve", "pipelineExecutionId": first, "retryMode": "ALL_ACTIONS"}
    stage.api.retry_stage_execution(**retry)
    stage.advance()
    assert stage.now("Approve") == (first, "InProgress")
    stage.answer("Rejected")
    stage.advance()
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="x")
    second = stage.start()
    stage.advance()
    assert stage.now("Approve") == (second, "Failed")


def events(stage: Pipelining, kind: str) -> list[str]:
    found = process.control(stage.emulated.state, "codepipeline-events", pipeline=NAME)
    return [each["detail"]["state"] for each in found if each["detail-type"].startswith(f"CodePipeline {kind}")]


def test_events(stage: Pipelining) -> None:
    first = stage.create()
    stage.advance()
    stage.answer("Rejected")
    stage.advance()
    stage.api.retry_stage_execution(pipelineName=NAME, stageName="Approve", pipelineExecutionId=first, retryMode="FAILED_ACTIONS")
    stage.advance()
    stage.answer()
    stage.advance()
    assert events(stage, "Pipeline") == ["STARTED", "FAILED", "RESUMED", "SUCCEEDED"]
    assert events(stage, "Stage") == ["STARTED", "SUCCEEDED", "STARTED", "FAILED", "RESUMED", "SUCCEEDED"]
    assert events(stage, "Action") == ["STARTED", "SUCCEEDED", "STARTED", "FAILED", "STARTED", "SUCCEEDED"]


def test_events_reach_a_topic_that_admits_them(stage: Pipelining) -> None:
    emulated = stage.emulated
    topic = emulated.client("sns").create_topic(Name="pipelines")["TopicArn"]
    queue = emulated.client("sqs").create_queue(QueueName="seen")["QueueUrl"]
    emulated.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-1:123456789012:seen")
    pattern = {
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Pipeline Execution State Change"],
        "detail": {"state": ["STARTED"]},
    }
    rule_arn = emulated.client("events").put_rule(Name="pipelines", EventPattern=json.dumps(pattern))["RuleArn"]
    template = {"InputPathsMap": {"name": "$.detail.pipeline"}, "InputTemplate": '"Pipeline <name> began"'}
    emulated.client("events").put_targets(Rule="pipelines", Targets=[{"Id": "1", "Arn": topic, "InputTransformer": template}])

    def seen() -> list[str]:
        found = emulated.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"])["Message"] for each in found]

    stage.create()
    assert seen() == []
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulated.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    stage.start()
    assert set(seen()) == {f'"Pipeline {NAME} began"'}
