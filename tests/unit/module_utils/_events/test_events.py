"""What is shown of an address that holds a secret, and what leads from rules to rules."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import Secret
from ansible_collections.railyard.fargate.plugins.module_utils._events import destination, rule

DECLARED = "https://hooks.example.com/{secret}/end"


@pytest.mark.parametrize(
    ("live", "url", "place", "shown"),
    [
        ("https://hooks.example.com/1234/end", DECLARED, "url", DECLARED),
        ("https://hooks.example.com//end", DECLARED, "url", "https://hooks.example.com/…"),
        ("https://hooks.example.com/1234/other", DECLARED, "url", "https://hooks.example.com/…"),
        ("https://hooks.example.com/1234", "https://hooks.example.com/1234", "url", "https://hooks.example.com/…"),
        ("https://chat.example.com/post?a=b", DECLARED, "header", "https://chat.example.com/post?a=b"),
    ],
)
def test_what_is_shown(live: str, url: str, place: str, shown: str) -> None:
    assert destination.shown(live, url, place) == shown


@pytest.mark.parametrize("url", [DECLARED, "https://chat.example.com/"])
def test_a_plan_holds_no_secret(url: str) -> None:
    wanted = {"name": "chat", "url": url, "header": "Authorization", "body": {}, "parameter": "/x", "calls_per_second": 1}
    plan = destination.make_plan({**wanted, "state": "present", "tags": {"team": "a b"}}, 3, lambda: "hidden", None)
    assert [step.operation for step in plan.steps] == ["CreateConnection", "CreateApiDestination"] and "hidden" not in repr(plan)
    secrets = [value for step in plan.steps for value in (*step.params.values(), *_key(step.params)) if isinstance(value, Secret)]
    assert [one.fetch() for one in secrets] == [url.replace("{secret}", "hidden") if "{" in url else "hidden"]
    assert "team=a%20b parameter=/x version=3" in plan.steps[0].params["Description"]


def _key(params: dict[str, Any]) -> list[Any]:
    return [params["AuthParameters"]["ApiKeyAuthParameters"]["ApiKeyValue"]] if "AuthParameters" in params else []


TARGET = {"id": "a", "arn": "arn:aws:sns:r:1:t"}
LIVE = {
    "name": "r",
    "arn": "arn:r",
    "description": "",
    "event_pattern": {"source": ["x"]},
    "enabled": True,
    "targets": [TARGET],
    "tags": {},
}


@pytest.mark.parametrize(
    ("live", "wanted", "steps"),
    [
        (None, {}, ["PutRule", "PutTargets"]),
        (LIVE, {}, []),
        (LIVE, {"enabled": False}, ["PutRule"]),
        (LIVE, {"targets": []}, ["RemoveTargets"]),
        (LIVE, {"targets": [{**TARGET, "id": "b"}]}, ["RemoveTargets", "PutTargets"]),
        (LIVE, {"targets": [{**TARGET, "role_arn": "", "input_template": '"x"'}]}, ["PutTargets"]),
        ({**LIVE, "targets": [{**TARGET, "other": {"Input": "{}"}}]}, {}, ["PutTargets"]),
    ],
)
def test_rules(live: dict[str, Any] | None, wanted: dict[str, Any], steps: list[str]) -> None:
    one = {"name": "r", "description": "", "event_pattern": {"source": ["x"]}, "enabled": True, "targets": [TARGET], **wanted}
    plan = rule.make_plan({"rules": [one], "state": "present", "tags": None, "purge_tags": False}, [live] if live else [])
    assert [step.operation for step in plan.steps] == steps
