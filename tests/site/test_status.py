"""playbooks/status.yml in the states in which an environment can be, as typed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import alarm, persons_of_iam
from tests.support.deploying import ENGINES_OF_THE_GATE
from tests.support.fargate import slowly
from tests.support.playbooks import Played, play
from tests.support.releases import Deployer

from .conftest import Made

STATUS = "playbooks/status.yml"
NAME = "shop-local"
# What one look asks: two for each process, the rest once.
CALLS = 36


@pytest.fixture(scope="module", params=ENGINES_OF_THE_GATE)
def deployer(request: pytest.FixtureRequest, made: Made) -> Deployer:
    emulated = made("-e", f"railyard_engine={request.param}")
    emulated.advance(300)
    return Deployer(emulated, NAME, request.param)


def typed(deployer: Deployer, *words: str) -> Played:
    return play(deployer.emulated, STATUS, "-e", f"railyard_engine={deployer.engine}", *words)


def read(deployer: Deployer) -> dict[str, Any]:
    played = typed(deployer, "-e", "format=json")
    assert played.code == 0, played.output
    found: dict[str, Any] = json.loads(played.output)
    unreadable = {name: part for name, part in found["parts"].items() if part["state"] == "unreadable"}
    assert not unreadable, unreadable
    return found


def part(deployer: Deployer, name: str) -> Any:
    return read(deployer)["parts"][name]["found"]


def weights(found: dict[str, Any]) -> dict[str, int]:
    return {group["name"].rpartition("-")[2]: group["weight"] for group in found["parts"]["load_balancer"]["found"]["groups"]}


def test_fresh_it_is_healthy_and_reads_each_thing_once(deployer: Deployer) -> None:
    last = deployer.emulated.journal()[-1]["number"]
    found = read(deployer)
    asked = deployer.emulated.journal(since=last)
    assert found["health"] == "healthy" and weights(found) == {"blue": 100, "green": 0}, found["problems"]
    assert len(asked) <= CALLS and not any(call["write"] for call in asked), [f"{one['service']}:{one['operation']}" for one in asked]
    shown = typed(deployer)
    assert f"{NAME.replace('-', ' ')}: healthy" in shown.output and "none in flight" in shown.output
    assert max(map(len, shown.output.splitlines())) <= 120


def test_a_developer_may_read_all_of_it_and_nothing_of_it_hides_the_rest(deployer: Deployer) -> None:
    person = persons_of_iam.make(deployer.emulated, "developer")
    with persons_of_iam.judged(deployer.emulated):
        whole = typed(deployer, *person.words)
        assert "cannot be read" not in whole.output and "healthy" in whole.output, whole.output
        person.without("rds:DescribeDBInstances")
        lacking = typed(deployer, *person.words)
    assert lacking.code == 0 and "database      cannot be read: DescribeDBInstances" in lacking.output, lacking.output
    assert "2 of 2 running" in lacking.output


def test_during_a_deployment_and_after_each_swap_and_a_rollback(deployer: Deployer) -> None:
    with slowly(deployer.emulated):
        deployment = deployer.deploy(deployer.push("two"))
        deployer.until(deployment, "Ready")
        found = read(deployer)
        going = found["parts"]["deployment"]["found"]
        assert (going["status"], going["percent"], found["health"]) == ("ready", 0, "healthy"), found
        assert [run["running"] for run in found["parts"]["services"]["found"][0]["runs"]] == [2, 2]
        deployer.proceed(deployment)
        deployer.until(deployment, "Succeeded")
    found = read(deployer)
    assert weights(found) == {"blue": 0, "green": 100} and found["health"] == "healthy" and not found["parts"]["deployment"]["found"]
    deployer.until(deployer.deploy(deployer.push("three")), "Succeeded")
    assert weights(read(deployer)) == {"blue": 100, "green": 0}


def test_scaled_suspended_and_with_an_alarm_it_says_why(deployer: Deployer) -> None:
    emulated = deployer.emulated
    emulated.client("ecs").update_service(cluster=NAME, service="web", desiredCount=3)
    emulated.advance(300)
    (web, _worker) = part(deployer, "scaling")
    assert web["desired"] == 3 and web["reason"] == "set by a person or a release, not by scaling"
    target = {"ServiceNamespace": "ecs", "ResourceId": f"service/{NAME}/web", "ScalableDimension": "ecs:service:DesiredCount"}
    scaling = emulated.client("application-autoscaling")
    scaling.register_scalable_target(**target, SuspendedState={"ScheduledScalingSuspended": True})
    alarm.make(emulated, f"{NAME}-5xx")
    alarm.ring(emulated, f"{NAME}-5xx")
    shown = typed(deployer, "-e", "exit_status=true")
    assert shown.code == 2 and "suspended, and nobody releases" in shown.output and "1 in alarm" in shown.output, shown.output
    scaling.register_scalable_target(**target, SuspendedState={"ScheduledScalingSuspended": False})
    emulated.client("cloudwatch").delete_alarms(AlarmNames=[f"{NAME}-5xx"])
    assert typed(deployer, "-e", "exit_status=true").code == 0


def test_where_nobody_answers_it_is_down_and_the_run_ends_with_4(deployer: Deployer) -> None:
    emulated = deployer.emulated
    emulated.client("ecs").update_service(cluster=NAME, service="web", desiredCount=0)
    emulated.advance(600)
    shown = typed(deployer, "-e", "exit_status=true")
    assert shown.code == 4 and "DOWN" in shown.output and "playbooks/deploy.yml" in shown.output, shown.output
