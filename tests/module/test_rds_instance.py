"""rds_instance against the emulated RDS."""

import json

import pytest

from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.walk import differences

NAME = "shop-production"
PASSWORD = "/shop/production/DATABASE_PASSWORD"
SECRET = "correct-horse-battery"


@pytest.fixture
def network(emulated: Emulated) -> list[str]:
    """A subnet group over two zones, a password, and a security group."""
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    emulated.client("rds").create_db_subnet_group(DBSubnetGroupName=NAME, DBSubnetGroupDescription="x", SubnetIds=subnets)
    emulated.client("ssm").put_parameter(Name=PASSWORD, Type="SecureString", Value=SECRET)
    return [ec2.create_security_group(GroupName="database", Description="database", VpcId=vpc)["GroupId"]]


def run(emulated: Emulated, groups: list[str], **params):
    wanted = {
        "db_instance_identifier": NAME,
        "engine": "postgres",
        "engine_version": "17",
        "db_instance_class": "db.t4g.micro",
        "allocated_storage": 20,
        "storage_type": "gp3",
        "db_name": "shop",
        "master_username": "rails",
        "password_parameter": PASSWORD,
        "db_subnet_group_name": NAME,
        "vpc_security_group_ids": groups,
        "multi_az": False,
        "backup_retention_period": 1,
        "deletion_protection": True,
        "copy_tags_to_snapshot": True,
        "enable_cloudwatch_logs_exports": ["upgrade", "postgresql"],
        "enable_performance_insights": True,
        "performance_insights_retention_period": 7,
        "tags": {"application": "shop"},
    }
    result = emulated.run("rds_instance", **{**wanted, **params})
    assert SECRET not in json.dumps(result)
    return result


def test_check_create_again_change_delete(emulated: Emulated, network: list[str]) -> None:
    before = len(emulated.writes())
    predicted = run(emulated, network, check=True)
    assert predicted["changed"] and len(emulated.writes()) == before

    created = run(emulated, network)
    assert created["changed"] and differences("rds_instance", created) == []
    assert created["instance"]["storage_encrypted"] and not created["instance"]["publicly_accessible"]
    assert not run(emulated, network)["changed"]
    emulated.advance(3600)
    again = run(emulated, network)
    assert not again["changed"] and again["instance"]["db_instance_status"] == "available"
    assert again["instance"]["engine_version"].startswith("17.") and again["instance"]["endpoint"]["port"] == 5432

    changed = run(emulated, network, backup_retention_period=7, enable_cloudwatch_logs_exports=["postgresql"], tags={"team": "x"})
    assert changed["diff"]["before"]["backup_retention_period"] == 1 and changed["diff"]["after"]["backup_retention_period"] == 7
    emulated.advance(3600)
    live = emulated.client("rds").describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]
    assert live["BackupRetentionPeriod"] == 7 and live["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert [tag["Key"] for tag in live["TagList"]] == ["team"]

    absent = {"state": "absent", "final_db_snapshot_identifier": "shop-final"}
    assert "protected against deletion" in run(emulated, network, **absent)["msg"]
    assert "lose its data" in run(emulated, network, state="absent", deletion_protection=False)["msg"]
    assert run(emulated, network, **absent, deletion_protection=False, check=True)["changed"]
    assert run(emulated, network, **absent, deletion_protection=False)["changed"]
    emulated.advance(3600)
    assert emulated.refused("rds", "describe_db_instances", DBInstanceIdentifier=NAME)[0].startswith("DBInstanceNotFound")
    assert len(emulated.client("rds").describe_db_snapshots(DBSnapshotIdentifier="shop-final")["DBSnapshots"]) == 1
    gone = run(emulated, network, **absent)
    assert not gone["changed"] and gone["instance"] is None


def test_what_cannot_change_is_said_before_a_write(emulated: Emulated, network: list[str]) -> None:
    run(emulated, network)
    emulated.advance(3600)
    before = len(emulated.writes())
    for words, params in {
        "storage never shrinks": {"allocated_storage": 10},
        "is a major upgrade": {"engine_version": "18"},
        "cannot become store": {"db_name": "store"},
    }.items():
        failed = run(emulated, network, **params)
        assert failed["failed"] and words in failed["msg"] and failed["live"]["db_instance_identifier"] == NAME
    assert len(emulated.writes()) == before


def test_the_password_is_named_when_it_is_missing(emulated: Emulated, network: list[str]) -> None:
    emulated.client("ssm").delete_parameter(Name=PASSWORD)
    assert f"there is no parameter {PASSWORD}" in run(emulated, network)["msg"]
    assert "password_parameter must be given" in run(emulated, network, password_parameter=None)["msg"]


def live(emulated: Emulated) -> dict:
    return emulated.client("rds").describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]


def test_what_is_being_created_is_as_declared_when_the_run_is_repeated(emulated: Emulated, network: list[str]) -> None:
    with slowly(emulated):
        run(emulated, network)
        again = run(emulated, network)
    assert not again["changed"] and again["instance"]["db_instance_status"] == "creating"


def test_a_change_of_what_is_being_created_waits_as_long_as_it_may(emulated: Emulated, network: list[str]) -> None:
    with slowly(emulated):
        run(emulated, network)
        impatient = run(emulated, network, backup_retention_period=7, wait_timeout=0)
        assert impatient["failed"] and "is still creating after 0 seconds" in impatient["msg"]
        assert run(emulated, network, backup_retention_period=7, check=True)["changed"]


def test_a_change_waits_for_what_ends_by_itself(emulated: Emulated, network: list[str]) -> None:
    run(emulated, network)
    changed = run(emulated, network, backup_retention_period=7)
    assert changed["changed"] and changed["diff"]["before"]["db_instance_status"] == "available"
    assert not run(emulated, network, backup_retention_period=7)["changed"]


def test_exports_that_are_pending_count(emulated: Emulated, network: list[str]) -> None:
    run(emulated, network)
    emulated.advance(3600)
    assert run(emulated, network, enable_cloudwatch_logs_exports=["postgresql"])["changed"]
    assert live(emulated)["PendingModifiedValues"] == {"PendingCloudwatchLogsExports": {"LogTypesToDisable": ["upgrade"]}}
    assert not run(emulated, network, enable_cloudwatch_logs_exports=["postgresql"])["changed"]


def test_storage_that_rds_has_grown_by_itself_is_kept_and_named(emulated: Emulated, network: list[str]) -> None:
    run(emulated, network)
    emulated.advance(3600)
    grown = {"DBInstanceIdentifier": NAME, "AllocatedStorage": 26, "MaxAllocatedStorage": 100, "ApplyImmediately": True}
    emulated.client("rds").modify_db_instance(**grown)
    emulated.advance(24 * 3600)
    kept = run(emulated, network)
    assert not kept["changed"] and kept["kept"] == {"allocated_storage": {"declared": 20, "live": 26}}
    assert not run(emulated, network, max_allocated_storage=100)["changed"]
    assert "more than the 25" in run(emulated, network, max_allocated_storage=25)["msg"]
    assert run(emulated, network, allocated_storage=26)["kept"] == {}


def test_a_major_version_to_which_rds_has_upgraded_is_kept_and_named(emulated: Emulated, network: list[str]) -> None:
    """With the parameter group that goes with it, until the inventory says the same."""
    rds = emulated.client("rds")
    for major in ("16", "17"):
        rds.create_db_parameter_group(DBParameterGroupName=f"{NAME}-{major}", DBParameterGroupFamily=f"postgres{major}", Description="x")
    old = {"engine_version": "16", "db_parameter_group_name": f"{NAME}-16"}
    run(emulated, network, **old)
    emulated.advance(3600)
    upgraded = {"EngineVersion": "17.7", "AllowMajorVersionUpgrade": True, "DBParameterGroupName": "default.postgres17"}
    rds.modify_db_instance(DBInstanceIdentifier=NAME, ApplyImmediately=True, **upgraded)
    emulated.advance(3600)
    kept = run(emulated, network, **old)
    assert not kept["changed"] and kept["kept"] == {"engine_version": {"declared": "16", "live": "17.7"}}
    assert kept["instance"]["db_parameter_group_name"] == "default.postgres17"
    paths = {"version": ["railyard_database", "version"]}
    asked = {
        "db_instance_identifier": NAME,
        "engine": "postgres",
        "db_instance_class": "db.t4g.micro",
        "region": "eu-west-1",
        "paths": paths,
    }
    asked |= {"allocated_storage": 20, "max_allocated_storage": None, "multi_az": False}
    told = emulated.run("preflight", account_id="123456789012", secrets={}, database={**asked, "engine_version": "16"})["kept"]
    assert told[0]["what"].startswith("RDS has changed version of the database from 16 to 17.7") and told[0]["right"] == '"17"'
    said = run(emulated, network, engine_version="17", db_parameter_group_name=f"{NAME}-17")
    assert said["changed"] and said["kept"] == {} and said["instance"]["db_parameter_group_name"] == f"{NAME}-17"


def test_extended_support_is_chosen_and_can_be_changed(emulated: Emulated, network: list[str]) -> None:
    enrolled, disabled = "open-source-rds-extended-support", "open-source-rds-extended-support-disabled"
    made = run(emulated, network, engine_lifecycle_support=disabled)
    assert made["changed"] and not run(emulated, network, engine_lifecycle_support=disabled)["changed"]
    assert live(emulated)["EngineLifecycleSupport"] == disabled
    emulated.advance(3600)
    changed = run(emulated, network, engine_lifecycle_support=enrolled)
    assert changed["changed"] and live(emulated)["EngineLifecycleSupport"] == enrolled
    assert not run(emulated, network)["changed"] and not run(emulated, network, engine_lifecycle_support=enrolled)["changed"]


def test_storage_grows_by_a_tenth_and_not_again_at_once(emulated: Emulated, network: list[str]) -> None:
    run(emulated, network, allocated_storage=50)
    emulated.advance(3600)
    assert "declare 50, or 55 or more" in run(emulated, network, allocated_storage=52)["msg"]
    assert run(emulated, network, allocated_storage=55, apply_immediately=True)["changed"]
    emulated.advance(3600)
    assert not run(emulated, network, allocated_storage=55)["changed"]
    assert "previous storage change" in run(emulated, network, allocated_storage=70)["msg"]


@pytest.mark.parametrize(("has", "asked", "iops"), [(390, 450, 12000), (400, 500, 14000)])
def test_storage_of_400_gib_grows_with_its_speed(emulated: Emulated, network: list[str], has: int, asked: int, iops: int) -> None:
    run(emulated, network, allocated_storage=has)
    emulated.advance(3600)
    if has >= 400:
        faster = {"AllocatedStorage": has, "Iops": iops, "StorageThroughput": 600, "ApplyImmediately": True}
        emulated.client("rds").modify_db_instance(DBInstanceIdentifier=NAME, **faster)
        emulated.advance(24 * 3600)
    changed = run(emulated, network, allocated_storage=asked, apply_immediately=True)
    assert changed["changed"], changed
    emulated.advance(24 * 3600)
    assert (live(emulated)["AllocatedStorage"], live(emulated)["Iops"]) == (asked, iops)
