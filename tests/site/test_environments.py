"""Staging and production in one run, each in its own account with its own values."""

from __future__ import annotations

from tests.support.environments import ACCOUNTS, Environments


def test_both_at_once_and_nobody_gets_the_others_values(environments: Environments) -> None:
    for name, cidr, multi_az in (("staging", "10.10.0.0/16", False), ("production", "10.20.0.0/16", True)):
        vpcs = environments.client("ec2", name).describe_vpcs(Filters=[{"Name": "tag:environment", "Values": [name]}])["Vpcs"]
        assert [vpc["CidrBlock"] for vpc in vpcs] == [cidr]
        database = environments.client("rds", name).describe_db_instances()["DBInstances"][0]
        assert (database["DBInstanceIdentifier"], database["MultiAZ"]) == (f"shop-{name}", multi_az)
        assert (
            database["StorageEncrypted"] and not database["PubliclyAccessible"] and database["DeletionProtection"] is (name == "production")
        )
        ecs = environments.client("ecs", name)
        service = ecs.describe_services(cluster=f"shop-{name}", services=["web"])["services"][0]
        assert service["desiredCount"] == service["runningCount"] == 0
        definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        container = definition["containerDefinitions"][0]
        assert container["image"].endswith("@sha256:" + "0" * 64)
        assert {secret["name"] for secret in container["secrets"]} == {"RAILS_MASTER_KEY", "DATABASE_URL"}
        assert all(f":{ACCOUNTS[name]}:parameter/shop/{name}/" in secret["valueFrom"] for secret in container["secrets"])
        assert not {"RAILS_MASTER_KEY", "DATABASE_URL"} & {setting["name"] for setting in container["environment"]}
