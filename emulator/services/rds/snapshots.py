"""DB snapshots, manual, automated and final, and instances restored from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from . import state as rds
from .state import Instance, Snapshot

TAKING = 120
COPIED = (
    "DBInstanceIdentifier",
    "Engine",
    "EngineVersion",
    "AllocatedStorage",
    "AvailabilityZone",
    "MasterUsername",
    "LicenseModel",
    "Iops",
    "StorageThroughput",
    "StorageType",
    "KmsKeyId",
    "IAMDatabaseAuthenticationEnabled",
    "DbiResourceId",
    "InstanceCreateTime",
    "DedicatedLogVolume",
)
FILTERS: dict[str, Callable[[Snapshot], Any]] = {
    "db-instance-id": lambda item: item["DBInstanceIdentifier"],
    "db-snapshot-id": lambda item: item["DBSnapshotIdentifier"],
    "dbi-resource-id": lambda item: item["DbiResourceId"],
    "snapshot-type": lambda item: item["SnapshotType"],
    "engine": lambda item: item["Engine"],
}


def view(call: Call, item: Snapshot) -> dict[str, Any]:
    shown = {**item, "TagList": rds.tags(call, item["DBSnapshotArn"])}
    if item["Status"] == "creating":
        shown.pop("SnapshotCreateTime", None)
    return shown


def take(call: Call, source: Instance, name: str, kind: str) -> Snapshot:
    """Begin a snapshot; it is available two minutes later. Raises DBSnapshotAlreadyExists."""
    name = name.lower()
    if rds.find_snapshot(call, name) is not None:
        raise Refusal(
            "DBSnapshotAlreadyExists", f"Cannot create the snapshot because a snapshot with the identifier {name} already exists."
        )
    item: Snapshot = {
        **cast(Snapshot, {key: value for key, value in source.items() if key in COPIED}),
        "DBSnapshotIdentifier": name,
        "DBSnapshotArn": rds.arn(call, "snapshot", name),
        "SnapshotType": kind,
        "Status": "creating",
        "PercentProgress": 0,
        "Port": source["_port"],
        "Encrypted": source["StorageEncrypted"],
        "VpcId": rds.table(call, "subnet_groups")[source["_subnet_group"]]["VpcId"],
        "OptionGroupName": source["OptionGroupMemberships"][0]["OptionGroupName"],
        "SnapshotTarget": "region",
        "_source": source.copy(),
    }
    rds.table(call, "snapshots")[name] = item
    if source["CopyTagsToSnapshot"]:
        rds.set_tags(call, item["DBSnapshotArn"], rds.tags(call, source["DBInstanceArn"]))
    world.clock.after(TAKING, lambda: _taken(item))
    return item


def _taken(item: Snapshot) -> None:
    now = world.clock.utc()
    item.update(
        {
            "Status": "available",
            "PercentProgress": 100,
            "SnapshotCreateTime": now,
            "OriginalSnapshotCreateTime": now,
            "SnapshotDatabaseTime": now,
        }
    )


def automatic(call: Call, source: Instance) -> None:
    """The first of the automated backups, which begin when an instance is there."""
    name = source["DBInstanceIdentifier"]
    if rds.table(call, "instances").get(name) is source and source["BackupRetentionPeriod"]:
        stamp = world.clock.utc().strftime("%Y-%m-%d-%H-%M")
        identifier = f"rds:{name}-{stamp}"
        if rds.find_snapshot(call, identifier) is None:
            _taken(take(call, source, identifier, "automated"))


def forget_automatic(call: Call, source: Instance) -> None:
    table = rds.table(call, "snapshots")
    for name in [name for name, item in table.items() if item["DbiResourceId"] == source["DbiResourceId"]]:
        if table[name]["SnapshotType"] == "automated":
            del table[name]


@operation("rds", "CreateDBSnapshot")
def create_db_snapshot(call: Call) -> dict[str, Any]:
    source = rds.instance(call, call.params["DBInstanceIdentifier"])
    if source["DBInstanceStatus"] not in ("available", "storage-optimization", "stopped"):
        text = "Cannot create a snapshot because the database instance {} is not currently in the available state."
        raise Refusal("InvalidDBInstanceState", text.format(source["DBInstanceIdentifier"]))
    item = take(call, source, call.params["DBSnapshotIdentifier"], "manual")
    rds.set_tags(call, item["DBSnapshotArn"], call.params.get("Tags"))
    if source["DBInstanceStatus"] == "available" and not source["MultiAZ"]:
        source["DBInstanceStatus"] = "backing-up"
        world.clock.after(TAKING, lambda: _back(source))
    return {"DBSnapshot": view(call, item)}


def _back(source: Instance) -> None:
    if source["DBInstanceStatus"] == "backing-up":
        source["DBInstanceStatus"] = "available"


@operation("rds", "DescribeDBSnapshots")
def describe_db_snapshots(call: Call) -> dict[str, Any]:
    wanted = call.params
    if name := wanted.get("DBSnapshotIdentifier"):
        items = [rds.snapshot(call, name)]
    else:
        table = rds.table(call, "snapshots")
        items = [table[key] for key in sorted(table)]
    if name := wanted.get("DBInstanceIdentifier"):
        items = [item for item in items if item["DBInstanceIdentifier"] == name.lower()]
    if identifier := wanted.get("DbiResourceId"):
        items = [item for item in items if item["DbiResourceId"] == identifier]
    if kind := wanted.get("SnapshotType"):
        items = [item for item in items if item["SnapshotType"] == kind]
    return rds.page(call, [view(call, item) for item in rds.filters(call, FILTERS, items)], "DBSnapshots")


@operation("rds", "DeleteDBSnapshot")
def delete_db_snapshot(call: Call) -> dict[str, Any]:
    item = rds.snapshot(call, call.params["DBSnapshotIdentifier"])
    if item["SnapshotType"] == "automated":
        raise Refusal("InvalidDBSnapshotState", "Only manual snapshots may be deleted.")
    if item["Status"] != "available":
        raise Refusal("InvalidDBSnapshotState", "Cannot delete a snapshot that is not in the available state.")
    del rds.table(call, "snapshots")[item["DBSnapshotIdentifier"]]
    shown = {**view(call, item), "Status": "deleted"}
    rds.forget_tags(call, item["DBSnapshotArn"])
    return {"DBSnapshot": shown}
