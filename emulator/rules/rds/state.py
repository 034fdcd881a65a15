"""What RDS refuses because of what is there (rules RDS-1, RDS-3, RDS-10 to RDS-13)."""

from __future__ import annotations

import re

from ...refusal import Refusal
from ...registry import rule
from ...services.iam import authority
from ...services.rds import engines
from ...services.rds import state as rds
from ...services.rds.parameter_groups import find as find_group
from ...wire import Call

API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"
DELETE = API + "API_DeleteDBInstance.html"
MODIFY = API + "API_ModifyDBInstance.html"
MONITORING = "monitoring.rds.amazonaws.com"


@rule("RDS-1", "rds", "CreateDBSubnetGroup", source=API + "API_CreateDBSubnetGroup.html")
def subnet_group_name(call: Call) -> Refusal | None:
    """A subnet group's name has letters, digits, periods, underscores, spaces and hyphens, and is not "default"."""
    name = call.params["DBSubnetGroupName"]
    if name.lower() == "default" or not re.fullmatch(r"[A-Za-z0-9._ -]{1,255}", name):
        return rds.invalid(
            "The parameter DBSubnetGroupName must be provided and must not be blank, must not be Default, and must contain only "
            f"alphanumeric characters, spaces, periods, hyphens, or underscores: {name}"
        )
    if not call.params["DBSubnetGroupDescription"].strip():
        return rds.invalid("The parameter DBSubnetGroupDescription must be provided and must not be blank.")
    return None


@rule("RDS-10", "rds", "ModifyDBParameterGroup", "ResetDBParameterGroup", source=API + "API_ModifyDBParameterGroup.html")
def twenty_parameters(call: Call) -> Refusal | None:
    """At most twenty parameters in one request."""
    if len(call.params.get("Parameters", [])) > 20:
        return rds.invalid("The request has too many parameters: at most 20 parameters can be modified in a single request.")
    return None


@rule("RDS-12", "rds", "ModifyDBInstance", source=MODIFY)
def available(call: Call) -> Refusal | None:
    """An instance is changed only when it is available."""
    found = rds.find_instance(call, call.params["DBInstanceIdentifier"])
    if found is None:
        return rds.missing_instance(call.params["DBInstanceIdentifier"].lower())
    if found["DBInstanceStatus"] not in ("available", "storage-optimization", "storage-full", "incompatible-parameters"):
        return Refusal("InvalidDBInstanceState", "Database instance is not in available state.")
    return None


@rule("RDS-3", "rds", "ModifyDBInstance", source=MODIFY)
def managed_by_us(call: Call) -> Refusal | None:
    """A password that RDS manages is not given; to stop managing it, one has to be given."""
    wanted = call.params
    found = rds.find_instance(call, wanted["DBInstanceIdentifier"]) or {}
    managed, given = "MasterUserSecret" in found, "MasterUserPassword" in wanted
    if managed and given and wanted.get("ManageMasterUserPassword") is not False:
        return rds.combination("You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.")
    if managed and wanted.get("ManageMasterUserPassword") is False and not given:
        return rds.combination("You must specify MasterUserPassword when you disable ManageMasterUserPassword.")
    if wanted.get("RotateMasterUserPassword") and not managed:
        return rds.combination("You can't rotate the password of an instance whose password is not managed by AWS Secrets Manager.")
    return None


@rule("RDS-12", "rds", "ModifyDBInstance", source=MODIFY)
def upgrade(call: Call) -> Refusal | None:
    """A version follows an upgrade path; another major version has to be allowed."""
    wanted, found = call.params.get("EngineVersion"), rds.find_instance(call, call.params["DBInstanceIdentifier"])
    if wanted is None or found is None:
        return None
    engine, now = engines.ENGINES[found["Engine"]], found["EngineVersion"]
    target = engines.find_version(engine, wanted)
    if target is None:
        return rds.combination(f"Cannot find upgrade target from {now} with requested version {wanted}.")
    if engine.major(now) == wanted or target == now:
        return None
    if target not in engine.targets(now):
        return rds.combination(f"Cannot upgrade {engine.name} from {now} to {target}")
    if engine.major(target) != engine.major(now) and not call.params.get("AllowMajorVersionUpgrade"):
        return rds.combination("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
    group = find_group(call, found["DBParameterGroups"][0]["DBParameterGroupName"])
    own = group is not None and not group["DBParameterGroupName"].startswith("default.")
    if own and engine.major(target) != engine.major(now) and "DBParameterGroupName" not in call.params:
        return rds.combination(
            "The current DB instance parameter group is a custom parameter group. You must explicitly specify a new DB parameter "
            "group name, either default or custom, for the engine version upgrade."
        )
    return None


@rule("RDS-12", "rds", "ModifyDBInstance", source=MODIFY)
def renamed(call: Call) -> Refusal | None:
    """A new identifier is one that is free."""
    name = call.params.get("NewDBInstanceIdentifier", "").lower()
    if name and name != call.params["DBInstanceIdentifier"].lower() and rds.find_instance(call, name):
        return Refusal("DBInstanceAlreadyExists", "DB instance already exists")
    return None


@rule("RDS-11", "rds", "DeleteDBInstance", source=DELETE)
def final_snapshot(call: Call) -> Refusal | None:
    """A final snapshot is named or skipped; one of the two."""
    found = rds.find_instance(call, call.params["DBInstanceIdentifier"])
    if found is None:
        return rds.missing_instance(call.params["DBInstanceIdentifier"].lower())
    skipped, name = call.params.get("SkipFinalSnapshot", False), call.params.get("FinalDBSnapshotIdentifier")
    if skipped and name:
        return rds.combination("FinalDBSnapshotIdentifier cannot be specified when deleting a DB instance with SkipFinalSnapshot enabled.")
    if not skipped and not name and "ReadReplicaSourceDBInstanceIdentifier" not in found:
        return rds.combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    return None


@rule("RDS-13", "rds", "CreateDBInstance", "ModifyDBInstance", source=MODIFY)
def monitoring_role(call: Call) -> Refusal | None:
    """The role for enhanced monitoring exists and trusts the monitoring service."""
    arn = call.params.get("MonitoringRoleArn")
    if not arn:
        return None
    source = call.arn("rds", f"db:{call.params['DBInstanceIdentifier'].lower()}")
    if not authority.assumable(call, arn, MONITORING, source):
        text = "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING"
        return rds.invalid(text)
    return None
