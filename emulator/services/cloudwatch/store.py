"""What CloudWatch holds beside metrics: alarms, dashboards, mute rules and their tags."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ... import world
from ...refusal import Refusal
from ...wire import Call

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


@dataclass
class Alarm:
    """`shape`: as DescribeAlarms shows it. `call`: one of its account and Region. `history`: what DescribeAlarmHistory shows."""

    shape: dict[str, Any]
    call: Call
    composite: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.shape["AlarmName"])

    @property
    def state(self) -> str:
        return str(self.shape["StateValue"])


def alarms(call: Call) -> dict[str, Alarm]:
    found: dict[str, Alarm] = world.store("cloudwatch", call).setdefault("alarms", {})
    return found


def alarm(call: Call, name: str) -> Alarm:
    if name not in alarms(call):
        raise Refusal("ResourceNotFound", "Unknown", 404)
    return alarms(call)[name]


def table(call: Call, kind: str) -> dict[str, dict[str, Any]]:
    """`dashboards`, `mute_rules`: by name."""
    found: dict[str, dict[str, Any]] = world.store("cloudwatch", call).setdefault(kind, {})
    return found


def tags(call: Call) -> dict[str, dict[str, str]]:
    """By ARN."""
    found: dict[str, dict[str, str]] = world.store("cloudwatch", call).setdefault("tags", {})
    return found


def arn(call: Call, kind: str, name: str) -> str:
    if kind == "dashboard":
        return call.arn("cloudwatch", f"dashboard/{name}", regional=False)
    return call.arn("cloudwatch", f"{kind}:{name}")


def tagged(call: Call) -> Any:
    """ARN and tags of each alarm, for the Resource Groups Tagging API."""
    yield from tags(call).items()


def page(items: list[Any], wanted: dict[str, Any], size: int) -> tuple[list[Any], dict[str, str]]:
    """One page, and its NextToken when there are more."""
    token = wanted.get("NextToken") or "0"
    if not token.isdigit() or int(token) > len(items):
        raise Refusal("InvalidNextToken", "The value of NextToken is invalid.")
    end = int(token) + size
    return items[int(token) : end], {"NextToken": str(end)} if end < len(items) else {}
