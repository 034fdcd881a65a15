# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The maintenance page: a rule of a listener that answers every path itself, and one before it that lets allowed addresses through.

A rule has no negation of addresses: the rule for allowed ones repeats what the listener does by default, and would send them to the old
tasks after a release. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from .._core import aws, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Step
from . import attributes

KIND = "maintenance"
ALLOWED, PAGE = "allowed", "page"
PRIORITIES = {ALLOWED: "1", PAGE: "2"}
EVERY = ["*"]
MOST_ADDRESSES = 5  # Values of all conditions of a rule.
LONGEST = 1024
TYPES = {"<": "text/html", "{": "application/json"}
CHANGED = "PriorityInUse"


def is_page(rule: dict[str, Any]) -> bool:
    """Whether a rule (AWS's shape) answers every path itself, before anything is forwarded. Pure."""
    conditions = rule.get("Conditions", [])
    values = [value for one in conditions for value in one.get("PathPatternConfig", {}).get("Values") or one.get("Values", [])]
    answers = [action["Type"] for action in rule.get("Actions", [])] == ["fixed-response"]
    return answers and not rule.get("IsDefault") and len(conditions) == 1 and values in (EVERY, ["/*"])


def shown_by(client: Any, listener: str) -> str | None:
    """ARN of the rule of a listener that shows a page to everybody; None without one, and where the listener is gone."""
    rules = aws.pages(client, "DescribeRules", "Rules", {"ListenerNotFound"}, ListenerArn=listener)
    return next((rule["RuleArn"] for rule in rules if is_page(rule)), None)


def listener_of(service: Mapping[str, Any]) -> str | None:
    """ARN of the production listener of a service (our shape) that ECS moves the traffic of, by its rule; None without one. Pure."""
    balancers = service.get("load_balancers") or [{}]
    rule = str((balancers[0].get("advanced_configuration") or {}).get("production_listener_rule") or "")
    return rule.replace(":listener-rule/", ":listener/").rpartition("/")[0] if ":listener-rule/" in rule else rule or None


def find(client: Any, load_balancer: str, port: int) -> dict[str, Any] | None:
    """{listener_arn, default_actions, page, allowed, foreign}: our rules in AWS's shape with their tags, None where they are not there, and
    the priorities that others have. None without such a listener."""
    balancers = aws.find(client, "DescribeLoadBalancers", {"LoadBalancerNotFound"}, Names=[load_balancer])
    if not balancers:
        return None
    arn = balancers["LoadBalancers"][0]["LoadBalancerArn"]
    listener = next((one for one in aws.pages(client, "DescribeListeners", "Listeners", LoadBalancerArn=arn) if one["Port"] == port), None)
    if listener is None:
        return None
    rules = [one for one in aws.pages(client, "DescribeRules", "Rules", ListenerArn=listener["ListenerArn"]) if not one["IsDefault"]]
    labels = attributes.find_tags(client, [one["RuleArn"] for one in rules])
    by_kind = {labels[one["RuleArn"]].get(KIND): {**one, "tags": labels[one["RuleArn"]]} for one in rules}
    foreign = {one["Priority"]: one["RuleArn"] for one in rules if labels[one["RuleArn"]].get(KIND) not in PRIORITIES}
    own = {kind: by_kind.get(kind) for kind in PRIORITIES}
    return {"listener_arn": listener["ListenerArn"], "default_actions": listener["DefaultActions"], "foreign": foreign, **own}


def check(wanted: dict[str, Any]) -> None:
    """Raises RailyardError for a page and for addresses that AWS would refuse. Pure."""
    if len(wanted["body"].encode()) > LONGEST:
        raise RailyardError(f"the page has {len(wanted['body'].encode())} bytes; AWS takes {LONGEST} at most")
    if len(wanted["allow"]) > MOST_ADDRESSES:
        raise RailyardError(f"allow has {len(wanted['allow'])} address ranges; a rule takes {MOST_ADDRESSES} at most")
    for address in wanted["allow"]:
        try:
            ipaddress.ip_network(address)
        except ValueError:
            raise RailyardError(f"allow has {address!r}; it must be address ranges such as 203.0.113.7/32") from None


def make_plan(wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: the options of elbv2_maintenance. The page comes last and goes first: allowed addresses are never turned away. Pure."""
    if live is None:
        if wanted["state"] == "absent":
            return Plan(None, None)
        raise RailyardError(f"{wanted['load_balancer']} has no listener on port {wanted['port']}; site.yml makes it")
    if wanted["state"] == "absent":
        gone = [live[kind] for kind in (PAGE, ALLOWED) if live[kind]]
        steps = [Step("DeleteRule", {"RuleArn": rule["RuleArn"]}, already=("RuleNotFound",)) for rule in gone]
        return Plan(shown(live), shown({**live, PAGE: None, ALLOWED: None}), tuple(steps))
    check(wanted)
    kinds = {ALLOWED: _allowed(wanted, live) if wanted["allow"] else None, PAGE: _page(wanted)}
    steps = [step for kind, rule in kinds.items() for step in _steps(kind, rule, live, wanted["tags"] or {})]
    after = {kind: {**rule, "RuleArn": (live[kind] or {}).get("RuleArn")} if rule else None for kind, rule in kinds.items()}
    return Plan(shown(live), shown({**live, **after}), tuple(steps))


def _page(wanted: dict[str, Any]) -> dict[str, Any]:
    kind = TYPES.get(wanted["body"].lstrip()[:1], "text/plain")
    answer = {"StatusCode": str(wanted["status"]), "ContentType": kind, "MessageBody": wanted["body"]}
    conditions = [{"Field": "path-pattern", "PathPatternConfig": {"Values": EVERY}}]
    return {"Conditions": conditions, "Actions": [{"Type": "fixed-response", "FixedResponseConfig": answer}]}


def _allowed(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    sources = {"Field": "source-ip", "SourceIpConfig": {"Values": sorted(wanted["allow"])}}
    return {
        "Conditions": [sources],
        "Actions": [{key: action[key] for key in action if key != "Order"} for action in live["default_actions"]],
    }


def _steps(kind: str, rule: dict[str, Any] | None, live: dict[str, Any], labels: dict[str, str]) -> list[Step]:
    now, priority = live[kind], PRIORITIES[kind]
    if rule is None:
        return [Step("DeleteRule", {"RuleArn": now["RuleArn"]}, already=("RuleNotFound",))] if now else []
    if now is None:
        if priority in live["foreign"]:
            where = f"the rule {live['foreign'][priority]} has priority {priority}, which the maintenance page needs"
            raise RailyardError(f"{where}; give that rule another priority")
        marked = tags.as_pairs({**labels, KIND: kind})
        return [
            Step("CreateRule", {"ListenerArn": live["listener_arn"], "Priority": int(priority), **rule, "Tags": marked}, already=(CHANGED,))
        ]
    return [] if _same(rule, now) else [Step("ModifyRule", {"RuleArn": now["RuleArn"], **rule})]


def _same(rule: dict[str, Any], now: dict[str, Any]) -> bool:
    return _values(rule) == _values(now) and _answer(rule) == _answer(now)


def _values(rule: dict[str, Any]) -> list[str]:
    found = [one.get("PathPatternConfig") or one.get("SourceIpConfig") or {} for one in rule["Conditions"]]
    return sorted(value for config in found for value in config.get("Values", []))


def _answer(rule: dict[str, Any]) -> Any:
    """What a rule does: its page, or by target group the weights of its forward."""
    action = rule["Actions"][0]
    if action["Type"] == "fixed-response":
        return action["FixedResponseConfig"]
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or [{"TargetGroupArn": action.get("TargetGroupArn"), "Weight": 1}]
    return {one["TargetGroupArn"]: one.get("Weight", 1) for one in groups if one.get("Weight", 1)}


def shown(live: dict[str, Any] | None) -> dict[str, Any] | None:
    """What is on, for results. Pure."""
    if live is None:
        return None
    page, allowed = live[PAGE], live[ALLOWED]
    answer = page["Actions"][0]["FixedResponseConfig"] if page else {}
    return {
        "listener_arn": live["listener_arn"],
        "on": page is not None,
        "status": int(answer["StatusCode"]) if page else None,
        "body": answer.get("MessageBody"),
        "allow": _values(allowed) if allowed else [],
    }
