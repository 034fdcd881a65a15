"""What RDS refuses of a new or changed DB instance, seen from the request alone (rules RDS-2 to RDS-9, RDS-13, RDS-14)."""

from __future__ import annotations

import re
from typing import Any

from ...refusal import Refusal
from ...registry import rule
from ...services.rds import engines
from ...services.rds import state as rds
from ...wire import Call

API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"
CREATE = API + "API_CreateDBInstance.html"
MODIFY = API + "API_ModifyDBInstance.html"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = 7 * 24 * 60
RETENTIONS = {7, 731, *(month * 31 for month in range(1, 24))}
NEW = ("CreateDBInstance", "CreateDBInstanceReadReplica", "RestoreDBInstanceFromDBSnapshot")
# Which parameter of which operation names something new.
NAMES = {
    "CreateDBInstance": "DBInstanceIdentifier",
    "CreateDBInstanceReadReplica": "DBInstanceIdentifier",
    "RestoreDBInstanceFromDBSnapshot": "DBInstanceIdentifier",
    "RestoreDBInstanceToPointInTime": "TargetDBInstanceIdentifier",
    "ModifyDBInstance": "NewDBInstanceIdentifier",
    "CreateDBSnapshot": "DBSnapshotIdentifier",
    "DeleteDBInstance": "FinalDBSnapshotIdentifier",
    "StopDBInstance": "DBSnapshotIdentifier",
    "CreateDBParameterGroup": "DBParameterGroupName",
}
LENGTHS = {"CreateDBInstance": 63, "CreateDBInstanceReadReplica": 63, "RestoreDBInstanceFromDBSnapshot": 63, "ModifyDBInstance": 63}


@rule("RDS-2", "rds", *NAMES, source=CREATE)
def identifier(call: Call) -> Refusal | None:
    """An identifier begins with a letter, and has letters, digits and single hyphens; 63 for an instance, 255 for the rest."""
    parameter = NAMES[call.operation]
    name = call.params.get(parameter)
    if name is None:
        return None
    if not re.fullmatch(r"[A-Za-z](-?[A-Za-z0-9])*", name):
        return rds.invalid(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII "
            "letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        )
    longest = LENGTHS.get(call.operation, 255)
    if len(name) > longest:
        return rds.invalid(f"The parameter {parameter} is not a valid identifier because it is longer than {longest} characters.")
    return None


@rule("RDS-2", "rds", "CreateDBInstance", source=CREATE)
def required(call: Call) -> Refusal | None:
    """A new instance of these engines needs storage and a master user."""
    for name in ("AllocatedStorage", "MasterUsername"):
        if name not in call.params:
            return rds.invalid(f"The parameter {name} must be provided and must not be blank.")
    return None


@rule("RDS-3", "rds", "CreateDBInstance", "ModifyDBInstance", "RestoreDBInstanceFromDBSnapshot", source=CREATE)
def managed_password(call: Call) -> Refusal | None:
    """Either RDS manages the master password, with a key if one is wanted, or the caller gives it."""
    wanted = call.params
    managed = wanted.get("ManageMasterUserPassword")
    if managed and "MasterUserPassword" in wanted:
        return rds.combination("You can't specify MasterUserPassword when ManageMasterUserPassword is enabled.")
    if wanted.get("MasterUserSecretKmsKeyId") and not managed:
        return rds.combination("You can't specify MasterUserSecretKmsKeyId without enabling ManageMasterUserPassword.")
    if call.operation == "CreateDBInstance" and not managed and "MasterUserPassword" not in wanted:
        return rds.invalid("The parameter MasterUserPassword must be provided and must not be blank.")
    if wanted.get("RotateMasterUserPassword") and not wanted.get("ApplyImmediately"):
        return rds.combination("You must apply the change immediately when RotateMasterUserPassword is enabled.")
    return None


def _engine(call: Call) -> engines.Engine | None:
    """The engine of a new instance or of the one that is changed; None when there is none that the emulator has."""
    if name := call.params.get("Engine"):
        return engines.ENGINES.get(name.lower())
    found = rds.find_instance(call, call.params.get("DBInstanceIdentifier", ""))
    return engines.ENGINES[found["Engine"]] if found else None


@rule("RDS-4", "rds", "CreateDBInstance", "ModifyDBInstance", source=CREATE)
def password(call: Call) -> Refusal | None:
    """A password is printable ASCII without / @ " and space, in the engine's length."""
    value, found = call.params.get("MasterUserPassword"), _engine(call)
    if value is None or found is None:
        return None
    prefix = "The parameter MasterUserPassword is not a valid password"
    if not re.fullmatch(r"[!-~]*", value) or set(value) & set('/@"'):
        return rds.invalid(prefix + ". Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.")
    shortest, longest = found.password
    if len(value) < shortest:
        return rds.invalid(f"{prefix} because it is shorter than {shortest} characters.")
    if len(value) > longest:
        return rds.invalid(f"{prefix} because it is longer than {longest} characters.")
    return None


@rule("RDS-5", "rds", "CreateDBInstance", source=CREATE)
def master_user(call: Call) -> Refusal | None:
    """The master user begins with a letter and is no word that the engine reserves."""
    name, found = call.params.get("MasterUsername"), _engine(call)
    if name is None or found is None:
        return None
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        return rds.invalid(f"The parameter MasterUsername must begin with a letter and contain only alphanumeric characters: {name}")
    if len(name) > found.user_length:
        return rds.invalid(f"The parameter MasterUsername must be 1 to {found.user_length} characters long.")
    if name.lower() in found.reserved:
        return rds.invalid(f"MasterUsername {name} cannot be used as it is a reserved word used by the engine")
    return None


@rule("RDS-5", "rds", "CreateDBInstance", source=CREATE)
def database_name(call: Call) -> Refusal | None:
    """A database's name begins with a letter; PostgreSQL allows an underscore too."""
    name, found = call.params.get("DBName"), _engine(call)
    if not name or found is None:
        return None
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*" if found.name == "postgres" else r"[A-Za-z][A-Za-z0-9_]*", name):
        return rds.invalid("DBName must begin with a letter and contain only alphanumeric characters.")
    if len(name) > found.database_length:
        return rds.invalid(f"DBName must be 1 to {found.database_length} characters long.")
    if name.lower() in {"db", "rdsadmin", "template0", "template1", "mysql", "information_schema", "performance_schema", "sys"}:
        return rds.invalid(f"DBName {name} cannot be used. It is a reserved word for this engine")
    return None


@rule("RDS-6", "rds", *NEW, source=CREATE)
def zone_of_two(call: Call) -> Refusal | None:
    """An instance in several Availability Zones is in none that the caller names."""
    if call.params.get("MultiAZ") and call.params.get("AvailabilityZone"):
        return rds.combination("Requesting a specific availability zone is not valid for Multi-AZ instances.")
    return None


@rule("RDS-7", "rds", "CreateDBInstance", "ModifyDBInstance", source=CREATE)
def retention(call: Call) -> Refusal | None:
    """Backups are kept for 0 to 35 days."""
    days = call.params.get("BackupRetentionPeriod", 0)
    return None if 0 <= days <= 35 else rds.invalid(f"Invalid backup retention period: {days}. Retention period must be between 0 and 35.")


def _daily(text: str) -> tuple[int, int] | None:
    """Begin and length, in minutes, of hh24:mi-hh24:mi."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text)
    if match is None:
        return None
    begin, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return begin, (end - begin) % (24 * 60)


def _weekly(text: str) -> tuple[int, int] | None:
    """Begin and length, in minutes of the week, of ddd:hh24:mi-ddd:hh24:mi."""
    day = "|".join(DAYS)
    match = re.fullmatch(rf"({day}):([01]\d|2[0-3]):([0-5]\d)-({day}):([01]\d|2[0-3]):([0-5]\d)", text.lower())
    if match is None:
        return None
    begin = DAYS.index(match[1]) * 1440 + int(match[2]) * 60 + int(match[3])
    end = DAYS.index(match[4]) * 1440 + int(match[5]) * 60 + int(match[6])
    return begin, (end - begin) % WEEK


def _overlap(backup: tuple[int, int], maintenance: tuple[int, int]) -> bool:
    minutes = {(maintenance[0] + offset) % WEEK for offset in range(maintenance[1])}
    return any((day * 1440 + backup[0] + offset) % WEEK in minutes for day in range(7) for offset in range(backup[1]))


@rule("RDS-7", "rds", "CreateDBInstance", "ModifyDBInstance", source=CREATE)
def windows(call: Call) -> Refusal | None:
    """Windows have a form, last half an hour or longer, and the two do not overlap."""
    modified = rds.find_instance(call, call.params["DBInstanceIdentifier"]) if call.operation == "ModifyDBInstance" else None
    live: dict[str, Any] = {**(modified or {})}
    windows: dict[str, tuple[int, int]] = {}
    for name, read in (("PreferredBackupWindow", _daily), ("PreferredMaintenanceWindow", _weekly)):
        text = call.params.get(name) or live.get(name)
        if text is None:
            continue
        window = read(text)
        if window is None:
            kind = "backup" if name == "PreferredBackupWindow" else "maintenance"
            return rds.invalid(f"Invalid {kind} window format: {text}. Should be specified as a range such as hh24:mi-hh24:mi.")
        if window[1] < 30:
            return rds.invalid(f"The {name} {text} must be at least 30 minutes long.")
        windows[name] = window
    if len(windows) == 2 and _overlap(windows["PreferredBackupWindow"], windows["PreferredMaintenanceWindow"]):
        return rds.invalid("The backup window and maintenance window must not overlap.")
    return None


@rule("RDS-13", "rds", "CreateDBInstance", "ModifyDBInstance", source=CREATE)
def monitoring(call: Call) -> Refusal | None:
    """Enhanced monitoring has its intervals and needs a role."""
    wanted = call.params
    interval = wanted.get("MonitoringInterval")
    if interval is not None and interval not in (0, 1, 5, 10, 15, 30, 60):
        return rds.invalid(f"Invalid MonitoringInterval: {interval}. Valid values are 0, 1, 5, 10, 15, 30, 60.")
    live = rds.find_instance(call, wanted["DBInstanceIdentifier"]) if call.operation == "ModifyDBInstance" else None
    role = wanted.get("MonitoringRoleArn") or (live or {}).get("MonitoringRoleArn")
    if interval and not role:
        return rds.combination("A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.")
    if wanted.get("MonitoringRoleArn") and interval == 0:
        return rds.combination("You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value.")
    return None


@rule("RDS-14", "rds", "CreateDBInstance", "ModifyDBInstance", source=CREATE)
def insights(call: Call) -> Refusal | None:
    """Performance Insights keep 7 days, a number of months, or 731 days."""
    days = call.params.get("PerformanceInsightsRetentionPeriod")
    if days is not None and days not in RETENTIONS:
        return rds.invalid(f"Invalid Performance Insights retention period. Valid values are: [7, month * 31, 731], but {days} was given.")
    if days is not None and call.operation == "CreateDBInstance" and not call.params.get("EnablePerformanceInsights"):
        return rds.combination("PerformanceInsightsRetentionPeriod requires EnablePerformanceInsights.")
    return None


@rule("RDS-14", "rds", "CreateDBInstance", "ModifyDBInstance", source=CREATE)
def logs(call: Call) -> Refusal | None:
    """Each engine has its own logs to export."""
    found = _engine(call)
    asked = set(call.params.get("EnableCloudwatchLogsExports", []))
    asked |= set(call.params.get("CloudwatchLogsExportConfiguration", {}).get("EnableLogTypes", []))
    if found and (unknown := sorted(asked - set(found.logs))):
        return rds.combination(f"You cannot use the log types '{', '.join(unknown)}' with engine version {found.name}.")
    return None
