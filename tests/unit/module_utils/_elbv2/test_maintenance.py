"""The maintenance page as rules of a listener."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._elbv2 import maintenance

GROUP = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/shop-blue/1"
WANTED: dict[str, Any] = {
    "load_balancer": "shop",
    "port": 80,
    "state": "present",
    "body": "Soon",
    "status": 503,
    "allow": [],
    "tags": {"a": "b"},
}
FORWARD = [
    {"Type": "forward", "Order": 1, "TargetGroupArn": GROUP, "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": GROUP, "Weight": 100}]}}
]


def page(body: str = "Soon", kind: str = "text/plain") -> dict[str, Any]:
    answer = {"StatusCode": "503", "ContentType": kind, "MessageBody": body}
    conditions = [{"Field": "path-pattern", "Values": ["*"], "PathPatternConfig": {"Values": ["*"]}}]
    return {"RuleArn": "page", "Conditions": conditions, "Actions": [{"Type": "fixed-response", "FixedResponseConfig": answer}]}


def allowed(*addresses: str) -> dict[str, Any]:
    return {"RuleArn": "allowed", "Conditions": [{"Field": "source-ip", "SourceIpConfig": {"Values": list(addresses)}}], "Actions": FORWARD}


def live(**changes: Any) -> dict[str, Any]:
    return {"listener_arn": "listener", "default_actions": FORWARD, "foreign": {}, "page": None, "allowed": None, **changes}


OFFICE = {"allow": ["203.0.113.7/32"]}
PLANS: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("on", {}, {}, ["CreateRule 2"]),
    ("on, but for the office, which comes first", OFFICE, {}, ["CreateRule 1", "CreateRule 2"]),
    ("it is on", {}, {"page": page()}, []),
    ("it is on, but for the office", OFFICE, {"page": page(), "allowed": allowed("203.0.113.7/32")}, []),
    ("another page", {"body": "<h1>Soon</h1>"}, {"page": page()}, ["ModifyRule page"]),
    ("other addresses", OFFICE, {"page": page(), "allowed": allowed("203.0.113.8/32")}, ["ModifyRule allowed"]),
    ("nobody is allowed any more", {}, {"page": page(), "allowed": allowed("203.0.113.7/32")}, ["DeleteRule allowed"]),
    (
        "off, the page first",
        {"state": "absent"},
        {"page": page(), "allowed": allowed("1.2.3.4/32")},
        ["DeleteRule page", "DeleteRule allowed"],
    ),
    ("it is off", {"state": "absent"}, {}, []),
]


@pytest.mark.parametrize(("wanted", "changes", "steps"), [plan[1:] for plan in PLANS], ids=[plan[0] for plan in PLANS])
def test_the_steps(wanted: dict[str, Any], changes: dict[str, Any], steps: list[str]) -> None:
    plan = maintenance.make_plan({**WANTED, **wanted}, live(**changes))
    assert [f"{step.operation} {step.params.get('Priority') or step.params['RuleArn']}" for step in plan.steps] == steps
    assert plan.after["on"] is ((wanted.get("state") or "present") == "present")


@pytest.mark.parametrize(
    ("wanted", "changes", "words"),
    [
        ({"body": "x" * 1025}, {}, "AWS takes 1024 at most"),
        ({"allow": ["office"]}, {}, "it must be address ranges"),
        ({"allow": [f"10.0.0.{number}/32" for number in range(6)]}, {}, "a rule takes 5 at most"),
        ({}, {"foreign": {"2": "arn:rule"}}, "the rule arn:rule has priority 2"),
    ],
)
def test_what_aws_would_refuse_is_said_before(wanted: dict[str, Any], changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        maintenance.make_plan({**WANTED, **wanted}, live(**changes))


def test_a_page_is_a_rule_for_every_path_that_answers_itself() -> None:
    assert maintenance.is_page(page()) and not maintenance.is_page(allowed("1.2.3.4/32"))
    assert not maintenance.is_page({**page(), "IsDefault": True})
    assert not maintenance.is_page({**page(), "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old/*"]}}]})
