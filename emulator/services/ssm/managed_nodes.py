"""Hybrid activations, and the nodes that registered with them.

https://docs.aws.amazon.com/systems-manager/latest/userguide/hybrid-activation-managed-nodes.html. What CreateActivation refuses is in
rules/ssm/managed_nodes.py.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypedDict

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from ..iam import authority, roles
from ..iam.authority import Session
from . import channels, service_settings
from .parameter_store import page

DAY = 24 * 3600.0
# An agent reports every five minutes, and is missed when it does not.
MISSED = 300.0
MOST_STANDARD = 1000


class Activation(TypedDict):
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Activation.html"""

    ActivationId: str
    Description: str
    DefaultInstanceName: str
    IamRole: str
    RegistrationLimit: int
    RegistrationsCount: int
    ExpirationDate: datetime
    CreatedDate: datetime
    Tags: list[dict[str, str]]
    # The activation code.
    code: str


class Machine(TypedDict):
    """What a node's agent says of the container that it runs in."""

    ComputerName: str
    IPAddress: str
    # When the agent ended; None while it runs.
    died: Callable[[], datetime | None]
    # Whether the agent has deregistered its node.
    leaves: Callable[[], bool]
    # The environment of a program in a session with the node.
    environment: Callable[[], dict[str, str]]


class Node(Machine):
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstanceInformation.html"""

    InstanceId: str
    AgentVersion: str
    IsLatestVersion: bool
    PlatformType: str
    PlatformName: str
    PlatformVersion: str
    ResourceType: str
    ActivationId: str
    IamRole: str
    RegistrationDate: datetime
    Name: str
    tags: dict[str, str]
    # Whether the agent has reported, and whether it has opened its channel to Session Manager, which comes later.
    online: bool
    channel: bool


def activations(call: Call) -> dict[str, Activation]:
    """By id, oldest first."""
    found: dict[str, Activation] = world.store("ssm", call).setdefault("activations", {})
    return found


def nodes(call: Call) -> dict[str, Node]:
    """By id, oldest first."""
    found: dict[str, Node] = world.store("ssm", call).setdefault("nodes", {})
    for name in [name for name, node in found.items() if node["leaves"]()]:
        del found[name]
    return found


def expires(call: Call) -> datetime:
    """When the activation that is asked for expires: after a day, unless said. It is AWS's time, which nobody shortens."""
    wanted: datetime | None = call.params.get("ExpirationDate")
    return wanted.replace(tzinfo=UTC) if wanted else world.clock.utc() + timedelta(seconds=DAY)


@operation("ssm", "CreateActivation")
def create_activation(call: Call) -> dict[str, Any]:
    wanted = call.params
    made: Activation = {
        "ActivationId": str(uuid.uuid4()),
        "Description": wanted.get("Description", ""),
        "DefaultInstanceName": wanted.get("DefaultInstanceName", ""),
        "IamRole": wanted["IamRole"].removeprefix("service-role/"),
        "RegistrationLimit": wanted.get("RegistrationLimit", 1),
        "RegistrationsCount": 0,
        "ExpirationDate": expires(call),
        "CreatedDate": world.clock.utc(),
        "Tags": list(wanted.get("Tags", [])),
        "code": secrets.token_urlsafe(15),
    }
    activations(call)[made["ActivationId"]] = made
    return {"ActivationId": made["ActivationId"], "ActivationCode": made["code"]}


def expired(activation: Activation) -> bool:
    return bool(activation["ExpirationDate"] <= world.clock.utc())


@operation("ssm", "DescribeActivations")
def describe_activations(call: Call) -> dict[str, Any]:
    found = [{**item, "Expired": expired(item)} for item in activations(call).values()]
    members = {"ActivationIds": "ActivationId", "DefaultInstanceName": "DefaultInstanceName", "IamRole": "IamRole"}
    for wanted in call.params.get("Filters", []):
        found = [item for item in found if item[members[wanted["FilterKey"]]] in wanted["FilterValues"]]
    return page(found, call.params, 50, "ActivationList")


@operation("ssm", "DeleteActivation")
def delete_activation(call: Call) -> dict[str, Any]:
    """Nodes that registered with it stay (SSM-A5)."""
    if activations(call).pop(call.params["ActivationId"], None) is None:
        raise Refusal(
            "InvalidActivation", "The activation is not valid. The activation might have been deleted, or the ActivationId is wrong."
        )
    return {}


def _refused(call: Call, told: dict[str, str]) -> str:
    """Why RegisterManagedInstance refuses an agent, or ""."""
    activation = activations(call).get(told["ACTIVATION_ID"])
    if activation is None or told["REGION"] != call.region or not secrets.compare_digest(activation["code"], told["ACTIVATION_CODE"]):
        return "InvalidActivation: the activation code or id is not valid"
    if expired(activation):
        return "ActivationExpired: the activation has expired"
    if activation["RegistrationsCount"] >= activation["RegistrationLimit"]:
        return "RegistrationLimitExceeded: the registration limit of the activation is reached"
    if len(nodes(call)) >= MOST_STANDARD and service_settings.value(call, service_settings.TIER) == "standard":
        return "RegistrationLimitExceeded: the standard-instances tier has at most 1000 nodes"
    return ""


def register(call: Call, told: dict[str, str], machine: Machine) -> tuple[str, str]:
    """What an agent does once: (id of its node, "") or ("", why not). `told`: ACTIVATION_ID, ACTIVATION_CODE, REGION.

    The id of a managed node begins with mi- (SSM-A5).
    """
    if why := _refused(call, told):
        return "", why
    activation = activations(call)[told["ACTIVATION_ID"]]
    activation["RegistrationsCount"] += 1
    now = world.clock.utc()
    node: Node = {
        "InstanceId": f"mi-{secrets.token_hex(9)[:17]}",
        "AgentVersion": "3.3.987.0",
        "IsLatestVersion": True,
        "PlatformType": "Linux",
        "PlatformName": "Debian GNU/Linux",
        "PlatformVersion": "12",
        "ResourceType": "ManagedInstance",
        "ActivationId": activation["ActivationId"],
        "IamRole": activation["IamRole"],
        "RegistrationDate": now,
        "Name": activation["DefaultInstanceName"],
        "tags": {tag["Key"]: tag["Value"] for tag in activation["Tags"]},
        "online": False,
        "channel": False,
        **machine,
    }
    nodes(call)[node["InstanceId"]] = node
    return node["InstanceId"], ""


def assumable(call: Call, role: str) -> bool:
    """Whether Systems Manager gets the role of this name for its agents (SSM-A1)."""
    found = roles.find(call, role)
    return found is not None and authority.assumable(call, found.arn, "ssm.amazonaws.com", call.arn("ssm", "managed-instance/"))


def session(call: Call, node: Node) -> Session | None:
    """The session in which a node's agent acts; None when Systems Manager does not get its role."""
    role = roles.find(call, node["IamRole"])
    return authority.session(call, role.arn, node["InstanceId"]) if role and assumable(call, role.name) else None


def report(call: Call, name: str) -> None:
    """The agent says that it is there, and so becomes Online; where its role does not let it, it tries again."""
    node = nodes(call).get(name)
    if node is None or node["died"]() is not None:
        return
    who = session(call, node)
    node["online"] = (
        who is not None and authority.decide(who, "ssm:UpdateInstanceInformation", call.arn("ssm", f"managed-instance/{name}")).allowed
    )
    if not node["online"]:
        world.clock.after(MISSED, partial(report, call, name))


def open_channel(call: Call, name: str) -> None:
    """The agent opens its channel to Session Manager; where its role does not let it, it tries again."""
    node = nodes(call).get(name)
    if node is None or node["died"]() is not None:
        return
    node["channel"] = channels.may_open(session(call, node))
    if not node["channel"]:
        world.clock.after(MISSED, partial(open_channel, call, name))


def connected(node: Node) -> bool:
    """Whether the agent holds its channel to Session Manager. That it does not is known at once."""
    return bool(node["channel"]) and node["died"]() is None


def status(node: Node) -> str:
    """Online once its agent has reported, and until it has not for a while."""
    died = node["died"]()
    gone = (world.clock.utc() - died).total_seconds() * world.clock.speed if died else 0.0
    return "Online" if node["online"] and gone < MISSED else "ConnectionLost"


def _last_ping(node: Node) -> datetime:
    seen: datetime = node["died"]() or world.clock.utc()
    return seen if node["online"] else node["RegistrationDate"]


def _values(node: Node, key: str) -> list[str]:
    if key.startswith("tag:"):
        return [node["tags"][key[4:]]] if key[4:] in node["tags"] else []
    if key == "tag-key":
        return list(node["tags"])
    values = {
        "InstanceIds": node["InstanceId"],
        "ActivationIds": node["ActivationId"],
        "IamRole": node["IamRole"],
        "ResourceType": node["ResourceType"],
        "AgentVersion": node["AgentVersion"],
        "PlatformTypes": node["PlatformType"],
        "PingStatus": status(node),
    }
    return [values[key]] if key in values else []


@operation("ssm", "DescribeInstanceInformation")
def describe_instance_information(call: Call) -> dict[str, Any]:
    wanted = [(item["Key"], item["Values"]) for item in call.params.get("Filters", [])]
    wanted += [(item["key"], item["valueSet"]) for item in call.params.get("InstanceInformationFilterList", [])]
    found = [node for node in nodes(call).values() if all(set(_values(node, key)) & set(values) for key, values in wanted)]
    shown = [{**node, "PingStatus": status(node), "LastPingDateTime": _last_ping(node)} for node in found]
    return page(shown, call.params, 50, "InstanceInformationList")


@operation("ssm", "GetConnectionStatus")
def get_connection_status(call: Call) -> dict[str, Any]:
    node = nodes(call).get(call.params["Target"])
    return {"Target": call.params["Target"], "Status": "connected" if node and connected(node) else "notconnected"}


@operation("ssm", "DeregisterManagedInstance")
def deregister_managed_instance(call: Call) -> dict[str, Any]:
    if nodes(call).pop(call.params["InstanceId"], None) is None:
        raise Refusal("InvalidInstanceId", f"Instance {call.params['InstanceId']} is not registered.")
    return {}


@dataclass
class Tagged:
    """What tag operations know of a node."""

    node: Node

    @property
    def tags(self) -> dict[str, str]:
        found: dict[str, str] = self.node["tags"]
        return found

    @tags.setter
    def tags(self, tags: dict[str, str]) -> None:
        self.node["tags"] = tags


def tagged(call: Call) -> Tagged:
    """The managed node that a tag operation is about. Raises InvalidResourceId."""
    node = nodes(call).get(call.params["ResourceId"])
    if node is None:
        raise Refusal("InvalidResourceId", "The resource ID is not valid. Verify that you entered the correct ID and try again.")
    return Tagged(node)
