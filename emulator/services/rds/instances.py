"""DB instances: made, seen, rebooted, stopped, started and deleted, each in AWS's time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from ... import world
from ...executors import postgres
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from ..iam import service_linked_roles
from . import engines, shape, snapshots, subnet_groups
from . import state as rds
from .state import AppliedGroup, Instance

# Seconds of AWS's time.
CREATING = 240
BACKING_UP = 60
EXPORTING = 40
REBOOTING = 45
STOPPING = 180
STARTING = 240
DELETING = 180
RESTART_AFTER = 7 * 24 * 3600
# In which states an instance can be deleted.
DELETABLE = {"available", "stopped", "failed", "storage-full", "storage-optimization", "incompatible-network", "incompatible-parameters"}
FILTERS: dict[str, Callable[[Instance], Any]] = {
    "db-instance-id": lambda item: item["DBInstanceIdentifier"],
    "dbi-resource-id": lambda item: item["DbiResourceId"],
    "engine": lambda item: item["Engine"],
    "db-cluster-id": lambda item: item.get("DBClusterIdentifier", ""),
    "domain": lambda item: "",
}


def view(call: Call, item: Instance) -> dict[str, Any]:
    """An instance as AWS describes it."""
    group = subnet_groups.find(call, item["_subnet_group"])
    shown = {**item, "DBSubnetGroup": group, "TagList": rds.tags(call, item["DBInstanceArn"])}
    if item["BackupRetentionPeriod"] and "_backed_up" in item:
        shown["LatestRestorableTime"] = world.clock.utc()
    return shown


def enter(call: Call, item: Instance, first: list[tuple[int, str]]) -> None:
    """Let an instance pass through states: each entry is how many seconds until which state."""
    if not first:
        return
    (seconds, status), rest = first[0], first[1:]

    def arrive() -> None:
        if rds.table(call, "instances").get(item["DBInstanceIdentifier"]) is not item or item["DBInstanceStatus"] == "deleting":
            return
        item["DBInstanceStatus"] = status
        if status in ("backing-up", "configuring-log-exports"):
            item["Endpoint"] = endpoint(call, item)
        if status == "available":
            export_logs(item)
            ready(call, item)
        enter(call, item, rest)

    world.clock.after(seconds, arrive)


def ready(call: Call, item: Instance) -> None:
    """What an instance has only when it can be used."""
    item.setdefault("InstanceCreateTime", world.clock.utc())
    item["Endpoint"] = endpoint(call, item)
    item["PendingModifiedValues"].pop("MasterUserPassword", None)
    serve(call, item)
    if "MasterUserSecret" in item:
        item["MasterUserSecret"]["SecretStatus"] = "active"
    if item["BackupRetentionPeriod"]:
        item["_backed_up"] = True


def password(call: Call, item: Instance) -> str:
    """The master user's password: the declared one, or the one that Secrets Manager keeps."""
    if "MasterUserSecret" not in item:
        return str(item["_password"])
    found = world.aws(call, "secretsmanager", "GetSecretValue", SecretId=item["MasterUserSecret"]["SecretArn"])
    return str(json.loads(found["SecretString"])["password"])


def serve(call: Call, item: Instance) -> None:
    """Let a real server answer for an instance of PostgreSQL, where the emulator has one."""
    if item["Engine"] == "postgres":
        address = endpoint(call, item)["Address"]
        postgres.provide(address, item["_port"], item["MasterUsername"], password(call, item), item.get("DBName"))


def export_logs(item: Instance) -> None:
    """Exports of logs that were pending are as they were asked for."""
    pending = item["PendingModifiedValues"].pop("PendingCloudwatchLogsExports", {})
    logs = set(item.pop("EnabledCloudwatchLogsExports", [])) | set(pending.get("LogTypesToEnable", []))
    if logs := logs - set(pending.get("LogTypesToDisable", [])):
        item["EnabledCloudwatchLogsExports"] = sorted(logs)


def endpoint(call: Call, item: Instance) -> dict[str, Any]:
    """The address: the same twelve characters in all names of an account and Region."""
    digest = hashlib.sha256(f"{call.account}{call.region}".encode()).hexdigest()
    host = f"{item['DBInstanceIdentifier']}.c{digest[:11]}.{call.region}.rds.amazonaws.com"
    return {"Address": host, "Port": item["_port"], "HostedZoneId": "Z29XKXDKYMONMX"}


def begin(call: Call, item: Instance) -> None:
    """Hold a new instance and let it become available."""
    service_linked_roles.ensure(call, subnet_groups.SERVICE)
    rds.table(call, "instances")[item["DBInstanceIdentifier"]] = item
    made, last = (CREATING + BACKING_UP, "available"), []
    if "PendingCloudwatchLogsExports" in item["PendingModifiedValues"]:
        made, last = (CREATING + BACKING_UP, "configuring-log-exports"), [(EXPORTING, "available")]
    if item["BackupRetentionPeriod"]:
        enter(call, item, [(CREATING, "backing-up"), (BACKING_UP, made[1]), *last])
        world.clock.after(CREATING + BACKING_UP, lambda: snapshots.automatic(call, item))
    else:
        enter(call, item, [made, *last])


@operation("rds", "CreateDBInstance")
def create_db_instance(call: Call) -> dict[str, Any]:
    wanted = call.params
    if rds.find_instance(call, wanted["DBInstanceIdentifier"]):
        raise Refusal("DBInstanceAlreadyExists", "DB instance already exists")
    found = engines.engine(wanted["Engine"].lower())
    item = shape.make(call, wanted, found, engines.version(found, wanted.get("EngineVersion")))
    if wanted.get("ManageMasterUserPassword"):
        item["MasterUserSecret"] = shape.managed_secret(call, wanted, wanted["MasterUsername"])
    begin(call, item)
    rds.set_tags(call, item["DBInstanceArn"], wanted.get("Tags"))
    return {"DBInstance": view(call, item)}


@operation("rds", "DescribeDBInstances")
def describe_db_instances(call: Call) -> dict[str, Any]:
    if name := call.params.get("DBInstanceIdentifier"):
        items = [rds.instance(call, name)]
    else:
        table = rds.table(call, "instances")
        items = [table[key] for key in sorted(table)]
    return rds.page(call, [view(call, item) for item in rds.filters(call, FILTERS, items)], "DBInstances")


def in_state(item: Instance, *states: str) -> None:
    if item["DBInstanceStatus"] not in states:
        raise Refusal("InvalidDBInstanceState", f"Instance {item['DBInstanceIdentifier']} is not in {' or '.join(states)} state.")


@operation("rds", "RebootDBInstance")
def reboot_db_instance(call: Call) -> dict[str, Any]:
    """A reboot makes static parameters count."""
    item = rds.instance(call, call.params["DBInstanceIdentifier"])
    in_state(item, "available")
    if call.params.get("ForceFailover") and not item["MultiAZ"]:
        raise rds.combination("Reboot with failover is not supported for single-AZ instances. ForceFailover cannot be specified.")
    item["DBInstanceStatus"] = "rebooting"
    enter(call, item, [(REBOOTING, "available")])
    for entry in item["DBParameterGroups"]:
        world.clock.after(REBOOTING, partial(_in_sync, entry))
    return {"DBInstance": view(call, item)}


def _in_sync(entry: AppliedGroup) -> None:
    entry["ParameterApplyStatus"] = "in-sync"


@operation("rds", "StopDBInstance")
def stop_db_instance(call: Call) -> dict[str, Any]:
    """A stopped instance starts by itself after seven days."""
    item = rds.instance(call, call.params["DBInstanceIdentifier"])
    in_state(item, "available")
    if name := call.params.get("DBSnapshotIdentifier"):
        snapshots.take(call, item, name, "manual")
    item["DBInstanceStatus"] = "stopping"
    enter(call, item, [(STOPPING, "stopped")])

    def restart() -> None:
        if item["DBInstanceStatus"] == "stopped":
            _start(call, item)

    world.clock.after(STOPPING + RESTART_AFTER, restart)
    return {"DBInstance": view(call, item)}


def _start(call: Call, item: Instance) -> None:
    item["DBInstanceStatus"] = "starting"
    enter(call, item, [(STARTING, "available")])


@operation("rds", "StartDBInstance")
def start_db_instance(call: Call) -> dict[str, Any]:
    item = rds.instance(call, call.params["DBInstanceIdentifier"])
    in_state(item, "stopped")
    _start(call, item)
    return {"DBInstance": view(call, item)}


@operation("rds", "DeleteDBInstance")
def delete_db_instance(call: Call) -> dict[str, Any]:
    item = rds.instance(call, call.params["DBInstanceIdentifier"])
    name, final = item["DBInstanceIdentifier"], call.params.get("FinalDBSnapshotIdentifier")
    if item["DBInstanceStatus"] == "deleting":
        raise Refusal("InvalidDBInstanceState", f"Instance {name} is already being deleted.")
    if item["DeletionProtection"]:
        raise rds.combination("Cannot delete protected DB Instance, please disable deletion protection and try again.")
    if item["DBInstanceStatus"] not in DELETABLE:
        raise Refusal("InvalidDBInstanceState", f"Instance {name} is not in available state.")
    if final:
        snapshots.take(call, item, final, "manual")
    item["DBInstanceStatus"] = "deleting"
    keep = not call.params.get("DeleteAutomatedBackups", True)
    world.clock.after(DELETING, lambda: _gone(call, item, keep))
    return {"DBInstance": view(call, item)}


def _gone(call: Call, item: Instance, keep_backups: bool) -> None:
    if rds.table(call, "instances").get(item["DBInstanceIdentifier"]) is item:
        del rds.table(call, "instances")[item["DBInstanceIdentifier"]]
    rds.forget_tags(call, item["DBInstanceArn"])
    postgres.remove(endpoint(call, item)["Address"], item["_port"])
    if not keep_backups:
        snapshots.forget_automatic(call, item)
    if secret := item.get("MasterUserSecret"):
        world.aws(call, "secretsmanager", "DeleteSecret", SecretId=secret["SecretArn"], ForceDeleteWithoutRecovery=True)
