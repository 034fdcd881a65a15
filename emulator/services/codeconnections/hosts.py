"""Hosts: providers that somebody runs. https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_CreateHost.html"""

from __future__ import annotations

from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import store
from .connections import AVAILABLE, PENDING

MOST = 50


@operation("codeconnections", "CreateHost")
def create_host(call: Call) -> dict[str, Any]:
    wanted = call.params
    if len(store.table(call, "hosts")) >= MOST:
        raise Refusal("LimitExceededException", f"The number of hosts exceeds the limit of {MOST}")
    made = {
        **{name: wanted[name] for name in ("Name", "ProviderType", "ProviderEndpoint", "VpcConfiguration") if wanted.get(name)},
        "HostArn": store.new_arn(call, f"host/{wanted['Name']}-{store.short_id()}"),
        "Status": PENDING,
        "Tags": store.tags(wanted.get("Tags", [])),
    }
    store.table(call, "hosts")[made["HostArn"]] = made
    return {"HostArn": made["HostArn"], **({"Tags": wanted["Tags"]} if wanted.get("Tags") else {})}


@operation("codeconnections", "GetHost")
def get_host(call: Call) -> dict[str, Any]:
    found = store.find(call, "hosts", call.params["HostArn"], "Host")
    return {name: found[name] for name in ("Name", "Status", "ProviderType", "ProviderEndpoint", "VpcConfiguration") if name in found}


@operation("codeconnections", "ListHosts")
def list_hosts(call: Call) -> dict[str, Any]:
    return store.page(call, [store.shown(each) for each in store.table(call, "hosts").values()], "Hosts")


@operation("codeconnections", "UpdateHost")
def update_host(call: Call) -> dict[str, Any]:
    """A host that works has to be set up anew."""
    found = store.find(call, "hosts", call.params["HostArn"], "Host")
    given = {name: call.params[name] for name in ("ProviderEndpoint", "VpcConfiguration") if call.params.get(name)}
    found.update(given)
    if given and found["Status"] == AVAILABLE:
        found["Status"] = PENDING
    return {}


@operation("codeconnections", "DeleteHost")
def delete_host(call: Call) -> dict[str, Any]:
    arn = call.params["HostArn"]
    store.find(call, "hosts", arn, "Host")
    if any(each.get("HostArn") == arn for each in store.connections(call).values()):
        raise Refusal("ResourceUnavailableException", f"Host {arn} has connections; delete them first")
    del store.table(call, "hosts")[arn]
    return {}
