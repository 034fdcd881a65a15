"""Sandboxes and paused builds: where a person works in what a build works in."""

from __future__ import annotations

import pytest

from tests.support import building, roles
from tests.support.building import Builds, spec
from tests.support.channels import Client
from tests.support.emulated import Emulated


@pytest.fixture
def builds(emulated: Emulated) -> Builds:
    building.project(emulated)
    return Builds(emulated)


def running(builds: Builds) -> str:
    sandbox = builds.emulated.client("codebuild").start_sandbox(projectName="shop", idempotencyToken="t")["sandbox"]
    builds.emulated.advance(60)
    return str(sandbox["id"])


def talk(url: str, token: str, command: str, answer: str) -> None:
    """Type a command into a session, and see its answer."""
    client = Client({"StreamUrl": url, "TokenValue": token})
    client.types(f"{command}\r")
    client.until(answer)
    client.close()


def test_a_sandbox_from_beginning_to_end(builds: Builds) -> None:
    client, refused = builds.emulated.client("codebuild"), builds.emulated.refused
    identity = running(builds)
    assert client.start_sandbox(projectName="shop", idempotencyToken="t")["sandbox"]["id"] == identity
    shown = client.batch_get_sandboxes(ids=[identity, "none"])
    assert shown["sandboxesNotFound"] == ["none"]
    assert shown["sandboxes"][0]["currentSession"]["currentPhase"] == "RUNNING_SANDBOX"
    assert client.list_sandboxes()["ids"] == client.list_sandboxes_for_project(projectName="shop")["ids"] == [identity]
    made = client.start_command_execution(sandboxId=identity, command="echo $CODEBUILD_BUILD_ID; exit 4")["commandExecution"]
    builds.emulated.advance(1)
    found = client.batch_get_command_executions(sandboxId=identity, commandExecutionIds=[made["id"]])["commandExecutions"][0]
    assert (found["status"], found["exitCode"], found["standardOutputContent"]) == ("FAILED", "4", f"{identity}\n")
    assert [each["id"] for each in client.list_command_executions_for_sandbox(sandboxId=identity)["commandExecutions"]] == [made["id"]]
    assert client.stop_sandbox(id=identity)["sandbox"]["status"] == "STOPPED"
    assert refused("codebuild", "start_command_execution", sandboxId=identity, command="true")[0] == "InvalidInputException"
    assert refused("codebuild", "stop_sandbox", id="none")[0] == "ResourceNotFoundException"
    assert refused("codebuild", "start_sandbox", projectName="none")[0] == "ResourceNotFoundException"


def test_a_session_with_a_sandbox_needs_the_channels(builds: Builds) -> None:
    client, identity = builds.emulated.client("codebuild"), running(builds)
    assert builds.emulated.refused("codebuild", "start_sandbox_connection", sandboxId=identity)[0] == "InvalidInputException"
    roles.put(builds.emulated, "build", roles.CHANNELS, name="channels")
    session = client.start_sandbox_connection(sandboxId=identity)["ssmSession"]
    talk(session["streamUrl"], session["tokenValue"], "echo $CODEBUILD_BUILD_ID | tr -d -", identity.replace("-", ""))


def test_a_paused_build_is_reached_and_goes_on(builds: Builds) -> None:
    roles.put(builds.emulated, "build", roles.CHANNELS, name="channels")
    ended = builds.run("echo before", "codebuild-breakpoint", "echo after", debugSessionEnabled=True)
    assert ended["currentPhase"] == "BUILD"
    target = ended["debugSession"]["sessionTarget"]
    assert target == f"codebuild:{ended['id'].partition(':')[2]}"
    session = builds.emulated.client("ssm").start_session(Target=target)
    assert "\nafter\n" not in builds.log(ended)
    talk(session["StreamUrl"], session["TokenValue"], "codebuild-resume; echo re''sumed", "resumed")
    builds.emulated.advance(60)
    assert "\nafter\n" in builds.log(ended)
    assert builds.shown(ended["id"])["buildStatus"] == "SUCCEEDED"
    assert builds.emulated.refused("ssm", "start_session", Target=target)[0] == "TargetNotConnected"
    assert builds.run(buildspecOverride=spec("codebuild-breakpoint", "true"))["buildStatus"] == "SUCCEEDED"
