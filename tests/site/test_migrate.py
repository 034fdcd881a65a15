"""playbooks/migrate.yml as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from emulator import process
from tests.support import fargate
from tests.support.emulated import Emulated
from tests.support.playbooks import play
from tests.support.releases import Deployer

MIGRATE = "playbooks/migrate.yml"
NAME = "shop-local"
ADD = {"version": "20260101000000", "name": "AddTotalToOrders"}
DROP = {"version": "20260102000000", "name": "RemoveNote", "destructive": ["remove_column"]}


@pytest.fixture
def image(emulated: Emulated) -> str:
    """An image of the local environment; its images have two migrations."""
    made = fargate.build(emulated, balanced=True)
    emulated.client("ecr").create_repository(repositoryName=NAME)
    emulated.client("logs").create_log_group(logGroupName="/shop/local/run")
    place = {"LocationConstraint": "eu-west-1"}
    emulated.client("s3").create_bucket(Bucket=f"{NAME}-releases-123456789012", CreateBucketConfiguration=place)
    pushed = Deployer(emulated, NAME).push("1a2b3c4")
    definition = made.define(family=f"{NAME}-web", containerDefinitions=[{**fargate.CONTAINER, "image": pushed}])
    made.ecs.create_cluster(clusterName=NAME)
    made.ecs.create_service(**made.blue_green(cluster=NAME, taskDefinition=definition, desiredCount=0))
    # The local inventory holds an image of its own, which may be the newest one.
    emulated.script(image=f"*/{NAME}@*", migrations=[ADD, DROP])
    return pushed


def applied(emulated: Emulated) -> list[str]:
    found: dict[str, list[str]] = process.control(emulated.state, "migrations")
    return found.get(NAME, [])


def protected(tmp_path: Path) -> tuple[str, ...]:
    """The local environment as one that is protected."""
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"shop_local": {"railyard_protection": True}}}}))
    return "inventories/local", str(tmp_path / "hosts.yml")


def test_list_refuse_migrate_and_again(emulated: Emulated, image: str, tmp_path: Path) -> None:
    inventory = protected(tmp_path)
    checked = play(emulated, MIGRATE, "--check", inventory=inventory)
    assert checked.code == 0 and "Would migrate" in checked.output and "ecs:RunTask" not in emulated.writes(), checked.output

    listed = play(emulated, MIGRATE, "-e", "list=yes", inventory=inventory)
    assert listed.code == 0 and listed.count("changed") == 0 and applied(emulated) == [], listed.output
    assert "20260101000000  AddTotalToOrders  pending\n" in listed.output
    assert (
        "20260102000000  RemoveNote        pending  ! remove_column" in listed.output
        and "-e allow_destructive_migrations=yes" in listed.output
    )

    refused = play(emulated, MIGRATE, inventory=inventory)
    assert refused.code != 0 and "RemoveNote: remove_column" in refused.output and applied(emulated) == [], refused.output

    migrated = play(emulated, MIGRATE, "-e", "allow_destructive_migrations=yes", "-e", "image=1a2b3c4", inventory=inventory)
    assert migrated.code == 0 and migrated.count("changed") == 1, migrated.output
    assert applied(emulated) == [ADD["version"], DROP["version"]] and "AddTotalToOrders  applied" in migrated.output
    assert "\n== 20260101000000 AddTotalToOrders: migrating ===" in migrated.output

    again = play(emulated, MIGRATE, inventory=inventory)
    assert again.code == 0 and again.count("changed") == 0 and "Nothing is pending. The schema is at 20260102000000." in again.output


def test_several_environments_and_an_image_that_is_not_there(emulated: Emulated, image: str, tmp_path: Path) -> None:
    names = {"all": {"hosts": {"shop_one": {}, "shop_two": {}}, "vars": {"ansible_connection": "local"}}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(names))
    several = play(emulated, MIGRATE, inventory=(str(tmp_path / "hosts.yml"),))
    assert several.code != 0 and "Name one with -l shop_one" in several.output, several.output
    assert "no image with the tag nope" in play(emulated, MIGRATE, "-e", "image=nope").output
    assert "ecs:RunTask" not in emulated.writes()
