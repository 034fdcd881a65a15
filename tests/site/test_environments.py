"""Staging and production in one run, each in its own account with its own values."""

from __future__ import annotations

from pathlib import Path

from tests.support.emulated import Emulated
from tests.support.playbooks import play

ACCOUNTS = {"staging": "222222222222", "production": "111111111111"}


def test_both_at_once_and_nobody_gets_the_others_values(emulated: Emulated, tmp_path: Path) -> None:
    keys = "\n".join(
        f"    shop_{name}: {{railyard_access_key: AKIA{account}AAAA, railyard_secret_key: x, railyard_endpoint_url: {emulated.state.url}}}"
        for name, account in ACCOUNTS.items()
    )
    (tmp_path / "keys.yml").write_text(f"all:\n  hosts:\n{keys}\n")
    for name, account in ACCOUNTS.items():
        ssm = emulated.client("ssm", account=account)
        ssm.put_parameter(Name=f"/shop/{name}/RAILS_MASTER_KEY", Type="SecureString", Value=f"key of {name}")

    inventories = ("inventories/staging", "inventories/prod", str(tmp_path / "keys.yml"))
    played = play(emulated, "site.yml", inventory=inventories)
    assert played.code == 0, played.output
    assert played.count("failed") == 0 and played.output.count("waiting for the first release") == 4

    for name, cidr, multi_az in (("staging", "10.10.0.0/16", False), ("production", "10.20.0.0/16", True)):
        account = ACCOUNTS[name]
        vpcs = emulated.client("ec2", account=account).describe_vpcs(Filters=[{"Name": "tag:environment", "Values": [name]}])["Vpcs"]
        assert [vpc["CidrBlock"] for vpc in vpcs] == [cidr]
        database = emulated.client("rds", account=account).describe_db_instances()["DBInstances"][0]
        assert (database["DBInstanceIdentifier"], database["MultiAZ"]) == (f"shop-{name}", multi_az)
        assert (
            database["StorageEncrypted"] and not database["PubliclyAccessible"] and database["DeletionProtection"] is (name == "production")
        )
        ecs = emulated.client("ecs", account=account)
        service = ecs.describe_services(cluster=f"shop-{name}", services=["web"])["services"][0]
        assert service["desiredCount"] == service["runningCount"] == 0
        definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        container = definition["containerDefinitions"][0]
        assert container["image"].endswith("@sha256:" + "0" * 64)
        assert {secret["name"] for secret in container["secrets"]} == {"RAILS_MASTER_KEY", "DATABASE_URL"}
        assert all(f":{account}:parameter/shop/{name}/" in secret["valueFrom"] for secret in container["secrets"])
        assert not {"RAILS_MASTER_KEY", "DATABASE_URL"} & {setting["name"] for setting in container["environment"]}
