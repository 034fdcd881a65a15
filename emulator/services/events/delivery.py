"""Events of AWS's services on the default bus, delivered to the SNS targets of the rules that match; other targets are not served.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from ... import world
from ...wire import Call
from ..sns import delivery as sns


def event(call: Call, source: str, kind: str, resource: str, detail: dict[str, Any]) -> dict[str, Any]:
    """A whole event, which is of now. `kind` is its detail-type."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": call.account,
        "time": world.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": call.region,
        "resources": [resource],
        "detail": detail,
    }


def deliver(call: Call, event: dict[str, Any]) -> None:
    """To the targets of each rule that matches. `event` is whole, as rules see it."""
    bus = world.backend("events", call).event_buses["default"]
    for rule in list(bus.rules.values()):
        if rule.state == "ENABLED" and rule.event_pattern.matches_event(event):
            for target in rule.targets:
                if target["Arn"].split(":")[2] == "sns":
                    sns.publish(call, "events.amazonaws.com", target["Arn"], rule.arn, _text(target, event))


def _text(target: dict[str, Any], event: dict[str, Any]) -> str:
    """What is sent: the event, or what the target makes of it."""
    if "Input" in target:
        return str(target["Input"])
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    text = str(transformer["InputTemplate"])
    for name, path in transformer.get("InputPathsMap", {}).items():
        text = text.replace(f"<{name}>", _at(event, path))
    return text


def _at(event: dict[str, Any], path: str) -> str:
    """The value of a JSONPath of names, `$.detail.state`, as a text."""
    value: Any = event
    for name in path.removeprefix("$").lstrip(".").split("."):
        value = value.get(name, "") if isinstance(value, dict) and name else value
    return value if isinstance(value, str) else json.dumps(value)
