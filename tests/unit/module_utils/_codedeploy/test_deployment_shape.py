"""CodeDeploy's deployments in our words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codedeploy import appspec
from ansible_collections.railyard.fargate.plugins.module_utils._codedeploy import deployment_shape as ours
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DEFINITION = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:7"
GOES_BACK = {"autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}, "completeTime": NOW - timedelta(seconds=5)}
LATE = {**GOES_BACK, "completeTime": NOW - timedelta(minutes=5)}
STATUSES: list[tuple[str, dict[str, Any], dict[str, str], str | None, bool, str]] = [
    ("created", {"status": "Created"}, {}, None, False, "preparing"),
    ("installing", {"status": "InProgress"}, {"Install": "InProgress"}, None, False, "preparing"),
    ("test traffic", {"status": "InProgress"}, {"AllowTestTraffic": "Succeeded", "AllowTraffic": "Pending"}, None, False, "preparing"),
    ("waits for a person", {"status": "Ready"}, {"AllowTestTraffic": "Succeeded"}, None, False, "ready"),
    ("shifting", {"status": "InProgress"}, {"AllowTraffic": "InProgress"}, None, False, "shifting"),
    ("shifted, a hook looks", {"status": "InProgress"}, {"AllowTraffic": "Succeeded"}, None, False, "shifting"),
    ("keeps the old", {"status": "InProgress", "instanceTerminationWaitTimeStarted": True}, {}, None, False, "waiting"),
    (
        "keeps the old, no flag",
        {"status": "InProgress"},
        {"AllowTraffic": "Succeeded", "AfterAllowTraffic": "Succeeded"},
        None,
        False,
        "waiting",
    ),
    ("keeps the old as Ready", {"status": "Ready"}, {"AllowTraffic": "Succeeded", "AfterAllowTraffic": "Skipped"}, None, False, "waiting"),
    (
        "a hook looks after it",
        {"status": "InProgress"},
        {"AllowTraffic": "Succeeded", "AfterAllowTraffic": "InProgress"},
        None,
        False,
        "shifting",
    ),
    ("succeeded", {"status": "Succeeded", "instanceTerminationWaitTimeStarted": True}, {}, None, False, "succeeded"),
    ("is a rollback", {"status": "InProgress", "creator": "codeDeployRollback"}, {}, None, False, "rolling_back"),
    ("was a rollback", {"status": "Succeeded", "creator": "codeDeployRollback"}, {}, None, False, "rolled_back"),
    ("failed", {"status": "Failed"}, {}, None, False, "failed"),
    ("stopped", {"status": "Stopped", "errorInformation": {"code": "MANUAL_STOP"}}, {}, None, False, "stopped"),
    ("stopped by an alarm", {"status": "Stopped", "errorInformation": {"code": "ALARM_ACTIVE"}}, {}, None, False, "failed"),
    ("nobody continued it", {"status": "Stopped", "errorInformation": {"code": "TIMEOUT"}}, {}, None, False, "failed"),
    ("goes back", {"status": "Failed"}, {}, "InProgress", False, "rolling_back"),
    ("went back", {"status": "Stopped"}, {}, "Succeeded", False, "rolled_back"),
    ("could not go back", {"status": "Failed"}, {}, "Failed", False, "failed"),
    ("superseded", {"status": "Stopped"}, {}, "Succeeded", True, "superseded"),
    ("superseded, and still going back", {"status": "Stopped"}, {}, "Created", True, "rolling_back"),
    ("will go back in a moment", {"status": "Failed", **GOES_BACK}, {}, None, False, "rolling_back"),
    ("should have gone back by now", {"status": "Failed", **LATE}, {}, None, False, "failed"),
    ("a rollback that failed", {"status": "Failed", **GOES_BACK, "creator": "codeDeployRollback"}, {}, None, False, "failed"),
]


@pytest.mark.parametrize(("info", "events", "rollback", "superseded", "word"), [c[1:] for c in STATUSES], ids=[c[0] for c in STATUSES])
def test_status(info: dict[str, Any], events: dict[str, str], rollback: str | None, superseded: bool, word: str) -> None:
    assert ours.status(info, events, {"status": rollback} if rollback else None, superseded, NOW) == word


@pytest.mark.parametrize("raw", ["InProgress", "Ready"])
def test_a_target_that_has_succeeded_says_that_only_the_old_tasks_are_kept(raw: str) -> None:
    assert ours.status({"status": raw}, {}, None, False, NOW, "Succeeded") == "waiting"
    assert ours.status({"status": raw, "creator": "codeDeployRollback"}, {}, None, False, NOW, "Succeeded") == "rolling_back"
    assert ours.status({"status": "Failed"}, {}, None, False, NOW, "Succeeded") == "failed"


def test_the_reason_tells_what_failed_and_that_the_rollback_failed_too() -> None:
    error = {"errorInformation": {"code": "HOOK_EXECUTION_FAILURE", "message": "a hook failed"}}
    rollback = {"status": "Failed", "deploymentId": "d-2", "errorInformation": {"message": "no permission"}}
    assert ours.reason(error, None, None) == "HOOK_EXECUTION_FAILURE: a hook failed"
    assert ours.reason({}, "Install: too slow", None) == "Install: too slow"
    assert str(ours.reason(error, None, rollback)).endswith("its rollback d-2 has failed: no permission")
    assert ours.reason({}, None, None) is None


@pytest.mark.parametrize(
    ("actions", "weights"),
    [
        ([{"type": "forward", "target_group_arn": "blue"}], {"green": 0, "blue": 100}),
        (
            [{"type": "forward", "forward_config": {"target_groups": [{"target_group_arn": "green", "weight": 1}]}}],
            {"green": 100, "blue": 0},
        ),
        ([], {"green": 0, "blue": 0}),
    ],
)
def test_weights_begin_with_the_new_tasks(actions: list[dict[str, Any]], weights: dict[str, int]) -> None:
    found = ours.weights(actions, {"shop-blue": "blue", "shop-green": "green"}, "green")
    assert list(found.items()) == list(weights.items())


def test_the_appspec_names_what_is_to_change_and_nothing_else() -> None:
    wanted: dict[str, Any] = {"task_definition": DEFINITION, "container": "web", "port": 3000}
    (resource,) = json.loads(appspec.write(wanted))["Resources"]
    assert set(resource["TargetService"]["Properties"]) == {"TaskDefinition", "LoadBalancerInfo"}
    network = {"subnets": ["subnet-1"], "security_groups": ["sg-1"], "assign_public_ip": True}
    (resource,) = json.loads(appspec.write({**wanted, "network": network, "platform_version": "1.4.0"}))["Resources"]
    inner = resource["TargetService"]["Properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert inner == {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "ENABLED"}
    with pytest.raises(RailyardError, match="full ARN"):
        appspec.write({**wanted, "task_definition": "shop-web:7"})


@pytest.mark.parametrize("content", [appspec.write({"task_definition": DEFINITION, "container": "web", "port": 3000}), f"""
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "{DEFINITION}"
        LoadBalancerInfo:
          ContainerName: web
          ContainerPort: 3000
"""])  # fmt: skip
def test_an_appspec_is_read_in_both_languages(content: str) -> None:
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
    assert appspec.task_definition(revision) == DEFINITION and appspec.container(revision) == "web"
    assert appspec.task_definition({"revisionType": "S3", "s3Location": {"bucket": "b"}}) is None


def test_a_description_carries_its_marks_and_stays_short() -> None:
    said = appspec.description({"description": "x" * 300, "token": "abc", "supersedes": "d-1"})
    assert len(said) <= 256 and said.endswith("[token=abc supersedes=d-1]")
    info = {"description": said}
    assert appspec.marked(info, "token", "abc") and appspec.marked(info, "supersedes", "d-1")
    assert not appspec.marked(info, "token", "ab") and not appspec.marked(info, "token", None)
    assert not appspec.marked({"description": "token=abc"}, "token", "abc")
    assert appspec.description({}) == ""
