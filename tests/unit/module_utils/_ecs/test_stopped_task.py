"""Which container a task stopped for, and what helps."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._ecs import stop_hints, stopped_task

DAEMON = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process"
NO_BUNDLE = f'{DAEMON}: exec: "bundle": executable file not found in $PATH'
PULL = "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref"
INIT = "ResourceInitializationError:"

HINTS = [
    (f"CannotStartContainerError: Error response from daemon: {NO_BUNDLE}", "command is not in"),
    (f"{NO_BUNDLE}: unknown", "command is not in"),
    (f'CannotCreateContainerError: {DAEMON}: exec: "/app/bin/x": permission denied', "may not execute"),
    ("CannotStartContainerError: exec /usr/bin/ruby: exec format error", "another architecture"),
    ("CannotStartContainerError: something new", "the container cannot start"),
    (f"{PULL} 123.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:0: not found", "cannot be pulled"),
    (f"{PULL} x: failed to do request: dial tcp 10.0.0.1:443: i/o timeout", "no way to AWS"),
    (f"{PULL} x: pull access denied, repository does not exist or may require authorization: 403 Forbidden", "execution role"),
    (f"{PULL} x: image Manifest does not contain descriptor matching platform 'linux/amd64'", "another architecture"),
    ("CannotPullImageManifestError: Error response from daemon", "cannot be pulled"),
    (f"{INIT} failed to validate logger args: The specified log group does not exist.: exit status 1", "log group"),
    (f"{INIT} unable to pull secrets or registry auth: invalid ssm parameters: /shop/production/X", "secret is not stored"),
    (
        f"{INIT} unable to pull secrets or registry auth: AccessDeniedException: not authorized to perform: ssm:GetParameters",
        "execution role",
    ),
    (
        f"{INIT} The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR.",
        "no way to AWS",
    ),
    ("OutOfMemoryError: Container killed due to memory usage", "more memory"),
    ("CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s", "AWS's own"),
    ("ResourceNotFoundException: The task can't find the secret with name 'x'", "does not exist"),
    ("Capacity is unavailable at this time. Please try again later or in a different availability zone", "no room"),
    ("Unexpected EC2 error while attempting to create network interface in subnet: InsufficientFreeAddressesInSubnet", "no free address"),
    ("The specified subnet does not have enough free addresses to satisfy the request.", "no free address"),
    ("pull image manifest has been retried 1 time(s): no match for platform in manifest: not found", "another architecture"),
    ("failed to pull and unpack image", "cannot be pulled"),
    ("the agent was not found", ""),
    ("wrong platform, stopped by anna", ""),
    ("pulled by tom, it was in the wrong subnet", ""),
    ("Essential container in task exited", ""),
]


@pytest.mark.parametrize(("reason", "words"), HINTS)
def test_the_type_of_the_error_comes_before_words_in_it(reason: str, words: str) -> None:
    assert words in stop_hints.hint(reason) and bool(words) == bool(stop_hints.hint(reason))


@pytest.mark.parametrize(("code", "helps"), [("UserInitiated", False), ("TaskFailedToStart", True), (None, True)])
def test_the_words_of_a_person_are_not_taken_for_those_of_aws(code: str | None, helps: bool) -> None:
    assert bool(stop_hints.hint("CannotPullContainerError again, anna", code)) == helps


def test_the_first_type_of_several_counts() -> None:
    both = "CannotStartContainerError: exec: executable file not found; CannotPullContainerError: i/o timeout"
    assert "command is not in" in stop_hints.hint(both)


PULLED = {"reason": "CannotPullContainerError: 403"}
DEFINITION = {"containerDefinitions": [{"name": "web", "essential": True}, {"name": "envoy", "essential": False}, {"name": "log"}]}


@pytest.mark.parametrize(
    ("containers", "name"),
    [
        ([{"name": "aws-guardduty-agent-x", **PULLED}, {"name": "web", "exitCode": 1}], "web"),
        ([{"name": "envoy", "exitCode": 2}, {"name": "web", "exitCode": 1}], "web"),
        ([{"name": "envoy", "exitCode": 2}, {"name": "log", "exitCode": 1}, {"name": "web"}], "log"),
        ([{"name": "aws-guardduty-agent-x", **PULLED}, {"name": "envoy", "exitCode": 2}, {"name": "web", "exitCode": 0}], "envoy"),
        ([{"name": "aws-guardduty-agent-x", **PULLED}, {"name": "web"}], "aws-guardduty-agent-x"),
        ([{"name": "aws-guardduty-agent-x"}, {"name": "web", "exitCode": 0}], "web"),
    ],
)
def test_essential_containers_of_the_definition_first_and_injected_ones_last(containers: list[dict[str, Any]], name: str) -> None:
    assert stopped_task.failed_container({"containers": containers}, DEFINITION)["name"] == name


def test_nothing_is_known_of_a_task_without_containers() -> None:
    assert stopped_task.failed_container({}) == {} and stopped_task.failed_container({"containers": [{"name": "x"}]})["name"] == "x"


def test_frames_of_a_backtrace_are_no_last_lines() -> None:
    error = "/rails/config/initializers/payment.rb:1:in `block in <main>': PAYMENT_URL is not set (RuntimeError)"
    frames = [f"\tfrom /usr/lib/ruby/gems/rack-2.2/lib/rack/server.rb:{number}:in `app'" for number in range(40)]
    assert stopped_task.without_frames(["=> Booting Puma", "from the cache", error, *frames, "bye"], 3) == ["from the cache", error, "bye"]
