"""What is told of an execution, out of AWS's answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import commit, cost, execution, executions, follow

ONE, OTHER = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
BEGIN = datetime(2026, 11, 30, 12, tzinfo=UTC)
NOW = BEGIN + timedelta(seconds=600)
VARIABLES = {
    "CommitId": "6d1f8a2c0b4e",
    "CommitMessage": "Totals\n\nlong",
    "AuthorDisplayName": "Ada",
    "FullRepositoryName": "acme/shop",
    "BranchName": "main",
}


def type_id(category: str, provider: str) -> dict[str, str]:
    return {"category": category, "owner": "AWS", "provider": provider, "version": "1"}


STAGES: list[dict[str, Any]] = [
    {"name": "Source", "actions": [{"name": "Source", "actionTypeId": type_id("Source", "CodeStarSourceConnection")}]},
    {"name": "Build", "actions": [{"name": "Build", "actionTypeId": type_id("Build", "CodeBuild")}]},
    {"name": "Deploy", "actions": [{"name": "Approve", "actionTypeId": type_id("Approval", "Manual")}]},
]


def ran(name: str, status: str, start: int, seconds: int, **result: Any) -> dict[str, Any]:
    """An attempt of the action of that stage, begun `start` seconds after the execution."""
    action = next(stage["actions"][0] for stage in STAGES if stage["name"] == name)
    begun = BEGIN + timedelta(seconds=start)
    return {
        "pipelineExecutionId": ONE,
        "stageName": name,
        "actionName": action["name"],
        "status": status,
        "startTime": begun,
        "lastUpdateTime": begun + timedelta(seconds=seconds),
        "pipelineVersion": 4,
        "input": {"actionTypeId": action["actionTypeId"]},
        "output": {"executionResult": result, "outputVariables": VARIABLES if name == "Source" else {}},
    }


def state(**stages: Any) -> dict[str, Any]:
    return {"pipelineName": "shop", "stageStates": [{"stageName": name, **stages.get(name, {})} for name in ("Source", "Build", "Deploy")]}


def latest(identity: str, status: str, **more: Any) -> dict[str, Any]:
    return {"latestExecution": {"pipelineExecutionId": identity, "status": status}, **more}


def shaped(actions: list[dict[str, Any]], known: dict[str, Any], status: str = "InProgress", **about: Any) -> execution.Execution:
    return execution.shape({"pipelineExecutionId": ONE, "status": status, **about}, actions, known, STAGES, NOW, "eu-west-1")


def test_a_running_execution() -> None:
    actions = [ran("Build", "InProgress", 20, 0), ran("Build", "Failed", 10, 5), ran("Source", "Succeeded", 0, 8)]
    found = shaped(
        actions, state(Source=latest(OTHER, "InProgress"), Build=latest(ONE, "InProgress")), trigger={"triggerType": "WebhookV2"}
    )
    assert [(stage["name"], stage["status"]) for stage in found["stages"]] == [
        ("Source", "Succeeded"),
        ("Build", "InProgress"),
        ("Deploy", "NotStarted"),
    ]
    build = found["stages"][1]["actions"][0]
    assert (build["status"], build["seconds"], build["attempts"]) == ("InProgress", 580.0, 2)
    assert found["seconds"] == 600.0 and found["pipeline_version"] == 4 and found["trigger"] == {"type": "WebhookV2", "detail": ""}
    assert found["commit"] == {
        "id": "6d1f8a2c0b4e",
        "message": "Totals",
        "author": "Ada",
        "url": "",
        "branch": "main",
        "repository": "acme/shop",
    }


@pytest.mark.parametrize(
    ("known", "actions", "status", "said"),
    [
        ({}, [], "InProgress", "NotStarted"),
        (latest(ONE, "Skipped"), [], "Succeeded", "Skipped"),
        (
            latest(OTHER, "InProgress", inboundExecutions=[{"pipelineExecutionId": ONE, "status": "InProgress"}]),
            [],
            "InProgress",
            "Waiting",
        ),
        (latest(OTHER, "InProgress", inboundExecution={"pipelineExecutionId": ONE, "status": "InProgress"}), [], "InProgress", "Waiting"),
        (latest(OTHER, "Succeeded"), [ran("Build", "Failed", 0, 5)], "Failed", "Failed"),
        (latest(OTHER, "Succeeded"), [ran("Build", "Abandoned", 0, 5)], "Stopped", "Stopped"),
        (latest(OTHER, "Succeeded"), [ran("Build", "Succeeded", 0, 5)], "Succeeded", "Succeeded"),
    ],
)
def test_the_status_of_a_stage(known: dict[str, Any], actions: list[dict[str, Any]], status: str, said: str) -> None:
    assert shaped(actions, state(Build=known), status)["stages"][1]["status"] == said


def test_an_approval_waits_only_with_a_token_and_for_its_own_execution() -> None:
    waiting = {
        "actionName": "Approve",
        "latestExecution": {"status": "InProgress", "token": "t", "lastStatusChange": NOW, "summary": "Look"},
    }
    known = state(Deploy=latest(ONE, "InProgress", actionStates=[waiting]))
    found = shaped([], known)["approval"]
    assert found == {"stage": "Deploy", "action": "Approve", "since": NOW.isoformat(), "message": "Look", "url": ""}
    assert execution.approvals(state(Deploy=latest(OTHER, "InProgress", actionStates=[waiting])), ONE) == []
    del waiting["latestExecution"]["token"]  # type: ignore[attr-defined]
    assert execution.approvals(known, ONE) == []


def test_lines_come_once_and_say_what_waits() -> None:
    first = shaped(
        [ran("Source", "Succeeded", 0, 8)], state(Build=latest(OTHER, "InProgress", inboundExecutions=[{"pipelineExecutionId": ONE}]))
    )
    known = state(Build=latest(OTHER, "InProgress"))
    assert follow.lines(first, known) == [
        "6d1f8a2c0b4e Totals by Ada",
        "Source: Source succeeded, 8 s",
        "Build: waits for execution 22222222, which is in it",
    ]
    error = {"code": "JobFailed", "message": "Build terminated"}
    failed = shaped([ran("Build", "Failed", 10, 42, errorDetails=error), ran("Build", "Failed", 5, 1)], state(), "Failed")
    assert follow.lines(failed, state()) == ["Build: Build failed, 42 s (attempt 2): Build terminated"]
    disabled = {
        "inboundTransitionState": {"enabled": False, "disabledReason": "Holidays"},
        "inboundExecutions": [{"pipelineExecutionId": ONE}],
    }
    held = state(Build=disabled)
    assert follow.lines(shaped([], held), held) == ["Build: waits for its transition, which is disabled: Holidays"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("Superseded", "was superseded by a later one"),
        ("Cancelled", "structure of the pipeline was changed"),
        ("Stopped", "was stopped: why"),
    ],
)
def test_what_is_no_error_is_said(status: str, said: str) -> None:
    assert said in follow.told(shaped([], state(), status), "why")
    assert follow.told(shaped([], state(), "Succeeded")) == ""


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ({"revisionId": "a1", "revisionSummary": '{"ProviderType": "GitHub", "CommitMessage": "Totals\\nlong"}'}, ("a1", "Totals", "")),
        ({"revisionId": "a1", "revisionSummary": "Amazon S3 version id: a1", "revisionUrl": "u"}, ("a1", "Amazon S3 version id: a1", "u")),
        ({"revisionId": "a1", "revisionSummary": "[1, 2"}, ("a1", "[1, 2", "")),
    ],
)
def test_the_commit_of_a_revision(revision: dict[str, str], said: tuple[str, str, str]) -> None:
    found = commit.of([], [revision])
    assert found and (found["id"], found["message"], found["url"]) == said
    assert commit.of([], []) is None


def test_the_median_is_of_the_last_ten_successes() -> None:
    every = [ran("Build", "Failed", 0, 999), *(ran("Build", "Succeeded", 0, seconds) for seconds in [10] * 5 + [20] * 5 + [500] * 9)]
    assert executions.medians(every, NOW) == {("Build", "Build"): 15.0}


def charged(name: str, category: str, seconds: float, size: str = "", built: float = 0.0, kind: str = "LINUX_CONTAINER") -> cost.Charged:
    machine = {"environment_type": kind if size else "", "compute_type": size, "build_seconds": built}
    return cost.Charged(name=name, category=category, seconds=seconds, **machine)  # type: ignore[typeddict-item]


def test_what_an_execution_costs() -> None:
    """Source 1, Build 4, Migrate 2, Deploy 8, Record 1 minutes; an approval of days is free."""
    small, medium = "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM"
    attempts = [
        charged("Source", "Source", 3),
        charged("Build", "Build", 235, medium, 228),
        charged("Migrate", "Compute", 61, small, 61),
        charged("Approve", "Approval", 200_000),
        charged("Deploy", "Deploy", 480),
        charged("Record", "Compute", 59, small, 59),
    ]
    found = cost.of_execution(attempts)
    assert (found["action_minutes"], found["action_usd"]) == (16, 0.032)
    assert (found["build_minutes"], found["build_usd"], found["total_usd"]) == (7, 0.055, 0.087)
    assert cost.of_execution(attempts, "V1")["action_usd"] == 0.0
    unknown = cost.of_execution([charged("Build", "Build", 60, "BUILD_GENERAL1_2XLARGE", 60)])
    assert unknown["unknown"] == ["Build: LINUX_CONTAINER BUILD_GENERAL1_2XLARGE"] and unknown["total_usd"] == 0.002
