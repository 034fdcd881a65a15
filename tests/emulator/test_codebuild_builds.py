"""Builds: their phases in AWS's time, their commands really run, and how each can end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.process import EmulatorError
from tests.support import building, roles
from tests.support.building import GROUP, Builds, arn, cause, phases, spec
from tests.support.emulated import Emulated

DONE = [
    "SUBMITTED",
    "QUEUED",
    "PROVISIONING",
    "DOWNLOAD_SOURCE",
    "INSTALL",
    "PRE_BUILD",
    "BUILD",
    "POST_BUILD",
    "UPLOAD_ARTIFACTS",
    "FINALIZING",
]


@pytest.fixture
def builds(emulated: Emulated) -> Builds:
    building.project(emulated)
    return Builds(emulated)


def test_a_build_from_beginning_to_end(builds: Builds) -> None:
    client = builds.emulated.client("codebuild")
    started = client.start_build(projectName="shop", buildspecOverride=spec("A=1", 'echo "is $A"', post_build=['echo "still $A"']))["build"]
    assert started["id"].startswith("shop:")
    assert (started["arn"], started["buildNumber"], started["buildStatus"]) == (arn(f"build/{started['id']}"), 1, "IN_PROGRESS")
    assert (started["currentPhase"], started["buildComplete"]) == ("QUEUED", False)
    assert "groupName" not in started["logs"]
    builds.emulated.advance(60)
    ended = builds.shown(started["id"])
    assert list(phases(ended)) == DONE
    assert set(phases(ended).values()) == {"SUCCEEDED"}
    assert (ended["buildStatus"], ended["currentPhase"], ended["buildComplete"]) == ("SUCCEEDED", "COMPLETED", True)
    assert ended["endTime"] > ended["startTime"]
    assert (ended["logs"]["groupName"], ended["logs"]["streamName"]) == (GROUP, started["id"].partition(":")[2])
    said = builds.log(ended)
    assert "\nis 1\n" in said
    assert "\nstill 1\n" in said
    assert 'Running command echo "is $A"\n' in said
    assert "Phase complete: BUILD State: SUCCEEDED\n" in said


def test_a_failed_build_phase_is_followed_by_post_build_and_the_upload(builds: Builds) -> None:
    ended = builds.run(buildspecOverride=spec("echo one", "sh -c 'exit 3'", "echo never", post_build=["echo $CODEBUILD_BUILD_SUCCEEDING"]))
    assert ended["buildStatus"] == "FAILED"
    assert cause(ended) == "COMMAND_EXECUTION_ERROR: Error while executing command: sh -c 'exit 3'. Reason: exit status 3"
    assert phases(ended) == {**dict.fromkeys(DONE, "SUCCEEDED"), "BUILD": "FAILED"}
    said = builds.log(ended)
    assert "\n0\n" in said
    assert "\nnever\n" not in said
    assert "Command did not exit successfully sh -c 'exit 3' exit status 3\n" in said


def test_a_failure_before_the_build_ends_it(builds: Builds) -> None:
    ended = builds.run(buildspecOverride=spec("echo never", pre_build=["false"]))
    assert list(phases(ended)) == [*DONE[:6], "FINALIZING"]
    assert phases(ended)["PRE_BUILD"] == "FAILED"


@pytest.mark.parametrize(("how", "after"), [("ABORT", ["FINALIZING"]), ("CONTINUE", ["POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING"])])
def test_what_a_phase_does_on_failure(builds: Builds, how: str, after: list[str]) -> None:
    text = spec(install={"commands": ["true"]}).replace('"install"', '"build"').replace('"commands"', f'"on-failure": "{how}", "commands"')
    ended = builds.run(buildspecOverride=text.replace('"true"', '"false"'))
    assert list(phases(ended))[7:] == after
    assert ended["buildStatus"] == "FAILED"


def test_finally_is_run_in_any_case_and_a_retry_repeats_a_phase(builds: Builds) -> None:
    phase = {"commands": ["echo x >> $HOME/tries", "test $(wc -l < $HOME/tries) = 3"], "finally": ["echo cleaned"], "on-failure": "RETRY-2"}
    ended = builds.run(buildspecOverride=spec(install=phase))
    assert ended["buildStatus"] == "SUCCEEDED"
    assert builds.log(ended).count("\ncleaned\n") == 3
    phase["on-failure"] = "RETRY-1"
    assert builds.run(buildspecOverride=spec(install=phase))["buildStatus"] == "FAILED"


def test_a_shell_without_pipefail_and_with(builds: Builds) -> None:
    assert builds.run("false | cat")["buildStatus"] == "SUCCEEDED"
    text = spec("set -o pipefail; false | cat", env={"shell": "bash"})
    assert builds.run(buildspecOverride=text)["buildStatus"] == "FAILED"


def test_stopping_kills_what_runs(builds: Builds) -> None:
    identity = builds.start(buildspecOverride=spec("sleep 1000 & echo child $!; wait"))
    client = builds.emulated.client("codebuild")
    while "\nchild " not in (said := builds.log(shown) if (shown := builds.shown(identity))["currentPhase"] == "BUILD" else ""):
        pass
    child = Path("/proc", said.rpartition("\nchild ")[2].strip())
    assert (child / "cmdline").read_text()
    stopped = client.stop_build(id=identity)["build"]
    assert (stopped["buildStatus"], stopped["currentPhase"]) == ("STOPPED", "COMPLETED")
    assert phases(stopped)["BUILD"] == "STOPPED"
    assert client.stop_build(id=identity)["build"]["buildStatus"] == "STOPPED"
    for _ in range(200):
        builds.shown(identity)
    assert not child.exists() or not (child / "cmdline").read_text()
    builds.emulated.advance(10)


def test_a_role_that_may_not_log(builds: Builds) -> None:
    roles.strip(builds.emulated, "build")
    ended = builds.run("true")
    assert list(phases(ended)) == DONE[:3]
    assert "does not allow AWS CodeBuild to create Amazon CloudWatch Logs log groups for build arn:aws:codebuild" in cause(ended)
    assert "groupName" not in ended["logs"]


def test_a_role_that_is_gone(builds: Builds) -> None:
    builds.emulated.client("iam").delete_role_policy(RoleName="build", PolicyName="logs")
    builds.emulated.client("iam").delete_role(RoleName="build")
    assert "CodeBuild is not authorized to perform: sts:AssumeRole" in cause(builds.run("true"))


def test_time_goes_on_while_a_command_waits_for_aws(builds: Builds) -> None:
    """The clock is held for real work, but a program that asks AWS for something until it is there gets AWS's time."""
    roles.put(builds.emulated, "build", ["rds:CreateDBInstance", "rds:DescribeDBInstances"], name="waits")
    make = "aws rds create-db-instance --db-instance-identifier shop --engine postgres --db-instance-class db.t4g.micro"
    make += " --allocated-storage 20 --master-username shop --master-user-password not-so-secret > made"
    ask = "aws rds describe-db-instances --query 'DBInstances[0].DBInstanceStatus' --output text"
    text = spec(make, f"until [ $({ask}) = available ]; do sleep 0.1; done")
    ended = builds.run(buildspecOverride=text)
    while ended["buildStatus"] == "IN_PROGRESS":
        builds.emulated.advance(0)
        ended = builds.shown(ended["id"])
    assert ended["buildStatus"] == "SUCCEEDED", builds.log(ended)
    assert next(phase for phase in ended["phases"] if phase["phaseType"] == "BUILD")["durationInSeconds"] > 100


def test_an_image_that_cannot_be_pulled(builds: Builds) -> None:
    emulated, own = builds.emulated, "123456789012.dkr.ecr.eu-west-1.amazonaws.com/builder:1"
    words = "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: Unable to pull customer's container image. CannotPullContainerError"
    assert cause(builds.run("true", imageOverride="aws/codebuild/standard:99.0")).startswith(words)
    emulated.client("ecr").create_repository(repositoryName="builder")
    role = {"imageOverride": own, "imagePullCredentialsTypeOverride": "SERVICE_ROLE"}
    assert "pull access denied" in cause(builds.run("true", **role))
    pull = ["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    roles.put(emulated, "build", pull, name="pull")
    assert "Requested image not found" in cause(builds.run("true", **role))
    emulated.client("ecr").put_image(repositoryName="builder", imageTag="1", imageManifest='{"schemaVersion": 2}')
    assert builds.run("true", **role)["buildStatus"] == "SUCCEEDED"
    assert "pull access denied" in cause(builds.run("true", imageOverride=own))
    statement = {"Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": pull[1:]}
    emulated.client("ecr").set_repository_policy(repositoryName="builder", policyText=json.dumps({"Statement": [statement]}))
    assert builds.run("true", imageOverride=own)["buildStatus"] == "SUCCEEDED"


def test_an_emulator_in_which_a_build_runs_has_no_copy(builds: Builds, tmp_path: Path) -> None:
    identity = builds.start(buildspecOverride=spec("sleep 1000"))
    while builds.shown(identity)["currentPhase"] != "BUILD":
        pass
    with pytest.raises(EmulatorError, match="a copy would have none"):
        builds.emulated.fork(tmp_path / "copy.json")
    builds.emulated.client("codebuild").stop_build(id=identity)
