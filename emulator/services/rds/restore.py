"""New instances made of others: from a snapshot, from a moment in time, as a read replica."""

from __future__ import annotations

from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from . import engines, instances, shape
from . import state as rds
from .state import Instance

# What a new instance takes from its source unless the request says otherwise.
INHERITED = (
    "AllocatedStorage",
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "DBName",
    "DedicatedLogVolume",
    "Iops",
    "KmsKeyId",
    "LicenseModel",
    "MasterUsername",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
    "StorageThroughput",
    "StorageType",
)


def _make(call: Call, source: Instance, name: str, **more: Any) -> Instance:
    if rds.find_instance(call, name):
        raise Refusal("DBInstanceAlreadyExists", "DB instance already exists")
    inherited = {key: value for key, value in source.items() if key in INHERITED} | {"Port": source["_port"]}
    wanted = {**inherited, "EnableIAMDatabaseAuthentication": source["IAMDatabaseAuthenticationEnabled"], **call.params}
    wanted |= {"DBInstanceIdentifier": name, **more}
    item = shape.make(call, wanted, engines.ENGINES[source["Engine"]], source["EngineVersion"])
    if wanted.get("ManageMasterUserPassword"):
        item["MasterUserSecret"] = shape.managed_secret(call, wanted, wanted["MasterUsername"])
    return item


def _begin(call: Call, item: Instance) -> dict[str, Any]:
    instances.begin(call, item)
    rds.set_tags(call, item["DBInstanceArn"], call.params.get("Tags"))
    return {"DBInstance": instances.view(call, item)}


@operation("rds", "RestoreDBInstanceFromDBSnapshot")
def restore_db_instance_from_db_snapshot(call: Call) -> dict[str, Any]:
    snapshot = rds.snapshot(call, call.params["DBSnapshotIdentifier"])
    if snapshot["Status"] != "available":
        raise Refusal("InvalidDBSnapshotState", f"The snapshot {snapshot['DBSnapshotIdentifier']} is not in the available state.")
    size = call.params.get("AllocatedStorage", snapshot["AllocatedStorage"])
    if size < snapshot["AllocatedStorage"]:
        raise rds.invalid("The storage of the restored instance cannot be smaller than that of the snapshot.")
    source: Instance = {**snapshot["_source"], "AllocatedStorage": size}
    return _begin(call, _make(call, source, call.params["DBInstanceIdentifier"]))


@operation("rds", "RestoreDBInstanceToPointInTime")
def restore_db_instance_to_point_in_time(call: Call) -> dict[str, Any]:
    wanted = call.params
    source = rds.instance(call, wanted.get("SourceDBInstanceIdentifier", ""))
    if "_backed_up" not in source or not source["BackupRetentionPeriod"]:
        text = "Cannot restore from a DB instance that has automated backups disabled."
        raise Refusal("InvalidRestoreFault" if source["BackupRetentionPeriod"] else "PointInTimeRestoreNotEnabled", text)
    if bool(wanted.get("UseLatestRestorableTime")) == bool(wanted.get("RestoreTime")):
        raise rds.combination("You must specify either UseLatestRestorableTime or RestoreTime, and not both.")
    return _begin(call, _make(call, source, wanted["TargetDBInstanceIdentifier"]))


@operation("rds", "CreateDBInstanceReadReplica")
def create_db_instance_read_replica(call: Call) -> dict[str, Any]:
    source = rds.instance(call, call.params.get("SourceDBInstanceIdentifier", ""))
    if source["DBInstanceStatus"] != "available":
        raise Refusal("InvalidDBInstanceState", "The source DB instance is not in the available state.")
    if not source["BackupRetentionPeriod"]:
        text = "Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance."
        raise Refusal("InvalidDBInstanceState", text)
    group = {"DBSubnetGroupName": call.params.get("DBSubnetGroupName", source["_subnet_group"]), "BackupRetentionPeriod": 0}
    item = _make(call, source, call.params["DBInstanceIdentifier"], **group)
    item["ReadReplicaSourceDBInstanceIdentifier"] = source["DBInstanceIdentifier"]
    source["ReadReplicaDBInstanceIdentifiers"] = [*source["ReadReplicaDBInstanceIdentifiers"], item["DBInstanceIdentifier"]]
    return _begin(call, item)


@operation("rds", "PromoteReadReplica")
def promote_read_replica(call: Call) -> dict[str, Any]:
    item = rds.instance(call, call.params["DBInstanceIdentifier"])
    source = item.get("ReadReplicaSourceDBInstanceIdentifier")
    if not source:
        raise Refusal("InvalidDBInstanceState", "Promotion is not allowed: the DB instance is not a read replica.")
    instances.in_state(item, "available")
    item["BackupRetentionPeriod"] = call.params.get("BackupRetentionPeriod", 1)
    item["DBInstanceStatus"] = "modifying"
    world.clock.after(instances.REBOOTING, lambda: _promoted(call, item, source))
    return {"DBInstance": instances.view(call, item)}


def _promoted(call: Call, item: Instance, source: str) -> None:
    item.pop("ReadReplicaSourceDBInstanceIdentifier", None)
    if (found := rds.find_instance(call, source)) is not None:
        kept = [name for name in found["ReadReplicaDBInstanceIdentifiers"] if name != item["DBInstanceIdentifier"]]
        found["ReadReplicaDBInstanceIdentifiers"] = kept
    item["DBInstanceStatus"] = "available"
    instances.ready(call, item)
