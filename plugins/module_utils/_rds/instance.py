# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Database instances. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html"""

from __future__ import annotations

import re
from typing import Any

from .._core import aws, clock, shape, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Secret, Step
from . import labels, subnet_group
from .changes import changes, exports, kept, speed

# What was made a moment ago is not known everywhere yet: the groups, and AWS's own role for RDS.
FRESH = (
    *subnet_group.FRESH,
    Propagation("DBSubnetGroupNotFoundFault", "", 30),
    Propagation("DBParameterGroupNotFound", "", 60),
)
NAME = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9])*")
SAME = (
    "db_instance_identifier",
    "db_instance_arn",
    "db_instance_status",
    "engine",
    "engine_version",
    "db_instance_class",
    "allocated_storage",
    "max_allocated_storage",
    "storage_type",
    "storage_encrypted",
    "kms_key_id",
    "multi_az",
    "db_name",
    "master_username",
    "publicly_accessible",
    "backup_retention_period",
    "deletion_protection",
    "auto_minor_version_upgrade",
    "copy_tags_to_snapshot",
    "preferred_backup_window",
    "preferred_maintenance_window",
    "performance_insights_retention_period",
    "engine_lifecycle_support",
)
READ_ONLY = ("db_instance_arn", "db_instance_status")
# The names of what CreateDBInstance takes; the rest of the module's parameters are its own.
CREATION = (
    *(name for name in SAME if name not in READ_ONLY),
    "port",
    "db_subnet_group_name",
    "db_parameter_group_name",
    "vpc_security_group_ids",
    "enable_performance_insights",
    "enable_cloudwatch_logs_exports",
)
# A change that was just made, or a backup, keeps an instance from being changed or deleted for a while (rule RDS-12).
BUSY = (Propagation("InvalidDBInstanceState", "", 900),)
SETTLED = ("available", "storage-optimization")
# Out of these an instance comes by itself; so it does out of everything that begins with configuring-.
SETTLING = {
    "backing-up",
    "creating",
    "maintenance",
    "modifying",
    "rebooting",
    "renaming",
    "resetting-master-credentials",
    "starting",
    "storage-config-upgrade",
    "storage-initialization",
    "upgrading",
}


def find(client: Any, name: str) -> dict[str, Any] | None:
    """The instance in our shape, or None. Its members have the names of the module's parameters; no password."""
    if not NAME.fullmatch(name) or len(name) > 63:
        raise RailyardError(f"{name!r} cannot be an identifier: at most 63 letters, digits and single hyphens, a letter first (rule RDS-2)")
    found = aws.find(client, "DescribeDBInstances", {"DBInstanceNotFound", "DBInstanceNotFoundFault"}, DBInstanceIdentifier=name)
    if not found or not found["DBInstances"]:
        return None
    instances: Any = shape.output_shape(client, "DescribeDBInstances", "DBInstances")
    item: dict[str, Any] = shape.ours(instances.member, found["DBInstances"][0])
    endpoint = item.get("endpoint") or {}
    return {
        **{key: item.get(key) for key in SAME},
        "endpoint": {"address": endpoint["address"], "port": endpoint["port"]} if endpoint.get("address") else None,
        "db_subnet_group_name": item.get("db_subnet_group", {}).get("db_subnet_group_name"),
        "db_parameter_group_name": next((group["db_parameter_group_name"] for group in item.get("db_parameter_groups", [])), None),
        "vpc_security_group_ids": sorted(
            group["vpc_security_group_id"] for group in item.get("vpc_security_groups", []) if group["status"] in ("active", "adding")
        ),
        "iops": item.get("iops"),
        "storage_throughput": item.get("storage_throughput"),
        "enable_performance_insights": bool(item.get("performance_insights_enabled")),
        "enable_cloudwatch_logs_exports": sorted(item.get("enabled_cloudwatch_logs_exports") or []),
        "pending_modified_values": _pending(item.get("pending_modified_values") or {}),
        "tags": tags.as_dict(found["DBInstances"][0].get("TagList")),
    }


def _pending(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != "master_user_password" and value not in (None, {}, [])}


def find_settled(client: Any, wanted: dict[str, Any]) -> dict[str, Any] | None:
    """The instance. Where something is to be changed, and its status settles by itself, it is awaited for wait_timeout seconds."""

    def settled(live: dict[str, Any] | None) -> bool:
        return live is None or not _settles(live["db_instance_status"]) or not changes(wanted, live)

    name = wanted["db_instance_identifier"]
    if wanted["state"] == "absent":
        return find(client, name)
    live = clock.look_until(lambda: find(client, name), settled, wanted["wait_timeout"])
    if live and not settled(live):
        seconds, changed = wanted["wait_timeout"], changes(wanted, live)
        message = f"{name} is still {live['db_instance_status']} after {seconds} seconds, and RDS takes changes only when it is available"
        raise RailyardError(f"{message}: {', '.join(sorted(changed))} (rule RDS-12)", live=live, differences=changed)
    return live


def _settles(status: str) -> bool:
    return status in SETTLING or status.startswith("configuring-")


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None, password: Secret) -> Plan:
    """`wanted`: the parameters of the module rds_instance. `password` is fetched only by the step that creates the instance."""
    if wanted["state"] == "absent":
        return _deletion(wanted, live)
    if live is None:
        return _creation(client, wanted, password)
    name, status = wanted["db_instance_identifier"], live["db_instance_status"]
    if status == "deleting":
        raise RailyardError(f"{name} is being deleted; run this again when it is gone", live=live)
    changed = changes(wanted, live)
    if changed and status not in SETTLED and not _settles(status):
        message = f"{name} is {status}, and RDS takes changes only when it is available: {', '.join(sorted(changed))} (rule RDS-12)"
        raise RailyardError(message, live=live, differences=changed)
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    steps = [_modification(client, wanted, live, changed)] if changed else []
    notes = {"kept": kept(wanted, live)}
    return Plan(live, {**live, **changed, "tags": change.after}, (*steps, *labels.steps(live["db_instance_arn"], change)), notes)


def _creation(client: Any, wanted: dict[str, Any], password: Secret) -> Plan:
    name = wanted["db_instance_identifier"]
    missing = [
        key for key in ("password_parameter", "engine", "db_instance_class", "allocated_storage", "master_username") if not wanted[key]
    ]
    if missing:
        raise RailyardError(f"{name} does not exist yet, and to create it {', '.join(missing)} must be given")
    declared = {key: wanted[key] for key in CREATION if wanted[key] is not None}
    if not wanted["enable_performance_insights"]:
        declared.pop("performance_insights_retention_period", None)
    params = shape.aws(shape.input_shape(client, "CreateDBInstance"), declared)
    params |= {"MasterUserPassword": password, "Tags": tags.as_pairs(wanted["tags"])}
    after = {**declared, "db_instance_status": "creating", "endpoint": None, "pending_modified_values": {}, "tags": wanted["tags"] or {}}
    after.pop("port", None)
    return Plan(None, after, (Step("CreateDBInstance", params, already=("DBInstanceAlreadyExists",), propagation=FRESH),))


def _modification(client: Any, wanted: dict[str, Any], live: dict[str, Any], changed: dict[str, Any]) -> Step:
    values = {key: value for key, value in changed.items() if key != "enable_cloudwatch_logs_exports"} | speed(changed, live)
    if "engine_lifecycle_support" in values and "EngineLifecycleSupport" not in shape.members(client, "ModifyDBInstance"):
        name, has = wanted["db_instance_identifier"], live["engine_lifecycle_support"]
        raise RailyardError(f"{name} has engine_lifecycle_support {has}, and this boto3 is too old to change it; update boto3")
    params = shape.aws(shape.input_shape(client, "ModifyDBInstance"), values)
    if "enable_cloudwatch_logs_exports" in changed:
        asked, has = set(changed["enable_cloudwatch_logs_exports"]), set(exports(live))
        params["CloudwatchLogsExportConfiguration"] = {"EnableLogTypes": sorted(asked - has), "DisableLogTypes": sorted(has - asked)}
    params |= {"DBInstanceIdentifier": wanted["db_instance_identifier"], "ApplyImmediately": wanted["apply_immediately"]}
    # Between two of its states an instance says that it is available, and is not yet (rule RDS-12).
    return Step("ModifyDBInstance", params, propagation=BUSY)


def _deletion(wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    name, snapshot = wanted["db_instance_identifier"], wanted["final_db_snapshot_identifier"]
    if live is None or live["db_instance_status"] == "deleting":
        return Plan(live, live)
    if live["deletion_protection"] and wanted["deletion_protection"] is not False:
        raise RailyardError(f"{name} is protected against deletion; deletion_protection: false takes the protection away", live=live)
    if bool(snapshot) == wanted["skip_final_snapshot"]:
        raise RailyardError(
            f"deleting {name} needs either final_db_snapshot_identifier, or skip_final_snapshot: true to lose its data (RDS-11)"
        )
    steps = []
    if live["deletion_protection"]:
        unprotected = {"DBInstanceIdentifier": name, "DeletionProtection": False, "ApplyImmediately": True}
        steps.append(Step("ModifyDBInstance", unprotected))
    last = {"FinalDBSnapshotIdentifier": snapshot, "SkipFinalSnapshot": False} if snapshot else {"SkipFinalSnapshot": True}
    steps.append(Step("DeleteDBInstance", {"DBInstanceIdentifier": name, **last}, propagation=BUSY))
    return Plan(live, {**live, "db_instance_status": "deleting"}, tuple(steps))
