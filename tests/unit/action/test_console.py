"""The end of a console: what is said, and what fails."""

from __future__ import annotations

import pytest

from ansible_collections.railyard.fargate.plugins.action import console
from ansible_collections.railyard.fargate.plugins.module_utils._console.queries import Resources
from ansible_collections.railyard.fargate.plugins.module_utils._console.request import Request
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from tests.support.names import names

WANTED = Request(names("shop", "production"), requested_by="deborah")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(console, "say", lines.append)
    return lines


def test_success_is_said_when_aws_has_confirmed_it(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.closing, "close", lambda *_, **__: Resources())
    console.close({}, WANTED, Resources())
    assert said == ["nothing of it is left behind"]


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (Resources(unseen={"nodes": "DescribeInstanceInformation: AccessDenied: no"}), "nodes could not be looked for"),
        (
            Resources(tasks=["arn:aws:ecs:eu-west-1:1:task/shop/abc"], refused={"arn:aws:ecs:eu-west-1:1:task/shop/abc": "no"}),
            r"task abc \(no\)",
        ),
    ],
)
def test_what_may_be_left_fails_with_what_to_type(left: Resources, words: str, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.closing, "close", lambda *_, **__: left)
    with pytest.raises(RailyardError, match=words) as raised:
        console.close({}, WANTED, Resources(), RailyardError("the agent never came"))
    assert said == []
    assert raised.value.message.startswith("the agent never came. ") and "playbooks/sweep.yml" in raised.value.message


EXPIRED = "DescribeSessions: ExpiredTokenException: The security token included in the request is expired"


@pytest.mark.parametrize(
    ("why", "renewed"),
    [
        (EXPIRED, True),
        ("StopTask: UnrecognizedClientException: The security token included in the request is invalid", True),
        ("StopTask: Credentials were refreshed, but the refreshed credentials are still expired.", True),
        ("StopTask: AccessDeniedException: not authorized", False),
    ],
)
def test_keys_that_have_ended_meanwhile_are_renewed_and_no_others(
    why: str, renewed: bool, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left, asked = Resources(tasks=["arn:aws:ecs:eu-west-1:1:task/shop/abc"], refused={"arn:aws:ecs:eu-west-1:1:task/shop/abc": why}), []

    def close(clients: dict[str, str], *_place: str, known: Resources, **_named: object) -> Resources:
        asked.append((clients, known))
        return Resources() if clients == {"keys": "new"} else left

    monkeypatch.setattr(console.closing, "close", close)
    known = Resources(sessions=["s-1"])
    if renewed:
        console.close({"keys": "old"}, WANTED, known, renew=lambda: {"keys": "new"})
        assert said == ["nothing of it is left behind"]
        assert asked == [({"keys": "old"}, known), ({"keys": "new"}, left)], "what is left is taken away with the new keys"
        return
    with pytest.raises(RailyardError, match="AccessDenied"):
        console.close({"keys": "old"}, WANTED, known, renew=lambda: {"keys": "new"})
    assert asked == [({"keys": "old"}, known)]
