"""Changes of a DB instance: at once, soon, or at the next maintenance window, as AWS's table of settings says.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from ... import world
from ...registry import operation
from ...wire import Call
from . import engines, instances, shape
from . import state as rds
from .state import Instance

# An instance still says that it is available for a moment after it has accepted a change.
NOTICED = 20
MODIFYING = 180
# Storage that has changed is usable, and optimized for a while, which can take AWS longer.
OPTIMIZING = 6 * 3600
EXPORTS = "PendingCloudwatchLogsExports"
STORAGE = ("AllocatedStorage", "Iops", "StorageThroughput", "StorageType")
# Settings that wait for the maintenance window unless ApplyImmediately is given, and their name in PendingModifiedValues.
WAITING = {
    "AllocatedStorage": "AllocatedStorage",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "CACertificateIdentifier": "CACertificateIdentifier",
    "DBInstanceClass": "DBInstanceClass",
    "DBSubnetGroupName": "DBSubnetGroupName",
    "DedicatedLogVolume": "DedicatedLogVolume",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EngineVersion": "EngineVersion",
    "Iops": "Iops",
    "LicenseModel": "LicenseModel",
    "MultiAZ": "MultiAZ",
    "NewDBInstanceIdentifier": "DBInstanceIdentifier",
    "StorageThroughput": "StorageThroughput",
    "StorageType": "StorageType",
}
# Settings that never wait and that change nothing else.
AT_ONCE = (
    "AutoMinorVersionUpgrade",
    "CopyTagsToSnapshot",
    "DatabaseInsightsMode",
    "DeletionProtection",
    "EngineLifecycleSupport",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "NetworkType",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def until_window(item: Instance) -> float:
    """Seconds until the next maintenance window of an instance begins."""
    day, hour, minute = item["PreferredMaintenanceWindow"].split("-")[0].split(":")
    now = world.clock.utc()
    start = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    start += timedelta(days=(DAYS.index(day) - now.weekday()) % 7)
    return ((start if start > now else start + timedelta(days=7)) - now).total_seconds()


def _pending(call: Call, item: Instance) -> dict[str, Any]:
    """What of a request waits, under the names of PendingModifiedValues; what is so already is no change."""
    wanted = call.params
    found = engines.ENGINES[item["Engine"]]
    pending = {name: wanted[setting] for setting, name in WAITING.items() if setting in wanted}
    if "EngineVersion" in pending:
        pending["EngineVersion"] = engines.version(found, pending["EngineVersion"])
    for name in ("DBInstanceIdentifier", "DBSubnetGroupName"):
        if name in pending:
            pending[name] = pending[name].lower()
    if pending.get("AllocatedStorage", 0) > item["AllocatedStorage"]:
        # Less than a tenth more is rounded up to a tenth more.
        pending["AllocatedStorage"] = max(pending["AllocatedStorage"], -(-item["AllocatedStorage"] * 11 // 10))
    if item["BackupRetentionPeriod"] and pending.get("BackupRetentionPeriod"):
        item["BackupRetentionPeriod"] = pending.pop("BackupRetentionPeriod")
    if pending.get("StorageType") not in (None, item["StorageType"]):
        size = int(pending.get("AllocatedStorage") or item["AllocatedStorage"])
        pending = {**engines.storage_defaults(pending["StorageType"], size), **pending}
    live = {**item, "DBSubnetGroupName": item["_subnet_group"]}
    return {name: value for name, value in pending.items() if live.get(name) != value}


def _at_once(call: Call, item: Instance) -> bool:
    """Change what AWS changes without waiting. Says whether the instance is busy with it for a while."""
    wanted = call.params
    before = dict(item)
    vpc = rds.table(call, "subnet_groups")[item["_subnet_group"]]["VpcId"]
    if "VpcSecurityGroupIds" in wanted:
        item["VpcSecurityGroups"] = shape.memberships(call, wanted["VpcSecurityGroupIds"], vpc)
    if "PubliclyAccessible" in wanted:
        item["PubliclyAccessible"] = shape.public(call, wanted, vpc)
    _parameter_group(call, item)
    item.update(cast(Instance, {name: wanted[name] for name in AT_ONCE if name in wanted}))
    item["PreferredMaintenanceWindow"] = item["PreferredMaintenanceWindow"].lower()
    if item.get("MaxAllocatedStorage") == item["AllocatedStorage"]:
        item.pop("MaxAllocatedStorage")
    _insights(call, item)
    return item != before


def _parameter_group(call: Call, item: Instance) -> None:
    """A new parameter group counts only after a reboot."""
    wanted, found = call.params, engines.ENGINES[item["Engine"]]
    if name := wanted.get("DBParameterGroupName"):
        version = engines.version(found, wanted.get("EngineVersion", item["EngineVersion"]))
        entry = shape.parameter_group(call, name, found, version)
        if entry["DBParameterGroupName"] != item["DBParameterGroups"][0]["DBParameterGroupName"]:
            item["DBParameterGroups"] = [{**entry, "ParameterApplyStatus": "pending-reboot"}]


def _insights(call: Call, item: Instance) -> None:
    wanted = call.params
    if "EnablePerformanceInsights" in wanted:
        item.pop("PerformanceInsightsKMSKeyId", None)
        item.pop("PerformanceInsightsRetentionPeriod", None)
        item.update(cast(Instance, shape.insights(call, wanted)))
    elif "PerformanceInsightsRetentionPeriod" in wanted and item["PerformanceInsightsEnabled"]:
        item["PerformanceInsightsRetentionPeriod"] = wanted["PerformanceInsightsRetentionPeriod"]


def _logs(item: Instance, wanted: dict[str, Any]) -> dict[str, Any]:
    """Exports that will begin and end, as PendingModifiedValues has them."""
    has = set(item.get("EnabledCloudwatchLogsExports", []))
    more, less = sorted(set(wanted.get("EnableLogTypes", [])) - has), sorted(set(wanted.get("DisableLogTypes", [])) & has)
    pending = {**({"LogTypesToEnable": more} if more else {}), **({"LogTypesToDisable": less} if less else {})}
    return {EXPORTS: pending} if pending else {}


def _secret(call: Call, item: Instance) -> None:
    """The master user's password: given, given to Secrets Manager, or taken back from it."""
    wanted = call.params
    if wanted.get("ManageMasterUserPassword") is True and "MasterUserSecret" not in item:
        item["MasterUserSecret"] = shape.managed_secret(call, wanted, item["MasterUsername"])
    if wanted.get("ManageMasterUserPassword") is False and "MasterUserSecret" in item:
        secret = item.pop("MasterUserSecret")
        world.aws(call, "secretsmanager", "DeleteSecret", SecretId=secret["SecretArn"], ForceDeleteWithoutRecovery=True)
    if wanted.get("RotateMasterUserPassword") and "MasterUserSecret" in item:
        item["MasterUserSecret"]["SecretStatus"] = "rotating"


@operation("rds", "ModifyDBInstance")
def modify_db_instance(call: Call) -> dict[str, Any]:
    wanted = call.params
    item = rds.instance(call, wanted["DBInstanceIdentifier"])
    pending = _pending(call, item)
    busy = _at_once(call, item)
    _secret(call, item)
    now = _logs(item, wanted.get("CloudwatchLogsExportConfiguration", {}))
    if "MasterUserPassword" in wanted:
        now["MasterUserPassword"] = shape.HIDDEN
        item["_password"] = wanted["MasterUserPassword"]
    if wanted.get("DBPortNumber", item["_port"]) != item["_port"]:
        now["Port"] = wanted["DBPortNumber"]
    item["PendingModifiedValues"] |= pending | now
    if wanted.get("ApplyImmediately"):
        now = dict(item["PendingModifiedValues"])
    elif pending:
        world.clock.after(until_window(item), lambda: apply(call, item, dict(item["PendingModifiedValues"])))
    if now or busy or "MasterUserSecret" in item:
        world.clock.after(NOTICED, lambda: apply(call, item, now))
    return {"DBInstance": instances.view(call, item)}


def apply(call: Call, item: Instance, values: dict[str, Any]) -> None:
    """Begin a change; the instance is "modifying" meanwhile. One that is busy already takes it with it."""
    if item["DBInstanceStatus"] not in ("available", "storage-optimization"):
        if item["DBInstanceStatus"] not in ("deleting", "stopped", "stopping"):
            world.clock.after(MODIFYING, lambda: apply(call, item, values))
        return
    item["DBInstanceStatus"] = "configuring-log-exports" if set(values) == {EXPORTS} else "modifying"
    world.clock.after(MODIFYING, lambda: _finish(call, item, values))


def _finish(call: Call, item: Instance, values: dict[str, Any]) -> None:
    if item["DBInstanceStatus"] not in ("modifying", "configuring-log-exports"):
        return
    stored = {name: item.get(name) for name in STORAGE}
    for name, value in values.items():
        if item["PendingModifiedValues"].get(name) == value:
            if name == EXPORTS:
                instances.export_logs(item)
                continue
            del item["PendingModifiedValues"][name]
            _set(call, item, name, value)
    item["DBInstanceStatus"] = "available"
    instances.ready(call, item)
    if stored != {name: item.get(name) for name in STORAGE}:
        item["DBInstanceStatus"] = "storage-optimization"
        item["_optimized"] = world.clock.now() + OPTIMIZING / world.clock.speed
        instances.enter(call, item, [(OPTIMIZING, "available")])


def _set(call: Call, item: Instance, name: str, value: Any) -> None:
    if name == "Port":
        item["_port"] = value
    elif name == "DBSubnetGroupName":
        item["_subnet_group"] = value
    elif name == "DBInstanceIdentifier":
        _rename(call, item, value)
    elif name == "EngineVersion":
        _upgrade(item, value)
    elif name == "CACertificateIdentifier":
        item.update({"CACertificateIdentifier": value, "CertificateDetails": shape.certificate(value)})
    elif name == "MultiAZ":
        item["MultiAZ"] = value
        item.pop("SecondaryAvailabilityZone", None)
        group = rds.table(call, "subnet_groups")[item["_subnet_group"]]
        standby = shape.zones(group, item["AvailabilityZone"], value)[1]
        item.update({"SecondaryAvailabilityZone": standby} if standby else {})
    elif name == "MasterUserPassword":
        instances.serve(call, item)
    else:
        item.update(cast(Instance, {name: value}))
    if name == "StorageType" and value == "gp2":
        item.pop("Iops", None)


def _rename(call: Call, item: Instance, name: str) -> None:
    table, old = rds.table(call, "instances"), item["DBInstanceArn"]
    del table[item["DBInstanceIdentifier"]]
    item.update({"DBInstanceIdentifier": name, "DBInstanceArn": rds.arn(call, "db", name)})
    table[name] = item
    rds.set_tags(call, item["DBInstanceArn"], rds.tags(call, old))
    rds.forget_tags(call, old)


def _upgrade(item: Instance, version: str) -> None:
    """An upgrade to another major version takes the groups of that version with it."""
    found = engines.ENGINES[item["Engine"]]
    entry = item["DBParameterGroups"][0]
    if entry["DBParameterGroupName"] == f"default.{found.family(item['EngineVersion'])}":
        entry["DBParameterGroupName"] = f"default.{found.family(version)}"
    item["OptionGroupMemberships"][0]["OptionGroupName"] = shape.option_group(found, version)
    item["EngineVersion"] = version
