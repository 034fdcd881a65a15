"""What the emulated RDS keeps, how its things are found, and the pages in which it answers.

Things are kept in the shape of AWS's answers. Members that AWS does not have begin with `_`; the serializer leaves them out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypedDict

from ... import world
from ...refusal import Refusal
from ...wire import Call

IDENTIFIER = re.compile(r"[a-z](-?[a-z0-9])*")


class AppliedGroup(TypedDict):
    """An instance's entry for its parameter group. The status is in-sync, applying or pending-reboot."""

    DBParameterGroupName: str
    ParameterApplyStatus: str


class Instance(TypedDict, total=False):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html. Storage is in GiB, throughput in MiB per second."""

    DBInstanceIdentifier: str
    DBInstanceArn: str
    DbiResourceId: str
    DBInstanceClass: str
    DBInstanceStatus: str
    DBName: str
    Engine: str
    EngineVersion: str
    LicenseModel: str
    MasterUsername: str
    MasterUserSecret: dict[str, str]
    Endpoint: dict[str, Any]
    AllocatedStorage: int
    MaxAllocatedStorage: int
    Iops: int
    StorageThroughput: int
    StorageType: str
    StorageEncrypted: bool
    KmsKeyId: str
    AvailabilityZone: str
    SecondaryAvailabilityZone: str
    MultiAZ: bool
    PubliclyAccessible: bool
    VpcSecurityGroups: list[dict[str, str]]
    DBParameterGroups: list[AppliedGroup]
    OptionGroupMemberships: list[dict[str, str]]
    BackupRetentionPeriod: int
    PreferredBackupWindow: str
    PreferredMaintenanceWindow: str
    CACertificateIdentifier: str
    CertificateDetails: dict[str, Any]
    CopyTagsToSnapshot: bool
    DeletionProtection: bool
    EnabledCloudwatchLogsExports: list[str]
    IAMDatabaseAuthenticationEnabled: bool
    InstanceCreateTime: datetime
    PendingModifiedValues: dict[str, Any]
    PerformanceInsightsEnabled: bool
    PerformanceInsightsKMSKeyId: str
    PerformanceInsightsRetentionPeriod: int
    ReadReplicaSourceDBInstanceIdentifier: str
    ReadReplicaDBInstanceIdentifiers: list[str]
    # Name of its subnet group, and its port.
    _subnet_group: str
    # The declared password of the master user; "" without one.
    _password: str
    _port: int
    # Whether there is a backup of it. Until when its storage is optimized, in seconds of the clock.
    _backed_up: bool
    _optimized: float


class Snapshot(TypedDict, total=False):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html"""

    DBSnapshotIdentifier: str
    DBSnapshotArn: str
    DBInstanceIdentifier: str
    DbiResourceId: str
    SnapshotType: str
    Status: str
    PercentProgress: int
    Engine: str
    EngineVersion: str
    AllocatedStorage: int
    Port: int
    Encrypted: bool
    VpcId: str
    OptionGroupName: str
    SnapshotTarget: str
    SnapshotCreateTime: datetime
    OriginalSnapshotCreateTime: datetime
    SnapshotDatabaseTime: datetime
    # The instance as it was.
    _source: Instance


class SubnetGroup(TypedDict):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSubnetGroup.html"""

    DBSubnetGroupName: str
    DBSubnetGroupDescription: str
    VpcId: str
    SubnetGroupStatus: str
    Subnets: list[dict[str, Any]]
    DBSubnetGroupArn: str
    SupportedNetworkTypes: list[str]


class Parameter(TypedDict, total=False):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html"""

    ParameterName: str
    ParameterValue: str
    Description: str
    Source: str
    ApplyType: str
    DataType: str
    AllowedValues: str
    IsModifiable: bool
    ApplyMethod: str


class ParameterGroup(TypedDict):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBParameterGroup.html"""

    DBParameterGroupName: str
    DBParameterGroupFamily: str
    Description: str
    DBParameterGroupArn: str
    # By name, the parameters that were set: ParameterValue and ApplyMethod.
    _values: dict[str, Parameter]


def table(call: Call, name: str) -> dict[str, Any]:
    """One of RDS's tables in this account and Region, by identifier: instances, snapshots, subnet_groups, parameter_groups, tags."""
    found: dict[str, Any] = world.store("rds", call).setdefault(name, {})
    return found


def arn(call: Call, kind: str, name: str) -> str:
    """`kind` is db, snapshot, subgrp, pg or og."""
    return call.arn("rds", f"{kind}:{name}")


def missing_instance(name: str) -> Refusal:
    return Refusal("DBInstanceNotFound", f"DBInstance {name} not found.", 404)


def missing_snapshot(name: str) -> Refusal:
    return Refusal("DBSnapshotNotFound", f"DBSnapshot {name} not found.", 404)


def missing_subnet_group(name: str) -> Refusal:
    return Refusal("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.", 404)


def missing_parameter_group(name: str) -> Refusal:
    return Refusal("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)


def invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterValue", message)


def combination(message: str) -> Refusal:
    return Refusal("InvalidParameterCombination", message)


def find_instance(call: Call, name: str) -> Instance | None:
    """The instance of an identifier or ARN, case ignored, as AWS looks for it."""
    found: Instance | None = table(call, "instances").get(name.rsplit(":", 1)[-1].lower())
    return found


def instance(call: Call, name: str) -> Instance:
    found = find_instance(call, name)
    if found is None:
        raise missing_instance(name.lower())
    return found


def find_snapshot(call: Call, name: str) -> Snapshot | None:
    """Automated snapshots have a colon in their names, so that an ARN is cut at its kind."""
    found: Snapshot | None = table(call, "snapshots").get(name.rsplit(":snapshot:", 1)[-1].lower())
    return found


def snapshot(call: Call, name: str) -> Snapshot:
    found = find_snapshot(call, name)
    if found is None:
        raise missing_snapshot(name)
    return found


def set_tags(call: Call, name: str, tags: list[dict[str, str]] | None) -> None:
    if tags:
        table(call, "tags").setdefault(name, {}).update({tag["Key"]: tag.get("Value", "") for tag in tags})


def tags(call: Call, name: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(table(call, "tags").get(name, {}).items())]


def forget_tags(call: Call, name: str) -> None:
    table(call, "tags").pop(name, None)


def page(call: Call, items: Sequence[Any], key: str) -> dict[str, Any]:
    """One page of a list: MaxRecords 20 to 100, default 100, and a Marker when there is more."""
    size = call.params.get("MaxRecords", 100)
    if not 20 <= size <= 100:
        raise invalid(f"Invalid value {size} for MaxRecords. Must be between 20 and 100")
    marker = call.params.get("Marker") or "0"
    if not marker.isdigit():
        raise invalid("The request has an invalid marker.")
    start = int(marker)
    more = {"Marker": str(start + size)} if start + size < len(items) else {}
    return {key: items[start : start + size], **more}


def filters[T](call: Call, known: dict[str, Callable[[T], Any]], items: list[T]) -> list[T]:
    """The items that all Filters let pass. `known` says of each filter how an item's values are read. Raises InvalidParameterValue."""
    for wanted in call.params.get("Filters", []):
        read = known.get(wanted["Name"])
        if read is None:
            raise invalid(f"Unrecognized filter name: {wanted['Name']}")
        values = {value.rsplit(":", 1)[-1] for value in wanted["Values"]}
        items = [item for item in items if str(read(item)).rsplit(":", 1)[-1] in values]
    return items
