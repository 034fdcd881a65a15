"""A new DB instance in the shape in which AWS describes it, with AWS's defaults for what a request leaves out."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from datetime import UTC, datetime
from typing import Any, cast

from ... import world
from ...refusal import Refusal
from ...wire import Call
from . import engines, parameter_groups, subnet_groups
from . import state as rds
from .engines import Engine
from .state import AppliedGroup, Instance, SubnetGroup

HIDDEN = "****"
KEPT = ("DBName", "MasterUsername", "MonitoringRoleArn", "MaxAllocatedStorage", "CharacterSetName", "Timezone")
DEFAULTS = {
    "BackupRetentionPeriod": 1,
    "MultiAZ": False,
    "AutoMinorVersionUpgrade": True,
    "CopyTagsToSnapshot": False,
    "DeletionProtection": False,
    "StorageEncrypted": False,
    "MonitoringInterval": 0,
    "StorageType": "gp3",
    "NetworkType": "IPV4",
    "BackupTarget": "region",
    "DedicatedLogVolume": False,
    "DatabaseInsightsMode": "standard",
    "EngineLifecycleSupport": "open-source-rds-extended-support",
    "CACertificateIdentifier": engines.DEFAULT_CERTIFICATE,
}
ALWAYS: dict[str, Any] = {
    "DBSecurityGroups": [],
    "ReadReplicaDBInstanceIdentifiers": [],
    "DbInstancePort": 0,
    "DomainMemberships": [],
    "AssociatedRoles": [],
    "CustomerOwnedIpEnabled": False,
    "ActivityStreamStatus": "stopped",
    "IsStorageConfigUpgradeAvailable": False,
}


def encryption_key(call: Call, wanted: str | None) -> str:
    """The ARN of the key that encrypts the storage; without one, that of AWS's own key for RDS."""
    try:
        arn: str = world.aws(call, "kms", "DescribeKey", KeyId=wanted or "alias/aws/rds")["KeyMetadata"]["Arn"]
    except Refusal:
        if wanted:
            text = f"The specified KMS key [{wanted}] does not exist, is not enabled or you do not have permissions to access it."
            raise Refusal("KMSKeyNotAccessibleFault", text) from None
        digest = hashlib.sha256(f"{call.account}{call.region}aws/rds".encode()).digest()
        arn = call.arn("kms", f"key/{uuid.UUID(bytes=digest[:16])}")
    return arn


def managed_secret(call: Call, wanted: dict[str, Any], username: str) -> dict[str, str]:
    """A secret of RDS's own for the master user, in which Secrets Manager holds the password."""
    value = json.dumps({"username": username, "password": secrets.token_urlsafe(24)})
    key = wanted.get("MasterUserSecretKmsKeyId")
    extra = {"KmsKeyId": key} if key else {}
    made = world.aws(call, "secretsmanager", "CreateSecret", Name=f"rds!db-{uuid.uuid4()}", SecretString=value, **extra)
    arn = call.arn("kms", "alias/aws/secretsmanager") if not key else encryption_key(call, key)
    return {"SecretArn": made["ARN"], "SecretStatus": "creating", "KmsKeyId": arn}


def subnet_group(call: Call, name: str | None) -> SubnetGroup:
    if not name:
        return subnet_groups.default(call)
    found = subnet_groups.find(call, name)
    if found is None:
        raise Refusal("DBSubnetGroupNotFoundFault", f"DBSubnetGroup doesn't exist: {name}", 404)
    return found


def memberships(call: Call, identifiers: list[str] | None, vpc: str) -> list[dict[str, str]]:
    """The VPC security groups of an instance, the VPC's default group when none is named."""
    known: dict[str, Any] = {group.id: group for group in world.backend("ec2", call).groups[vpc].values()}
    everywhere = {identifier for groups in world.backend("ec2", call).groups.values() for identifier in groups}
    wanted = identifiers or [group.id for group in known.values() if group.name == "default"]
    for identifier in wanted:
        if identifier not in everywhere:
            raise rds.invalid(f"Invalid security group , groupId= {identifier}, groupName=.")
        if identifier not in known:
            raise rds.combination(
                "The DB instance and EC2 security group are in different VPCs. "
                f"The DB instance is in {vpc} and the EC2 security group {identifier} is in another one"
            )
    return [{"VpcSecurityGroupId": identifier, "Status": "active"} for identifier in wanted]


def zones(found: SubnetGroup, wanted: str | None, multi: bool) -> tuple[str, str | None]:
    """The Availability Zone of an instance and that of its standby."""
    names = sorted({subnet["SubnetAvailabilityZone"]["Name"] for subnet in found["Subnets"]})
    if wanted and wanted not in names:
        text = f"DB subnet group {found['DBSubnetGroupName']} doesn't have a subnet in the Availability Zone {wanted}"
        raise Refusal("InvalidVPCNetworkStateFault", text)
    primary = wanted or names[0]
    return primary, next(name for name in names if name != primary) if multi else None


def certificate(identifier: str) -> dict[str, Any]:
    if identifier not in engines.CERTIFICATES:
        raise Refusal("CertificateNotFound", f"Certificate not found: {identifier}", 404)
    until = datetime(engines.CERTIFICATES[identifier], 5, 21, 12, 0, 0, tzinfo=UTC)
    return {"CAIdentifier": identifier, "ValidTill": until}


def option_group(found: Engine, version: str) -> str:
    return f"default:{found.name}-{found.major(version).replace('.', '-')}"


def public(call: Call, wanted: dict[str, Any], vpc: str) -> bool:
    """Whether an instance gets a public address; by default it does where the VPC has a way to the internet."""
    backend = world.backend("ec2", call)
    gateway = any(item.vpc and item.vpc.id == vpc for item in backend.internet_gateways.values())
    if "PubliclyAccessible" not in wanted:
        return gateway
    if not wanted["PubliclyAccessible"]:
        return False
    text = "Cannot create a publicly accessible DBInstance. "
    if not gateway:
        text += "The specified VPC has no internet gateway attached. Update the VPC and then try again"
        raise Refusal("InvalidVPCNetworkStateFault", text)
    attributes = ("enableDnsSupport", "enableDnsHostnames")
    if not all(world.aws(call, "ec2", "DescribeVpcAttribute", VpcId=vpc, Attribute=name)[_capital(name)]["Value"] for name in attributes):
        text += "The specified VPC does not support DNS resolution, DNS hostnames, or both. Update the VPC and then try again"
        raise Refusal("InvalidVPCNetworkStateFault", text)
    return True


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


def insights(call: Call, wanted: dict[str, Any]) -> dict[str, Any]:
    """Performance Insights; key and retention are there only when it is on."""
    if not wanted.get("EnablePerformanceInsights"):
        return {"PerformanceInsightsEnabled": False}
    return {
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsKMSKeyId": encryption_key(call, wanted.get("PerformanceInsightsKMSKeyId")),
        "PerformanceInsightsRetentionPeriod": wanted.get("PerformanceInsightsRetentionPeriod", 7),
    }


def parameter_group(call: Call, name: str | None, found: Engine, version: str) -> AppliedGroup:
    """An instance's entry for its parameter group, which must be of its engine's major version."""
    family = found.family(version)
    group = parameter_groups.group(call, (name or parameter_groups.default_name(family)).lower())
    if group["DBParameterGroupFamily"] != family:
        raise rds.combination(
            f"The Parameter Group {group['DBParameterGroupName']} with DBParameterGroupFamily {group['DBParameterGroupFamily']} "
            f"cannot be used for this instance. Please use a Parameter Group with DBParameterGroupFamily {family}"
        )
    return {"DBParameterGroupName": group["DBParameterGroupName"], "ParameterApplyStatus": "in-sync"}


def storage(wanted: dict[str, Any], kind: str) -> dict[str, Any]:
    """Size, type and speed of the storage."""
    size = wanted["AllocatedStorage"]
    chosen = engines.storage_defaults(kind, size)
    chosen.update({name: wanted[name] for name in ("Iops", "StorageThroughput") if name in wanted})
    return {"AllocatedStorage": size, "StorageType": kind, **chosen}


def pending(wanted: dict[str, Any]) -> dict[str, Any]:
    """What a new instance gets only once it is made: its password, and the exports of its logs."""
    logs = sorted(wanted.get("EnableCloudwatchLogsExports") or [])
    return {
        **({"MasterUserPassword": HIDDEN} if "MasterUserPassword" in wanted else {}),
        **({"PendingCloudwatchLogsExports": {"LogTypesToEnable": logs}} if logs else {}),
    }


def make(call: Call, wanted: dict[str, Any], found: Engine, version: str) -> Instance:
    """A DB instance that is being created; its endpoint and its time come later. Raises Refusal."""
    name = wanted["DBInstanceIdentifier"].lower()
    group = subnet_group(call, wanted.get("DBSubnetGroupName"))
    chosen = {key: wanted.get(key, value) for key, value in DEFAULTS.items()}
    zone, standby = zones(group, wanted.get("AvailabilityZone"), chosen["MultiAZ"])
    item = {
        **ALWAYS,
        **chosen,
        **{key: wanted[key] for key in KEPT if key in wanted},
        **storage(wanted, chosen["StorageType"]),
        **insights(call, wanted),
        "DBInstanceIdentifier": name,
        "DBInstanceClass": wanted["DBInstanceClass"],
        "Engine": found.name,
        "EngineVersion": version,
        "LicenseModel": wanted.get("LicenseModel", found.license),
        "DBInstanceStatus": "creating",
        "DBInstanceArn": rds.arn(call, "db", name),
        "DbiResourceId": "db-" + "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(26)),
        "AvailabilityZone": zone,
        **({"SecondaryAvailabilityZone": standby} if standby else {}),
        "PreferredBackupWindow": wanted.get("PreferredBackupWindow", "03:12-03:42"),
        "PreferredMaintenanceWindow": wanted.get("PreferredMaintenanceWindow", "sun:05:24-sun:05:54").lower(),
        "VpcSecurityGroups": memberships(call, wanted.get("VpcSecurityGroupIds"), group["VpcId"]),
        "PubliclyAccessible": public(call, wanted, group["VpcId"]),
        "DBParameterGroups": [parameter_group(call, wanted.get("DBParameterGroupName"), found, version)],
        "OptionGroupMemberships": [{"OptionGroupName": option_group(found, version), "Status": "in-sync"}],
        "IAMDatabaseAuthenticationEnabled": wanted.get("EnableIAMDatabaseAuthentication", False),
        "CertificateDetails": certificate(chosen["CACertificateIdentifier"]),
        "PendingModifiedValues": pending(wanted),
        "_subnet_group": group["DBSubnetGroupName"],
        "_password": wanted.get("MasterUserPassword", ""),
        "_port": wanted.get("Port", found.port),
    }
    if chosen["StorageEncrypted"]:
        item["KmsKeyId"] = encryption_key(call, wanted.get("KmsKeyId"))
    return cast(Instance, item)
