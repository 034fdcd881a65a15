"""What CloudWatch Logs holds: groups, streams, events, filters. Times are milliseconds since the epoch."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ... import world
from ...wire import Call, Refusal

DAY = 86_400_000
_events = itertools.count(1)


@dataclass
class Event:
    timestamp: int
    message: str
    ingested: int
    number: int = field(default_factory=lambda: next(_events))


@dataclass
class Stream:
    """`events` are in the order of their time."""

    name: str
    created: int
    events: list[Event] = field(default_factory=list)


@dataclass
class Group:
    name: str
    arn: str
    created: int
    kind: str = "STANDARD"
    retention: int | None = None
    key: str = ""
    protected: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    metric_filters: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)


def order(event: Event) -> tuple[int, int]:
    """By time; events of one millisecond in the order in which they came."""
    return event.timestamp, event.number


def now() -> int:
    return int(world.clock.now() * 1000)


def groups(call: Call) -> dict[str, Group]:
    held: dict[str, Group] = world.store("logs", call).setdefault("groups", {})
    return held


def named(call: Call, reference: str) -> Group:
    """The group of a name or an ARN, with or without `:*`. Raises ResourceNotFoundException."""
    name = reference.removesuffix(":*").rsplit(":log-group:", 1)[-1]
    if name not in groups(call):
        raise Refusal("ResourceNotFoundException", "The specified log group does not exist.")
    return groups(call)[name]


def wanted_group(call: Call) -> Group:
    """The group that a call names by logGroupName or logGroupIdentifier, one of the two."""
    given = [call.params[key] for key in ("logGroupName", "logGroupIdentifier") if key in call.params]
    if len(given) != 1:
        raise Refusal("InvalidParameterException", "Exactly one of logGroupName and logGroupIdentifier must be specified.")
    return named(call, given[0])


def stream(group: Group, name: str) -> Stream:
    if name not in group.streams:
        raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
    return group.streams[name]


def kept(group: Group, events: Sequence[Event]) -> list[Event]:
    """Events of a stream, in the order of their time, that their group's retention has not ended."""
    oldest = now() - group.retention * DAY if group.retention else 0
    return [event for event in events if event.timestamp >= oldest]


def page(items: Sequence[Any], wanted: dict[str, Any], name: str, default: int = 50) -> dict[str, Any]:
    """One page under `name`, with a nextToken when there are more."""
    token = wanted.get("nextToken") or "0"
    if not token.isdigit() or int(token) > len(items):
        raise Refusal("InvalidParameterException", "The specified nextToken is invalid.")
    start, size = int(token), wanted.get("limit") or default
    result: dict[str, Any] = {name: list(items[start : start + size])}
    if start + size < len(items):
        result["nextToken"] = str(start + size)
    return result
