"""What the emulated RDS refuses, with AWS's codes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated

from .test_rds import NEW, create

pytestmark = pytest.mark.usefixtures("slowly")

COMBINATION, VALUE = "InvalidParameterCombination", "InvalidParameterValue"
GROUP = {"DBParameterGroupName": "shop", "DBParameterGroupFamily": "postgres17", "Description": "shop"}
CREATE: list[tuple[dict[str, Any], str, str]] = [
    ({"DBInstanceIdentifier": "1shop"}, VALUE, "not a valid identifier"),
    ({"DBInstanceIdentifier": "shop--a"}, VALUE, "not a valid identifier"),
    ({"DBInstanceIdentifier": "shop-"}, VALUE, "not a valid identifier"),
    ({"DBInstanceIdentifier": "a" * 64}, VALUE, "longer than 63"),
    ({"ManageMasterUserPassword": True}, COMBINATION, "ManageMasterUserPassword"),
    ({"MasterUserSecretKmsKeyId": "alias/x"}, COMBINATION, "MasterUserSecretKmsKeyId"),
    ({"MasterUserPassword": None}, VALUE, "must be provided"),
    ({"MasterUserPassword": "short"}, VALUE, "because it is shorter than 8 characters."),
    ({"MasterUserPassword": "has/a-slash"}, VALUE, "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."),
    ({"MasterUserPassword": "x" * 129}, VALUE, "longer than 128"),
    ({"Engine": "mysql", "EngineVersion": "8.0", "MasterUserPassword": "x" * 42}, VALUE, "longer than 41"),
    ({"MasterUsername": "admin"}, VALUE, "MasterUsername admin cannot be used as it is a reserved word used by the engine"),
    ({"MasterUsername": "1shop"}, VALUE, "must begin with a letter"),
    ({"MasterUsername": None}, VALUE, "MasterUsername must be provided"),
    ({"DBName": "1shop"}, VALUE, "DBName"),
    ({"MultiAZ": True, "AvailabilityZone": "eu-west-1a"}, COMBINATION, "availability zone"),
    ({"BackupRetentionPeriod": 36}, VALUE, "Retention period must be between 0 and 35."),
    ({"PreferredBackupWindow": "01:00-01:20"}, VALUE, "at least 30 minutes"),
    ({"PreferredBackupWindow": "1am"}, VALUE, "backup window format"),
    ({"PreferredMaintenanceWindow": "03:00-04:00"}, VALUE, "maintenance window format"),
    ({"PreferredBackupWindow": "03:00-04:00", "PreferredMaintenanceWindow": "sun:03:30-sun:05:00"}, VALUE, "must not overlap."),
    ({"Port": 80}, VALUE, "1150-65535"),
    ({"LicenseModel": "license-included"}, VALUE, "Valid license models are: postgresql-license."),
    ({"OptionGroupName": "none"}, "OptionGroupNotFoundFault", "none not found"),
    ({"NetworkType": "DUAL"}, "NetworkTypeNotSupported", "DUAL"),
    ({"Iops": 3000}, COMBINATION, "engine postgres and a storage size less than 400"),
    ({"Tags": [{"Key": "aws:a", "Value": "b"}]}, VALUE, "reserved"),
    ({"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]}, VALUE, "unique"),
    ({"Tags": [{"Key": f"a{number}", "Value": "b"} for number in range(51)]}, VALUE, "50"),
    ({"AllocatedStorage": 10}, VALUE, "Invalid storage size"),
    ({"AllocatedStorage": None}, VALUE, "AllocatedStorage"),
    ({"MaxAllocatedStorage": 20}, COMBINATION, "Max storage size"),
    ({"StorageType": "standard"}, COMBINATION, "Magnetic"),
    ({"StorageType": "floppy"}, VALUE, "Invalid storage type"),
    ({"StorageType": "io1", "AllocatedStorage": 100}, COMBINATION, "Iops"),
    ({"StorageType": "gp3", "Iops": 4000}, COMBINATION, "less than 400"),
    ({"KmsKeyId": "alias/x"}, COMBINATION, "StorageEncrypted"),
    ({"KmsKeyId": "alias/x", "StorageEncrypted": True}, "KMSKeyNotAccessibleFault", "alias/x"),
    ({"MonitoringInterval": 7}, VALUE, "MonitoringInterval"),
    ({"MonitoringInterval": 60}, COMBINATION, "MonitoringRoleARN"),
    ({"MonitoringInterval": 60, "MonitoringRoleArn": "arn:aws:iam::123456789012:role/none"}, VALUE, "ENHANCED_MONITORING"),
    ({"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 8}, VALUE, "retention period"),
    ({"EnableCloudwatchLogsExports": ["slowquery"]}, COMBINATION, "slowquery"),
    ({"DBInstanceClass": "db.t4g.tiny"}, VALUE, "Invalid DB Instance class: db.t4g.tiny"),
    ({"DBInstanceClass": "db.t2.micro"}, COMBINATION, "RDS does not support creating a DB instance with the following combination"),
    ({"EngineVersion": "99"}, COMBINATION, "Cannot find version 99 for postgres"),
    ({"Engine": "sqlite"}, VALUE, "Invalid DB engine"),
    ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault", "none"),
    ({"DBParameterGroupName": "none"}, "DBParameterGroupNotFound", "none"),
    ({"DBParameterGroupName": "default.postgres16"}, COMBINATION, "DBParameterGroupFamily postgres17"),
    ({"VpcSecurityGroupIds": ["sg-0123456789abcdef0"]}, VALUE, "Invalid security group"),
    ({"CACertificateIdentifier": "rds-ca-2019"}, "CertificateNotFound", "rds-ca-2019"),
    ({"AvailabilityZone": "us-east-1a"}, "InvalidVPCNetworkStateFault", "us-east-1a"),
]


@pytest.mark.parametrize(("wrong", "code", "words"), CREATE, ids=[str(sorted(wrong)) for wrong, _, _ in CREATE])
def test_create(emulated: Emulated, wrong: dict[str, Any], code: str, words: str) -> None:
    params = {key: value for key, value in {**NEW, **wrong}.items() if value is not None}
    refused = emulated.refused("rds", "create_db_instance", **params)
    assert refused[0] == code and words in refused[1]
    assert emulated.client("rds").describe_db_instances()["DBInstances"] == []


def test_create_takes_what_is_right_at_the_edges(emulated: Emulated) -> None:
    right = {"MasterUserPassword": "x" * 128, "BackupRetentionPeriod": 35, "Port": 1150, "MaxAllocatedStorage": 21, "DBName": "_shop"}
    windows = {"PreferredBackupWindow": "23:45-00:15", "PreferredMaintenanceWindow": "Sun:00:15-Sun:00:45"}
    emulated.client("rds").create_db_instance(**{**NEW, **right, **windows})


MODIFY: list[tuple[dict[str, Any], str, str]] = [
    ({"AllocatedStorage": 20}, COMBINATION, "less than current"),
    ({"AllocatedStorage": 400}, COMBINATION, "Invalid iops value for engine name postgres and storage type gp3: 3000"),
    ({"AllocatedStorage": 400, "Iops": 3000}, COMBINATION, "Invalid iops"),
    ({"EngineVersion": "16.6"}, COMBINATION, "Cannot upgrade postgres"),
    ({"EngineVersion": "99"}, COMBINATION, "Cannot find upgrade target"),
    ({"EngineVersion": "18.1"}, COMBINATION, "AllowMajorVersionUpgrade"),
    ({"MasterUserPassword": "short"}, VALUE, "shorter than 8"),
    ({"RotateMasterUserPassword": True}, COMBINATION, "apply the change immediately"),
    ({"RotateMasterUserPassword": True, "ApplyImmediately": True}, COMBINATION, "not managed"),
    ({"BackupRetentionPeriod": 36}, VALUE, "between 0 and 35"),
    ({"PreferredBackupWindow": "05:00-05:30"}, VALUE, "must not overlap"),
    ({"DBPortNumber": 22}, VALUE, "1150-65535"),
    ({"DBParameterGroupName": "default.postgres16"}, COMBINATION, "DBParameterGroupFamily"),
    ({"NewDBInstanceIdentifier": "a b"}, VALUE, "not a valid identifier"),
    ({"DBInstanceIdentifier": "none"}, "DBInstanceNotFound", "DBInstance none not found."),
]


def test_modify(emulated: Emulated) -> None:
    create(emulated, AllocatedStorage=100)
    for wrong, code, words in MODIFY:
        refused = emulated.refused("rds", "modify_db_instance", **{"DBInstanceIdentifier": "shop", **wrong})
        assert refused[0] == code and words in refused[1], (wrong, refused)


def test_delete(emulated: Emulated) -> None:
    client = emulated.client("rds")
    assert emulated.refused("rds", "delete_db_instance", DBInstanceIdentifier="none", SkipFinalSnapshot=True)[0] == "DBInstanceNotFound"
    client.create_db_instance(**NEW, DeletionProtection=True)
    assert emulated.refused("rds", "delete_db_instance", DBInstanceIdentifier="shop")[0] == COMBINATION
    both = {"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "final"}
    assert emulated.refused("rds", "delete_db_instance", DBInstanceIdentifier="shop", **both)[0] == COMBINATION
    assert (
        "Cannot delete protected DB Instance"
        in emulated.refused("rds", "delete_db_instance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True)[1]
    )
    emulated.advance(400)
    client.modify_db_instance(DBInstanceIdentifier="shop", DeletionProtection=False)
    client.create_db_snapshot(DBInstanceIdentifier="shop", DBSnapshotIdentifier="final")
    emulated.advance(400)
    taken = emulated.refused("rds", "delete_db_instance", DBInstanceIdentifier="shop", FinalDBSnapshotIdentifier="final")
    assert taken[0] == "DBSnapshotAlreadyExists"
    client.delete_db_instance(DBInstanceIdentifier="shop", SkipFinalSnapshot=True)
    again = emulated.refused("rds", "delete_db_instance", DBInstanceIdentifier="shop", SkipFinalSnapshot=True)
    assert again == ("InvalidDBInstanceState", "Instance shop is already being deleted.")


def test_storage_is_optimized_before_it_changes_again(emulated: Emulated) -> None:
    create(emulated)
    client = emulated.client("rds")
    client.modify_db_instance(DBInstanceIdentifier="shop", AllocatedStorage=30, ApplyImmediately=True)
    emulated.advance(210)
    assert client.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "storage-optimization"
    again = {"DBInstanceIdentifier": "shop", "AllocatedStorage": 40, "ApplyImmediately": True}
    assert emulated.refused("rds", "modify_db_instance", **again)[0] == COMBINATION
    emulated.advance(600)
    assert emulated.refused("rds", "modify_db_instance", **again)[0] == COMBINATION
    emulated.advance(6 * 3600)
    assert emulated.refused("rds", "modify_db_instance", **again) == ("", "")


def test_storage_grows_by_a_tenth_at_least(emulated: Emulated) -> None:
    create(emulated, AllocatedStorage=50)
    emulated.client("rds").modify_db_instance(DBInstanceIdentifier="shop", AllocatedStorage=52, ApplyImmediately=True)
    emulated.advance(210)
    assert emulated.client("rds").describe_db_instances()["DBInstances"][0]["AllocatedStorage"] == 55


def test_storage_with_a_speed_of_its_own_changes_with_its_speed(emulated: Emulated) -> None:
    create(emulated, AllocatedStorage=400)
    change = {"DBInstanceIdentifier": "shop", "AllocatedStorage": 500, "ApplyImmediately": True}
    assert "You must specify both the storage size and iops" in emulated.refused("rds", "modify_db_instance", **change)[1]
    assert "You must specify both" in emulated.refused("rds", "modify_db_instance", DBInstanceIdentifier="shop", Iops=13000)[1]
    assert emulated.refused("rds", "modify_db_instance", **change, Iops=12000, StorageThroughput=500) == ("", "")


def test_exports_of_logs_are_pending_until_they_are_configured(emulated: Emulated) -> None:
    client = emulated.client("rds")
    made = client.create_db_instance(**NEW, EnableCloudwatchLogsExports=["upgrade", "postgresql"])["DBInstance"]
    assert made["PendingModifiedValues"]["PendingCloudwatchLogsExports"] == {"LogTypesToEnable": ["postgresql", "upgrade"]}
    assert "EnabledCloudwatchLogsExports" not in made
    emulated.advance(310)
    assert client.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "configuring-log-exports"
    emulated.advance(60)
    ready = client.describe_db_instances()["DBInstances"][0]
    assert (ready["DBInstanceStatus"], ready["EnabledCloudwatchLogsExports"]) == ("available", ["postgresql", "upgrade"])
    fewer = {"DisableLogTypes": ["upgrade"]}
    client.modify_db_instance(DBInstanceIdentifier="shop", CloudwatchLogsExportConfiguration=fewer)
    pending = client.describe_db_instances()["DBInstances"][0]
    assert pending["PendingModifiedValues"] == {"PendingCloudwatchLogsExports": {"LogTypesToDisable": ["upgrade"]}}
    assert pending["EnabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    emulated.advance(30)
    assert client.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "configuring-log-exports"
    emulated.advance(400)
    assert client.describe_db_instances()["DBInstances"][0]["EnabledCloudwatchLogsExports"] == ["postgresql"]


@pytest.mark.parametrize("operation", ["delete_db_instance", "reboot_db_instance", "stop_db_instance"])
def test_not_while_it_is_being_created(emulated: Emulated, operation: str) -> None:
    emulated.client("rds").create_db_instance(**NEW)
    more = {"SkipFinalSnapshot": True} if operation == "delete_db_instance" else {}
    assert emulated.refused("rds", operation, DBInstanceIdentifier="shop", **more)[0] == "InvalidDBInstanceState"
    assert emulated.refused("rds", "create_db_instance", **NEW)[0] == "DBInstanceAlreadyExists"


def test_subnet_groups(emulated: Emulated) -> None:
    ec2, client = emulated.client("ec2"), emulated.client("rds")
    subnets = {item["AvailabilityZone"]: item["SubnetId"] for item in ec2.describe_subnets()["Subnets"]}
    one, two, *_ = (subnets[zone] for zone in sorted(subnets))
    base = {"DBSubnetGroupName": "Shop", "DBSubnetGroupDescription": "shop", "SubnetIds": [one, two]}

    def refused(**wrong: Any) -> tuple[str, str]:
        return emulated.refused("rds", "create_db_subnet_group", **{**base, **wrong})

    assert refused(SubnetIds=[one]) == (
        "DBSubnetGroupDoesNotCoverEnoughAZs",
        "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
        "Current AZ coverage: eu-west-1a. Add subnets to cover at least 2 AZs.",
    )
    assert refused(SubnetIds=[one, "subnet-0123456789abcdef0"])[0] == "InvalidSubnet"
    assert refused(DBSubnetGroupName="Default")[0] == VALUE
    assert client.create_db_subnet_group(**base)["DBSubnetGroup"]["DBSubnetGroupName"] == "shop"
    assert refused()[0] == "DBSubnetGroupAlreadyExists"
    create(emulated, DBSubnetGroupName="shop")
    assert emulated.refused("rds", "delete_db_subnet_group", DBSubnetGroupName="shop")[0] == "InvalidDBSubnetGroupStateFault"
    assert emulated.refused("rds", "delete_db_subnet_group", DBSubnetGroupName="none")[0] == "DBSubnetGroupNotFoundFault"
    assert emulated.refused("rds", "describe_db_subnet_groups", DBSubnetGroupName="none")[0] == "DBSubnetGroupNotFoundFault"


PARAMETERS: list[tuple[list[dict[str, str]], str, str]] = [
    ([{"ParameterName": "max_connections", "ParameterValue": "9", "ApplyMethod": "immediate"}], COMBINATION,
     "cannot use immediate apply method for static parameter"),
    ([{"ParameterName": "none", "ParameterValue": "9", "ApplyMethod": "immediate"}], VALUE, "Could not find parameter with name: none"),
    ([{"ParameterName": "ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}], VALUE, "cannot be modified"),
    ([{"ParameterName": "rds.force_ssl", "ParameterValue": "yes", "ApplyMethod": "immediate"}], VALUE, "allowed values are: 0,1"),
    ([{"ParameterName": "work_mem", "ParameterValue": "9999999999", "ApplyMethod": "immediate"}], VALUE, "allowed values are"),
    ([{"ParameterName": "work_mem", "ParameterValue": "4096", "ApplyMethod": "immediate"}] * 21, VALUE, "20 parameters"),
]  # fmt: skip


def test_parameter_groups(emulated: Emulated) -> None:
    client = emulated.client("rds")
    assert emulated.refused("rds", "create_db_parameter_group", **{**GROUP, "DBParameterGroupFamily": "postgres99"})[0] == VALUE
    client.create_db_parameter_group(**GROUP)
    assert emulated.refused("rds", "create_db_parameter_group", **GROUP)[0] == "DBParameterGroupAlreadyExists"
    for parameters, code, words in PARAMETERS:
        refused = emulated.refused("rds", "modify_db_parameter_group", DBParameterGroupName="shop", Parameters=parameters)
        assert refused[0] == code and words in refused[1], refused
    create(emulated, DBParameterGroupName="shop")
    for name, operation, code in [
        ("shop", "delete_db_parameter_group", "InvalidDBParameterGroupState"),
        ("default.postgres17", "delete_db_parameter_group", "InvalidDBParameterGroupState"),
        ("none", "delete_db_parameter_group", "DBParameterGroupNotFound"),
        ("none", "describe_db_parameters", "DBParameterGroupNotFound"),
    ]:
        assert emulated.refused("rds", operation, DBParameterGroupName=name)[0] == code


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("describe_db_instances", {"MaxRecords": 19}, VALUE),
        ("describe_db_instances", {"Filters": [{"Name": "nothing", "Values": ["x"]}]}, VALUE),
        ("describe_db_snapshots", {"DBSnapshotIdentifier": "none"}, "DBSnapshotNotFound"),
        ("create_db_snapshot", {"DBInstanceIdentifier": "none", "DBSnapshotIdentifier": "a"}, "DBInstanceNotFound"),
        ("list_tags_for_resource", {"ResourceName": "arn:aws:rds:eu-west-1:123456789012:db:none"}, "DBInstanceNotFound"),
        ("list_tags_for_resource", {"ResourceName": "shop"}, VALUE),
        ("start_db_instance", {"DBInstanceIdentifier": "none"}, "DBInstanceNotFound"),
    ],
)
def test_what_is_not_there(emulated: Emulated, operation: str, params: dict[str, Any], code: str) -> None:
    assert emulated.refused("rds", operation, **params)[0] == code


def test_public_needs_a_way_to_the_internet(emulated: Emulated) -> None:
    code, message = emulated.refused("rds", "create_db_instance", **NEW, PubliclyAccessible=True)
    assert code == "InvalidVPCNetworkStateFault" and "no internet gateway" in message
