"""A whole converge and destroy of which each write is done at AWS and its first answer lost, and a converge that reads what was."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.names import option
from tests.support.playbooks import converge, play

from .conftest import Made

WRITES = ("*:[!BDGHLS]*", "*:De[!s]*", "*:Di*", "*:S[!t]*", "*:BatchDelete*")
LOST = [{"fault": "lost", "operation": pattern, "first": 1} for pattern in WRITES]
# What was asked a moment ago is answered as it was then: every first reading of something since the last write.
STALE = {"fault": "stale", "operation": "*", "first": 1, "seconds": 2}
# What refuses a role, a bucket's policy or a service-linked role that it does not know yet.
REFUSED = {
    *("ecs:CreateCluster", "ecs:CreateService", "ecs:RegisterTaskDefinition", "elbv2:ModifyLoadBalancerAttributes"),
    *("rds:CreateDBInstance", "rds:CreateDBSubnetGroup"),
}


def resources(emulated: Emulated) -> Counter[str]:
    """How many there are of each kind."""
    found = emulated.run("environment_info", names=option())["resources"]
    return Counter(item["kind"] for item in found)


def met(emulated: Emulated, kind: str) -> set[str]:
    return {f"{entry['service']}:{entry['operation']}" for entry in emulated.journal() if entry.get("fault") == kind}


@pytest.fixture
def usual(made: Made) -> Counter[str]:
    return resources(made())


def test_no_reply_to_a_write_arrives_the_first_time(emulated: Emulated, usual: Counter[str]) -> None:
    emulated.faults(*LOST)
    converge(emulated)
    emulated.faults()
    lost = met(emulated, "lost")
    assert {"ec2:CreateVpc", "ecs:CreateService", "iam:CreateRole", "rds:CreateDBInstance", "s3:CreateBucket"} <= lost
    assert resources(emulated) == usual
    assert converge(emulated).changed_tasks == []

    emulated.faults(*LOST)
    gone = play(emulated, "playbooks/destroy.yml", "-e", "destroy=shop-local", "-e", "delete_data=yes")
    emulated.faults()
    assert gone.code == 0 and "Nothing is left of it" in gone.output, gone.output
    assert {"ec2:DeleteVpc", "ecs:DeleteService", "iam:DeleteRole", "rds:DeleteDBInstance"} <= met(emulated, "lost")
    assert not resources(emulated) and not orphans(emulated)


def orphans(emulated: Emulated) -> list[Any]:
    """What has no name of ours, should it have been made twice."""
    ec2 = emulated.client("ec2")
    vpcs = [item["VpcId"] for item in ec2.describe_vpcs()["Vpcs"] if not item["IsDefault"]]
    gateways = ec2.describe_internet_gateways()["InternetGateways"]
    return [*vpcs, *(item["InternetGatewayId"] for item in gateways if not item["Attachments"])]


@pytest.mark.soak
@pytest.mark.parametrize("engine", ["codedeploy", "ecs"])
def test_what_was_made_a_moment_ago_is_not_known_everywhere(emulated: Emulated, engine: str) -> None:
    """Roles, the policy of a bucket and service-linked roles are refused once by each service that is told of them."""
    emulated.faults({"fault": "fresh"})
    converge(emulated, "-e", f"railyard_engine={engine}")
    emulated.faults()
    assert met(emulated, "fresh") == {*REFUSED, *(["codedeploy:CreateDeploymentGroup"] if engine == "codedeploy" else [])}


@pytest.mark.soak
def test_first_readings_are_those_of_a_moment_ago(emulated: Emulated, usual: Counter[str]) -> None:
    emulated.faults(STALE)
    converge(emulated)
    assert len(met(emulated, "stale")) > 20
    emulated.faults()
    assert resources(emulated) == usual
    assert converge(emulated).changed_tasks == []
