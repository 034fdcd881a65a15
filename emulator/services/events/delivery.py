"""Events of AWS's services on the default bus, delivered to the topics and API destinations of the rules that match; other targets are not
served. What does not arrive is lost without a word, as in AWS.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from ... import world
from ...wire import Call
from ..iam import authority
from ..sns import delivery as sns
from ..sns import inbox
from .transform import text

SERVICE = "events.amazonaws.com"
INVOKE = "events:InvokeApiDestination"


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
                kind = target["Arn"].split(":")[2]
                if kind == "sns":
                    sns.publish(call, SERVICE, target["Arn"], rule.arn, text(target, event))
                elif ":api-destination/" in target["Arn"]:
                    _invoke(call, rule.arn, target, event)


def _invoke(call: Call, rule: str, target: dict[str, Any], event: dict[str, Any]) -> None:
    """To an API destination, in the target's role, with what its connection adds. The message stays on this machine, in the inbox."""
    kept = world.backend("events", call)
    destination = next((each for each in kept.destinations.values() if each.arn == target["Arn"]), None)
    connection = next((each for each in kept.connections.values() if destination and each.arn == destination.connection_arn), None)
    role = target.get("RoleArn", "")
    if destination is None or connection is None or connection.state != "AUTHORIZED" or destination.state != "ACTIVE":
        return
    if not authority.assumable(call, role, SERVICE, rule):
        return
    if authority.denied(authority.session(call, role, "events"), INVOKE, destination.arn):
        return
    given = connection.auth_parameters
    more = given.get("InvocationHttpParameters", {})
    headers = {each["Key"]: each["Value"] for each in more.get("HeaderParameters", [])}
    key = given.get("ApiKeyAuthParameters", {})
    headers |= {key["ApiKeyName"]: key["ApiKeyValue"]} if key else {}
    body = _body(text(target, event), {each["Key"]: each["Value"] for each in more.get("BodyParameters", [])})
    inbox.put(destination.invocation_endpoint, str(rule).rpartition("/")[2], body, method=destination.http_method, headers=headers)


def _body(said: str, more: dict[str, str]) -> str:
    """JSON, with the members that the connection adds."""
    try:
        found = json.loads(said)
    except ValueError:
        return said
    return json.dumps({**found, **more}) if isinstance(found, dict) else said
