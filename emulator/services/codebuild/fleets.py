"""Fleets of reserved machines, as they are described; builds wait for none.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateFleet.html
"""

from __future__ import annotations

import uuid
from functools import partial

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import store
from .store import Shape

MOST, SECONDS = 10, 60.0
ORDERS = {"NAME": "name", "CREATED_TIME": "created", "LAST_MODIFIED_TIME": "lastModified"}
MEMBERS = (
    "baseCapacity",
    "environmentType",
    "computeType",
    "computeConfiguration",
    "scalingConfiguration",
    "overflowBehavior",
    "vpcConfig",
    "proxyConfiguration",
    "imageId",
    "fleetServiceRole",
    "tags",
)


def _active(fleet: Shape) -> None:
    fleet["status"] = {"statusCode": "ACTIVE"}


def _said(call: Call) -> Shape:
    return {member: call.params[member] for member in MEMBERS if call.params.get(member) is not None}


@operation("codebuild", "CreateFleet")
def create_fleet(call: Call) -> Shape:
    fleets, name, now = store.table(call, "fleets"), call.params["name"], world.clock.utc()
    if any(fleet["name"] == name for fleet in fleets.values()):
        raise Refusal("ResourceAlreadyExistsException", f"Fleet already exists: {name}")
    if len(fleets) >= MOST:
        raise Refusal("AccountLimitExceededException", f"Cannot have more than {MOST} fleets in the account")
    identity = str(uuid.uuid4())
    made: Shape = {
        "arn": call.arn("codebuild", f"fleet/{name}:{identity}"),
        "name": name,
        "id": identity,
        "created": now,
        "lastModified": now,
        "status": {"statusCode": "CREATING"},
        "overflowBehavior": "QUEUE",
        "tags": [],
        **_said(call),
    }
    fleets[made["arn"]] = made
    world.clock.after(SECONDS, partial(_active, made))
    return {"fleet": dict(made)}


@operation("codebuild", "UpdateFleet")
def update_fleet(call: Call) -> Shape:
    found = store.table(call, "fleets").get(call.params["arn"])
    if found is None:
        raise Refusal(store.MISSING, f"Fleet {call.params['arn']} does not exist")
    found.update(_said(call), lastModified=world.clock.utc(), status={"statusCode": "UPDATING"})
    world.clock.after(SECONDS, partial(_active, found))
    return {"fleet": dict(found)}


@operation("codebuild", "DeleteFleet")
def delete_fleet(call: Call) -> Shape:
    """It is no error when there is none."""
    store.table(call, "fleets").pop(call.params["arn"], None)
    return {}


@operation("codebuild", "BatchGetFleets")
def batch_get_fleets(call: Call) -> Shape:
    """By names or ARNs."""
    names = list(dict.fromkeys(call.params["names"]))
    known = {key: fleet for fleet in store.table(call, "fleets").values() for key in (fleet["name"], fleet["arn"])}
    return {"fleets": [dict(known[name]) for name in names if name in known], "fleetsNotFound": [n for n in names if n not in known]}


@operation("codebuild", "ListFleets")
def list_fleets(call: Call) -> Shape:
    member = ORDERS[call.params.get("sortBy", "NAME")]
    found = sorted(store.table(call, "fleets").values(), key=lambda fleet: (fleet[member], fleet["name"]))
    return store.page(call, store.ordered(call, (fleet["arn"] for fleet in found)), "fleets")
