"""A whole environment under faults: runs that are killed after a write, calls that fail at random, lists in the smallest pages."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.persons import until
from tests.support.playbooks import Played, begin, converge, play
from tests.support.releases import Deployer

from .conftest import Made
from .test_console import CONSOLE, PROMPT, Person
from .test_replies_lost import met, orphans, resources

# A first converge writes about 110 times.
WRITES = 130
LONGEST = 120.0
RANDOM = [
    {"fault": "throttle", "operation": "*", "probability": 0.1},
    {"fault": "error", "operation": "*", "probability": 0.03},
    {"fault": "reset", "operation": "*", "probability": 0.02},
    {"fault": "lost", "operation": "*", "probability": 0.02},
]
PAGES: dict[str, Any] = {"fault": "page"}
FRESH = ("-e", '{"railyard_image": ""}')
DESTROY = ("playbooks/destroy.yml", "-e", "destroy=shop-local", "-e", "delete_data=yes")


@pytest.fixture(scope="module")
def usual(made: Made) -> Counter[str]:
    return resources(made())


def killed_after(emulated: Emulated, writes: int, playbook: str, *words: str) -> bool:
    """Play until so many calls have changed something, and kill the whole process group then; False when the run ends before that."""
    emulated.faults({"fault": "reset", "writes": writes})
    run = begin(emulated, playbook, *words)
    until(lambda: run.process.poll() is not None or met(emulated, "reset"), LONGEST)
    run.kill() if run.process.poll() is None else run.end()
    cut = bool(met(emulated, "reset"))
    emulated.faults()
    return cut


@pytest.mark.parametrize("writes", [9, *(pytest.param(number, marks=pytest.mark.soak) for number in range(1, WRITES) if number != 9)])
def test_a_converge_that_is_killed_after_a_write_is_finished_by_the_next(emulated: Emulated, usual: Counter[str], writes: int) -> None:
    if not killed_after(emulated, writes, "site.yml"):
        pytest.skip(f"a converge writes fewer than {writes} times")
    converge(emulated, "-e", "lock_timeout=600")
    assert resources(emulated) == usual
    assert converge(emulated).changed_tasks == []
    assert len(orphans(emulated)) == 1, "its VPC"


@pytest.mark.soak
@pytest.mark.parametrize("writes", range(1, WRITES, 3))
def test_a_destroy_that_is_killed_after_a_write_is_finished_by_the_next(emulated: Emulated, writes: int) -> None:
    converge(emulated)
    if not killed_after(emulated, writes, *DESTROY):
        pytest.skip(f"a destroy writes fewer than {writes} times")
    gone = play(emulated, *DESTROY, "-e", "lock_timeout=600")
    assert gone.code == 0 and "Nothing is left of it" in gone.output, gone.output
    assert not resources(emulated) and not orphans(emulated)


def ends_well(emulated: Emulated, playbook: str, *words: str) -> Played:
    played = play(emulated, playbook, *words)
    assert played.code == 0 and played.count("failed") == 0, played.output
    return played


def everything(emulated: Emulated, *faults: dict[str, Any], seed: int = 0) -> None:
    """Converge, release twice, roll back, open a console, destroy; the playbooks meet the faults."""
    emulated.faults(*faults, seed=seed)
    ends_well(emulated, "site.yml", *FRESH)
    for number, tag in enumerate(("one", "two"), 1):
        emulated.faults()
        image = Deployer(emulated, "shop-local").push(tag)
        emulated.script(image=image, migrations=[{"version": "20260101000000", "name": "AddTotalToOrders"}])
        emulated.faults(*faults, seed=seed + 1000 * number)
        with slowly(emulated, 60.0):
            ends_well(emulated, "playbooks/deploy.yml", "-e", f"image={tag}", *FRESH)
    with slowly(emulated, 60.0):
        ends_well(emulated, "playbooks/rollback.yml", *FRESH)
    with slowly(emulated, 20.0):
        person = Person(emulated, CONSOLE, *FRESH)
        person.sees(PROMPT)
        person.types("exit\r")
        assert "nothing of it is left behind" in person.sees("PLAY RECAP") and person.leaves() == 0
    assert "Nothing is left of it" in ends_well(emulated, *DESTROY, *FRESH).output
    emulated.faults()
    assert not resources(emulated) and not orphans(emulated)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_calls_that_fail_at_random_change_nothing_in_the_end(account: Emulated, seed: int) -> None:
    everything(account, *RANDOM, seed=seed)


@pytest.mark.soak
def test_everything_is_found_in_the_smallest_pages(account: Emulated) -> None:
    everything(account, PAGES)


def test_a_converge_under_random_faults_and_in_the_smallest_pages(emulated: Emulated, usual: Counter[str]) -> None:
    emulated.faults(*RANDOM, PAGES, seed=7)
    converge(emulated)
    assert {kind for kind in ("throttle", "error", "reset", "lost", "page") if met(emulated, kind)} == {
        *("throttle", "error", "reset", "lost", "page")
    }
    emulated.faults()
    assert resources(emulated) == usual
    assert converge(emulated).changed_tasks == []


QUOTAS = [
    *("ec2:AllocateAddress", "ec2:CreateNatGateway", "ec2:CreateSecurityGroup", "elbv2:CreateLoadBalancer", "elbv2:CreateTargetGroup"),
    *("iam:CreateRole", "rds:CreateDBInstance", "rds:CreateDBSubnetGroup", "s3:CreateBucket", "codedeploy:CreateApplication"),
]


def test_a_quota_is_explained(emulated: Emulated) -> None:
    emulated.faults({"fault": "quota", "operation": "ec2:CreateVpc"})
    played = play(emulated, "site.yml")
    assert played.code != 0 and "VpcLimitExceeded: The maximum number of VPCs has been reached; that is a quota" in played.output
    assert met(emulated, "quota") == {"ec2:CreateVpc"} and not orphans(emulated)


@pytest.mark.soak
@pytest.mark.parametrize("operation", QUOTAS)
def test_a_quota_that_is_raised_lets_the_next_converge_end_well(emulated: Emulated, usual: Counter[str], operation: str) -> None:
    emulated.faults({"fault": "quota", "operation": operation})
    played = play(emulated, "site.yml")
    emulated.faults()
    if not met(emulated, "quota"):
        pytest.skip(f"a converge needs no {operation}")
    assert played.code != 0 and "that is a quota of the account" in " ".join(played.output.split()), played.output
    converge(emulated)
    assert resources(emulated) == usual and converge(emulated).changed_tasks == []


# What one call of a first converge names, and somebody has deleted a moment before.
VANISH = [
    *("ec2:AuthorizeSecurityGroupIngress", "ecs:DescribeTaskDefinition", "logs:PutRetentionPolicy", "elbv2:ModifyTargetGroupAttributes"),
    *("elbv2:DescribeTargetGroupAttributes", "elbv2:ModifyLoadBalancerAttributes", "ecr:PutLifecyclePolicy", "elbv2:CreateListener"),
    *("ecs:UpdateService", "codedeploy:CreateDeploymentGroup", "ec2:AssociateRouteTable", "rds:CreateDBInstance"),
]


@pytest.mark.soak
@pytest.mark.parametrize("operation", VANISH)
def test_what_vanishes_under_a_converge_is_there_after_the_next(emulated: Emulated, usual: Counter[str], operation: str) -> None:
    emulated.faults({"fault": "vanish", "operation": operation, "occurrences": [1]})
    played = play(emulated, "site.yml")
    emulated.faults()
    if not met(emulated, "vanish"):
        pytest.skip(f"nothing vanishes at {operation}")
    assert "Traceback" not in played.output, played.output
    converge(emulated)
    assert resources(emulated) == usual and converge(emulated).changed_tasks == []
