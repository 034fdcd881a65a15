"""What the emulated RDS does in AWS's time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulated import Emulated

pytestmark = pytest.mark.usefixtures("slowly")

NEW = {
    "DBInstanceIdentifier": "Shop",
    "Engine": "postgres",
    "EngineVersion": "17",
    "DBInstanceClass": "db.t4g.small",
    "AllocatedStorage": 20,
    "MasterUsername": "shop",
    "MasterUserPassword": "correct-horse",
}


def create(emulated: Emulated, **more: Any) -> dict[str, Any]:
    """A database with its endpoint."""
    client = emulated.client("rds")
    client.create_db_instance(**{key: value for key, value in {**NEW, **more}.items() if value is not None})
    emulated.advance(400)
    return look(emulated)


def look(emulated: Emulated, name: str = "shop") -> dict[str, Any]:
    found: dict[str, Any] = emulated.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return found


def test_an_instance_takes_its_time_and_has_an_endpoint_when_it_is_created(emulated: Emulated) -> None:
    client = emulated.client("rds")
    made = client.create_db_instance(**NEW)["DBInstance"]
    assert (made["DBInstanceStatus"], made["PendingModifiedValues"]) == ("creating", {"MasterUserPassword": "****"})
    assert "Endpoint" not in made and "InstanceCreateTime" not in made
    emulated.advance(200)
    assert look(emulated)["DBInstanceStatus"] == "creating"
    emulated.advance(60)
    assert look(emulated)["DBInstanceStatus"] == "backing-up" and look(emulated)["Endpoint"]["Port"] == 5432
    emulated.advance(60)
    ready = look(emulated)
    assert ready["DBInstanceStatus"] == "available" and ready["PendingModifiedValues"] == {}
    assert ready["Endpoint"]["Address"].startswith("shop.") and ready["Endpoint"]["Port"] == 5432
    assert [item["SnapshotType"] for item in client.describe_db_snapshots()["DBSnapshots"]] == ["automated"]


def test_an_instance_carries_what_aws_always_sends(emulated: Emulated) -> None:
    found = create(emulated, StorageEncrypted=True, Tags=[{"Key": "application", "Value": "shop"}])
    assert (found["StorageType"], found["Iops"], found["StorageThroughput"]) == ("gp3", 3000, 125)
    assert found["TagList"] == [{"Key": "application", "Value": "shop"}]
    assert found["DBParameterGroups"] == [{"DBParameterGroupName": "default.postgres17", "ParameterApplyStatus": "in-sync"}]
    assert found["OptionGroupMemberships"] == [{"OptionGroupName": "default:postgres-17", "Status": "in-sync"}]
    assert found["CACertificateIdentifier"] == found["CertificateDetails"]["CAIdentifier"] == "rds-ca-rsa2048-g1"
    assert found["DBSubnetGroup"]["Subnets"][0]["SubnetAvailabilityZone"]["Name"] == "eu-west-1a"
    assert found["EngineVersion"].startswith("17.") and found["KmsKeyId"].startswith("arn:aws:kms:eu-west-1:")
    assert not found["MultiAZ"] and not found["DeletionProtection"] and found["MonitoringInterval"] == 0
    assert "correct-horse" not in json.dumps(found, default=str)


def test_rds_makes_its_own_service_linked_role(emulated: Emulated) -> None:
    iam = emulated.client("iam")
    assert emulated.refused("iam", "get_role", RoleName="AWSServiceRoleForRDS")[0] == "NoSuchEntity"
    create(emulated)
    assert iam.get_role(RoleName="AWSServiceRoleForRDS")["Role"]["Path"] == "/aws-service-role/rds.amazonaws.com/"


def test_changes_wait_for_the_maintenance_window(emulated: Emulated) -> None:
    create(emulated)
    emulated.client("rds").modify_db_instance(DBInstanceIdentifier="shop", AllocatedStorage=40, DBInstanceClass="db.m7g.large")
    pending = {"AllocatedStorage": 40, "DBInstanceClass": "db.m7g.large"}
    emulated.advance(60)
    assert look(emulated)["PendingModifiedValues"] == pending and look(emulated)["AllocatedStorage"] == 20
    emulated.advance(8 * 24 * 3600)
    emulated.advance(400)
    assert look(emulated)["PendingModifiedValues"] == {} and look(emulated)["AllocatedStorage"] == 40


def test_applied_immediately_a_change_is_seen_modifying_after_a_moment(emulated: Emulated) -> None:
    create(emulated)
    client = emulated.client("rds")
    client.modify_db_instance(DBInstanceIdentifier="shop", MultiAZ=True, ApplyImmediately=True)
    assert look(emulated)["DBInstanceStatus"] == "available" and look(emulated)["PendingModifiedValues"] == {"MultiAZ": True}
    emulated.advance(30)
    assert look(emulated)["DBInstanceStatus"] == "modifying"
    refusal = emulated.refused("rds", "modify_db_instance", DBInstanceIdentifier="shop", MultiAZ=False)
    assert refusal == ("InvalidDBInstanceState", "Database instance is not in available state.")
    emulated.advance(200)
    found = look(emulated)
    assert found["DBInstanceStatus"] == "available" and found["MultiAZ"] and found["SecondaryAvailabilityZone"] == "eu-west-1b"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"DeletionProtection": True}, {"DeletionProtection": True}),
        ({"BackupRetentionPeriod": 7}, {"BackupRetentionPeriod": 7}),
        ({"MaxAllocatedStorage": 100}, {"MaxAllocatedStorage": 100}),
        ({"PreferredBackupWindow": "01:00-01:30"}, {"PreferredBackupWindow": "01:00-01:30"}),
        ({"EnablePerformanceInsights": True}, {"PerformanceInsightsEnabled": True, "PerformanceInsightsRetentionPeriod": 7}),
    ],
)
def test_some_settings_never_wait(emulated: Emulated, change: dict[str, Any], expected: dict[str, Any]) -> None:
    create(emulated)
    emulated.client("rds").modify_db_instance(DBInstanceIdentifier="shop", **change)
    assert look(emulated).items() >= expected.items() and look(emulated)["PendingModifiedValues"] == {}


def test_parameters_static_and_dynamic(emulated: Emulated) -> None:
    client = emulated.client("rds")
    client.create_db_parameter_group(DBParameterGroupName="shop", DBParameterGroupFamily="postgres17", Description="shop")
    create(emulated, DBParameterGroupName="shop")

    def change(name: str, value: str, method: str) -> str:
        parameter = {"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}
        client.modify_db_parameter_group(DBParameterGroupName="shop", Parameters=[parameter])
        return status()

    def status() -> str:
        return str(look(emulated)["DBParameterGroups"][0]["ParameterApplyStatus"])

    assert change("log_min_duration_statement", "500", "immediate") == "applying"
    emulated.advance(30)
    assert status() == "in-sync"
    assert change("max_connections", "200", "pending-reboot") == "pending-reboot"
    emulated.advance(3600)
    assert status() == "pending-reboot"
    client.reboot_db_instance(DBInstanceIdentifier="shop")
    assert look(emulated)["DBInstanceStatus"] == "rebooting"
    emulated.advance(60)
    assert (look(emulated)["DBInstanceStatus"], status()) == ("available", "in-sync")
    pages = client.get_paginator("describe_db_parameters").paginate(DBParameterGroupName="shop", Source="user")
    assert {p["ParameterName"]: p["ParameterValue"] for page in pages for p in page["Parameters"]} == {
        "log_min_duration_statement": "500",
        "max_connections": "200",
    }
    client.reset_db_parameter_group(DBParameterGroupName="shop", ResetAllParameters=True)
    assert status() == "pending-reboot"


@pytest.mark.parametrize(("family", "value"), [("postgres13", "0"), ("postgres14", "0"), ("postgres15", "1"), ("postgres17", "1")])
def test_tls_is_forced_since_postgres_15(emulated: Emulated, family: str, value: str) -> None:
    pages = emulated.client("rds").get_paginator("describe_db_parameters").paginate(DBParameterGroupName=f"default.{family}")
    found = {p["ParameterName"]: p for page in pages for p in page["Parameters"]}
    assert found["rds.force_ssl"].items() >= {"ParameterValue": value, "ApplyType": "dynamic", "IsModifiable": True}.items()
    assert found["shared_preload_libraries"]["ApplyType"] == "static"


def test_a_managed_password_is_a_secret_that_goes_with_the_instance(emulated: Emulated) -> None:
    secrets = emulated.client("secretsmanager")
    managed = {key: value for key, value in NEW.items() if key != "MasterUserPassword"}
    made = emulated.client("rds").create_db_instance(**managed, ManageMasterUserPassword=True)["DBInstance"]
    assert made["MasterUserSecret"]["SecretStatus"] == "creating"
    emulated.advance(400)
    arn = look(emulated)["MasterUserSecret"]["SecretArn"]
    assert json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])["username"] == "shop"
    emulated.client("rds").delete_db_instance(DBInstanceIdentifier="shop", SkipFinalSnapshot=True)
    emulated.advance(400)
    assert secrets.list_secrets()["SecretList"] == []


def test_delete_with_a_final_snapshot_and_restore(emulated: Emulated) -> None:
    client = emulated.client("rds")
    create(emulated)
    client.delete_db_instance(DBInstanceIdentifier="shop", FinalDBSnapshotIdentifier="shop-final")
    assert look(emulated)["DBInstanceStatus"] == "deleting"
    snapshot = client.describe_db_snapshots(DBSnapshotIdentifier="shop-final")["DBSnapshots"][0]
    assert snapshot["Status"] == "creating" and "SnapshotCreateTime" not in snapshot
    emulated.advance(400)
    assert emulated.refused("rds", "describe_db_instances", DBInstanceIdentifier="shop") == (
        "DBInstanceNotFound",
        "DBInstance shop not found.",
    )
    kept = client.describe_db_snapshots()["DBSnapshots"]
    assert [(item["DBSnapshotIdentifier"], item["Status"]) for item in kept] == [("shop-final", "available")]
    client.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="again", DBSnapshotIdentifier="shop-final")
    emulated.advance(400)
    assert look(emulated, "again").items() >= {"MasterUsername": "shop", "DBInstanceStatus": "available", "AllocatedStorage": 20}.items()


def test_a_stopped_instance_starts_again_after_seven_days(emulated: Emulated) -> None:
    create(emulated)
    emulated.client("rds").stop_db_instance(DBInstanceIdentifier="shop")
    emulated.advance(200)
    assert look(emulated)["DBInstanceStatus"] == "stopped"
    emulated.advance(7 * 24 * 3600)
    assert look(emulated)["DBInstanceStatus"] == "starting"
    emulated.advance(300)
    assert look(emulated)["DBInstanceStatus"] == "available"


def test_engine_versions_and_where_they_can_go(emulated: Emulated) -> None:
    client = emulated.client("rds")
    versions = client.describe_db_engine_versions(Engine="postgres", EngineVersion="16.6")["DBEngineVersions"]
    assert [item["DBParameterGroupFamily"] for item in versions] == ["postgres16"]
    targets = {target["EngineVersion"]: target["IsMajorVersionUpgrade"] for target in versions[0]["ValidUpgradeTarget"]}
    assert targets["16.8"] is False and targets["17.2"] is True and "15.12" not in targets
    assert len(client.describe_db_engine_versions(Engine="mysql", DefaultOnly=True)["DBEngineVersions"]) == 1
    options = client.describe_orderable_db_instance_options(Engine="postgres", EngineVersion="17.6", DBInstanceClass="db.t4g.micro")
    assert {option["StorageType"] for option in options["OrderableDBInstanceOptions"]} >= {"gp2", "gp3"}


def test_a_major_upgrade_takes_its_groups_with_it(emulated: Emulated) -> None:
    create(emulated, EngineVersion="16.6")
    emulated.client("rds").modify_db_instance(
        DBInstanceIdentifier="shop", EngineVersion="17.2", AllowMajorVersionUpgrade=True, ApplyImmediately=True
    )
    emulated.advance(30)
    emulated.advance(300)
    found = look(emulated)
    assert (found["EngineVersion"], found["DBParameterGroups"][0]["DBParameterGroupName"]) == ("17.2", "default.postgres17")


def test_tags(emulated: Emulated) -> None:
    client = emulated.client("rds")
    arn = create(emulated, Tags=[{"Key": "a", "Value": "1"}])["DBInstanceArn"]
    client.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "b", "Value": "2"}])
    client.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    assert client.list_tags_for_resource(ResourceName=arn)["TagList"] == look(emulated)["TagList"] == [{"Key": "b", "Value": "2"}]
