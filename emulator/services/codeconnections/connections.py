"""Connections, which are PENDING until a person has finished them: `python -m emulator connect` is that person (CC-1).

https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_CreateConnection.html
"""

from __future__ import annotations

from typing import Any

from ... import registry, world
from ...registry import operation
from ...wire import Call, Refusal
from . import store

PENDING, AVAILABLE = "PENDING", "AVAILABLE"
# https://docs.aws.amazon.com/dtconsole/latest/userguide/limits-connections.html
MOST = 250
HOSTED = ("GitHubEnterpriseServer", "GitLabSelfManaged")


@operation("codeconnections", "CreateConnection")
def create_connection(call: Call) -> dict[str, Any]:
    """It is pending (CC-1). A name may be taken already: there are two of it then."""
    wanted = call.params
    if len(store.connections(call)) >= MOST:
        raise Refusal("LimitExceededException", f"The number of connections exceeds the limit of {MOST}")
    host = store.find(call, "hosts", wanted["HostArn"], "Host") if wanted.get("HostArn") else None
    if host is not None and host["Status"] != AVAILABLE:
        raise Refusal("ResourceUnavailableException", f"Host {wanted['HostArn']} is not available")
    made = {
        "ConnectionName": wanted["ConnectionName"],
        "ConnectionArn": store.new_arn(call, f"connection/{store.new_id()}"),
        "ProviderType": host["ProviderType"] if host else wanted["ProviderType"],
        "OwnerAccountId": call.account,
        "ConnectionStatus": PENDING,
        **{name: wanted[name] for name in ("HostArn", "ProviderEndpoint") if wanted.get(name)},
        "Tags": store.tags(wanted.get("Tags", [])),
    }
    store.connections(call)[made["ConnectionArn"]] = made
    return {"ConnectionArn": made["ConnectionArn"], **({"Tags": wanted["Tags"]} if wanted.get("Tags") else {})}


@operation("codeconnections", "GetConnection")
def get_connection(call: Call) -> dict[str, Any]:
    return {"Connection": store.shown(store.connection(call, call.params["ConnectionArn"]))}


@operation("codeconnections", "ListConnections")
def list_connections(call: Call) -> dict[str, Any]:
    kind, host = call.params.get("ProviderTypeFilter"), call.params.get("HostArnFilter")
    found = [
        store.shown(each)
        for each in store.connections(call).values()
        if kind in (None, each["ProviderType"]) and host in (None, each.get("HostArn"))
    ]
    return store.page(call, found, "Connections")


@operation("codeconnections", "DeleteConnection")
def delete_connection(call: Call) -> dict[str, Any]:
    arn = call.params["ConnectionArn"]
    store.connection(call, arn)
    del store.connections(call)[arn]
    return {}


@registry.control_endpoint("connections")
def finish(wanted: dict[str, Any]) -> dict[str, list[str]]:
    """Finish the handshake of PENDING connections, those of a name or an ARN, or all; a person does it in a browser. Their ARNs.

    Hosts that wait for it are set up, too.
    """
    name, finished = wanted.get("connection"), []
    for place in world.everywhere_of(store.NAME):
        for host in place.get("hosts", {}).values():
            host["Status"] = AVAILABLE if name in (None, host["Name"], host["HostArn"]) else host["Status"]
        for each in place.get("connections", {}).values():
            if each["ConnectionStatus"] == PENDING and name in (None, each["ConnectionName"], each["ConnectionArn"]):
                each["ConnectionStatus"] = AVAILABLE
                finished.append(each["ConnectionArn"])
    return {"connections": finished}


def usable(call: Call, arn: str) -> str:
    """Why a source cannot be had through a connection, "" when it can."""
    found = store.connections(call).get(arn)
    if found is None:
        return f"Connection {arn} does not exist"
    return "" if found["ConnectionStatus"] == AVAILABLE else f"Connection {arn} is not available"
