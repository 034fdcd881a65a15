"""Connections and API destinations: a secret comes back to nobody, a name is taken, and a connection goes in its own time.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html
"""

from __future__ import annotations

import copy
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal

# Seconds until a deleted connection, and the secret that EventBridge keeps for it, are gone.
DELETING = 4.0
TAKEN = "{what} {name} already exists."


def backend(call: Call) -> Any:
    return world.backend("events", call)


@operation("events", "CreateConnection")
def create_connection(call: Call) -> dict[str, Any]:
    """EB-3: a name is taken, also while its connection is being deleted."""
    if call.params["Name"] in backend(call).connections:
        raise Refusal("ResourceAlreadyExistsException", TAKEN.format(what="Connection", name=call.params["Name"]))
    return world.forward(call, {"Description": "", **call.params})


@operation("events", "DescribeConnection")
def describe_connection(call: Call) -> dict[str, Any]:
    answer = world.forward(call)
    answer["AuthParameters"] = masked(answer.get("AuthParameters") or {})
    return answer


@operation("events", "ListConnections")
def list_connections(call: Call) -> dict[str, Any]:
    """moto says that each of them is authorized."""
    answer = world.forward(call)
    for each in answer["Connections"]:
        each["ConnectionState"] = backend(call).connections[each["Name"]].state
    return answer


def masked(given: dict[str, Any]) -> dict[str, Any]:
    """Parameters without what is secret in them."""
    shown = copy.deepcopy(given)
    shown.get("BasicAuthParameters", {}).pop("Password", None)
    shown.get("ApiKeyAuthParameters", {}).pop("ApiKeyValue", None)
    shown.get("OAuthParameters", {}).get("ClientParameters", {}).pop("ClientSecret", None)
    for listed in shown.get("InvocationHttpParameters", {}).values():
        for each in listed:
            if each.get("IsValueSecret"):
                each.pop("Value", None)
    return shown


@operation("events", "UpdateConnection")
def update_connection(call: Call) -> dict[str, Any]:
    kept = _connection(call)
    if call.params.get("AuthParameters"):
        kept.auth_parameters = {**kept.auth_parameters, **call.params["AuthParameters"]}
    kept.description = call.params.get("Description", kept.description)
    kept.authorization_type = call.params.get("AuthorizationType", kept.authorization_type)
    return {**kept.describe_short(), "LastModifiedTime": kept.creation_time}


def _connection(call: Call) -> Any:
    kept = backend(call).connections.get(call.params["Name"])
    if kept is None:
        raise Refusal("ResourceNotFoundException", f"Connection '{call.params['Name']}' does not exist.")
    if kept.state == "DELETING":
        raise Refusal("ConcurrentModificationException", f"Connection '{kept.name}' is being deleted.")
    return kept


@operation("events", "DeleteConnection")
def delete_connection(call: Call) -> dict[str, Any]:
    """Destinations that go through it do nothing any more."""
    kept = _connection(call)
    kept.state = "DELETING"
    for each in backend(call).destinations.values():
        each.state = "INACTIVE" if each.connection_arn == kept.arn else each.state
    world.clock.after(DELETING, lambda: _gone(call, kept))
    return dict(kept.describe_short())


def _gone(call: Call, kept: Any) -> None:
    if backend(call).connections.get(kept.name) is kept:
        backend(call).delete_connection(kept.name)


@operation("events", "CreateApiDestination")
def create_api_destination(call: Call) -> dict[str, Any]:
    """EB-3: a name is taken. EB-4: its connection is there."""
    if call.params["Name"] in backend(call).destinations:
        raise Refusal("ResourceAlreadyExistsException", TAKEN.format(what="ApiDestination", name=call.params["Name"]))
    _require_connection(call)
    return world.forward(call, {"Description": "", "InvocationRateLimitPerSecond": 300, **call.params})


@operation("events", "UpdateApiDestination")
def update_api_destination(call: Call) -> dict[str, Any]:
    if call.params.get("ConnectionArn"):
        _require_connection(call)
    return world.forward(call)


def _require_connection(call: Call) -> None:
    """EB-4: a destination goes through a connection that is there."""
    arn = call.params["ConnectionArn"]
    if not any(each.arn == arn and each.state != "DELETING" for each in backend(call).connections.values()):
        raise Refusal("ResourceNotFoundException", f"Connection '{arn.rsplit('/', 2)[-2] if '/' in arn else arn}' does not exist.")
