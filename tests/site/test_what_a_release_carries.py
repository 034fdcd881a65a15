"""What only a release can bring: told by a converge, kept from the live tasks, brought by the next release, and then told no more."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.support.deploying import ENGINES_OF_THE_GATE
from tests.support.fargate import slowly
from tests.support.playbooks import Played, converge
from tests.support.releasing import LOCAL, NAME, Releasing

from .conftest import Made

PROCESSES = {"web": {"port": 8080, "health": "/healthz", "scale": {"cpu": 60}}, "worker": {"command": ["bundle", "exec", "sidekiq"]}}
# By what is declared otherwise: what the summary says that the next release brings.
CHANGES: dict[str, dict[str, Any]] = {
    "network_configuration.subnets": {"vpc_zone_count": 3},
    "platform_version": {"ecs_platform_version": "1.3.0"},
    "health_check_path": {"railyard_processes": PROCESSES},
    "containers.web.secrets": {"railyard_secrets": []},
}


@pytest.fixture(params=ENGINES_OF_THE_GATE)
def shop(request: pytest.FixtureRequest, made: Made) -> Releasing:
    """A live environment, by one engine after the other."""
    emulated = made("-e", f"railyard_engine={request.param}")
    emulated.advance(300)
    return Releasing(emulated, replace(LOCAL, engine=request.param))


def site(shop: Releasing, **declared: Any) -> Played:
    return converge(shop.emulated, "-e", json.dumps({"railyard_engine": shop.env.engine, **declared}))


def open_ports(shop: Releasing) -> list[int]:
    """Where the load balancer reaches tasks."""
    filters = [{"Name": "group-name", "Values": [f"{NAME}-app"]}]
    (group,) = shop.emulated.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return sorted(rule["FromPort"] for rule in group["IpPermissions"])


def paths(shop: Releasing) -> dict[str, str]:
    """The health check of the group that users reach, and of the other one."""
    groups = shop.emulated.client("elbv2").describe_target_groups(Names=[f"{NAME}-blue", f"{NAME}-green"])["TargetGroups"]
    weights = shop.deployer.weights()
    return {"live" if weights.get(item["TargetGroupName"].rsplit("-", 1)[1]) else "idle": item["HealthCheckPath"] for item in groups}


def networks(shop: Releasing) -> list[int]:
    """The number of subnets of each process, as its primary task set or deployment has it."""
    found = []
    for name in ("web", "worker"):
        service = shop.deployer.service(name)
        runs = [*service.get("taskSets", []), *service.get("deployments", [])]
        live = next(item for item in runs if item["status"] == "PRIMARY")
        found.append(len(live["networkConfiguration"]["awsvpcConfiguration"]["subnets"]))
    return found


def readable(shop: Releasing) -> list[str]:
    """The secrets that ECS may read to start tasks, without those of consoles."""
    policy = shop.emulated.client("iam").get_role_policy(RoleName=f"{NAME}-execution", PolicyName="start-tasks")["PolicyDocument"]
    (reading,) = [one for one in policy["Statement"] if one["Sid"] == "ReadSecrets"]
    return sorted(arn.rpartition("/")[2] for arn in reading["Resource"] if not arn.endswith("/console/*"))


def reached(shop: Releasing) -> set[str]:
    """The health of the tasks that users reach."""
    elb, colours = shop.emulated.client("elbv2"), shop.deployer.weights()
    names = [f"{NAME}-{colour}" for colour, weight in colours.items() if weight]
    groups = [group["TargetGroupArn"] for group in elb.describe_target_groups(Names=names)["TargetGroups"]]
    found = [one for group in groups for one in elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]]
    return {one["TargetHealth"]["State"] for one in found}


def zones(shop: Releasing) -> int:
    """In how many zones the load balancer is."""
    return len(shop.emulated.client("elbv2").describe_load_balancers(Names=[NAME])["LoadBalancers"][0]["AvailabilityZones"])


def test_all_of_it_travels_with_one_release_and_back(shop: Releasing) -> None:
    """Container port, health check, subnets, secrets and platform version of both processes, while users are served. What the live tasks
    stand on stays as long as they do: their ports, the zones of the load balancer, the right to read their secrets."""
    declared = {name: value for change in CHANGES.values() for name, value in change.items()}
    with slowly(shop.emulated), shop.users as users:
        told = site(shop, **declared)
        for path in CHANGES:
            assert path in told.output, told.output
        assert "worker runs an earlier configuration" in told.output
        assert open_ports(shop) == [3000, 8080] and paths(shop) == {"live": "/up", "idle": "/healthz"}
        assert readable(shop) == ["DATABASE_URL", "RAILS_MASTER_KEY"] and zones(shop) == 3
        assert site(shop, **declared).changed_tasks == []

        done = shop.release()
        assert done["changed"] and any("brings" in line and "network_configuration" in line for line in shop.said), shop.said
        assert networks(shop) == [3, 3] and paths(shop)["live"] == "/healthz"
        after = site(shop, **declared)
        assert after.changed_tasks == [] and "the next release brings" not in after.output, after.output
        assert not shop.release()["changed"]

        shop.emulated.advance(1200)
        closed = site(shop, **declared)
        assert open_ports(shop) == [8080] and set(paths(shop).values()) == {"/healthz"}, closed.changed_tasks
        assert site(shop, **declared).changed_tasks == [] and readable(shop) == ["DATABASE_URL"]

        assert "the next release brings" in site(shop).output and open_ports(shop) == [3000, 8080]
        assert zones(shop) == 3 and reached(shop) == {"healthy"}
        assert shop.release()["changed"] and paths(shop)["live"] == "/up"
        assert "the next release brings" not in site(shop).output
        shop.emulated.advance(1200)
        site(shop)
        assert zones(shop) == 2 and reached(shop) == {"healthy"}
    assert set(users.statuses) == {200}, users.statuses
