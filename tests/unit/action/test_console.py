"""The end of a console: what is said, and what fails."""

from __future__ import annotations

import pytest

from ansible_collections.railyard.fargate.plugins.action import console
from ansible_collections.railyard.fargate.plugins.module_utils._console.found import Found
from ansible_collections.railyard.fargate.plugins.module_utils._console.wanted import Wanted
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

WANTED = Wanted(base="shop-production", application="shop", environment="production", person="deborah")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(console, "say", lines.append)
    return lines


def test_success_is_said_when_aws_has_confirmed_it(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.closing, "close", lambda *_, **__: Found())
    console.close({}, WANTED, Found())
    assert said == ["nothing of it is left behind"]


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (Found(unseen={"nodes": "DescribeInstanceInformation: AccessDenied: no"}), "nodes could not be looked for"),
        (
            Found(tasks=["arn:aws:ecs:eu-west-1:1:task/shop/abc"], refused={"arn:aws:ecs:eu-west-1:1:task/shop/abc": "no"}),
            r"task abc \(no\)",
        ),
    ],
)
def test_what_may_be_left_fails_with_what_to_type(left: Found, words: str, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.closing, "close", lambda *_, **__: left)
    with pytest.raises(RailyardError, match=words) as raised:
        console.close({}, WANTED, Found(), RailyardError("the agent never came"))
    assert said == []
    assert raised.value.message.startswith("the agent never came. ") and "playbooks/sweep.yml" in raised.value.message
