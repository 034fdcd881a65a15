"""playbooks/why.yml: each thing that goes wrong, played on an environment that `site.yml` has made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import alarm, names, persons_of_iam
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.playbooks import play
from tests.support.releases import Deployer
from tests.support.walk import differences

from .conftest import Made

NAME, MODULE = "shop-local", "environment_why_info"
SCALING = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
PULL = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref shop@sha256:1: not found"


@pytest.fixture(scope="module")
def deployer(made: Made) -> Deployer:
    emulated = made()
    emulated.advance(300)
    return Deployer(emulated, NAME)


def asked(emulated: Emulated, about: str) -> list[dict[str, Any]]:
    found = emulated.run(MODULE, names=names.option(), about=[about])
    assert not found.get("failed") and differences(MODULE, found) == [] and found["unreadable"] == {}, found
    findings: list[dict[str, Any]] = found["findings"]
    return findings


def awaited(emulated: Emulated, about: str, words: str) -> dict[str, Any]:
    """The finding with these words, once there is one; AWS's time passes meanwhile."""
    found: list[dict[str, Any]] = []
    for _ in range(30):
        found = asked(emulated, about)
        if (one := next((one for one in found if words in f"{one['what']} {one['hint']}"), None)) is not None:
            return one
        emulated.advance(15)
    raise AssertionError(f"nothing says {words}: {found}")


def stop(deployer: Deployer, deployment: str) -> None:
    deployer.emulated.client("codedeploy").stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    deployer.emulated.advance(900)


def test_nothing_is_wrong(deployer: Deployer) -> None:
    for about in ("task", "target", "deployment", "scaling"):
        assert asked(deployer.emulated, about) == []


@pytest.mark.parametrize(("status", "words"), [(301, "redirect, mostly one to HTTPS"), (0, "nobody listens at the port")])
def test_a_health_check_that_fails_is_told_by_what_was_answered(deployer: Deployer, status: int, words: str) -> None:
    image = deployer.push(f"health-{status}")
    deployer.emulated.script(image=image, healthy=False, answers=status, lines=["Puma is listening"])
    with slowly(deployer.emulated):
        deployment = deployer.deploy(image)
        target = awaited(deployer.emulated, "target", words)
        assert target["lines"] == ["Puma is listening"], target
        assert target["words"][0].endswith("[301]" if status else "Health checks failed")
        stuck = awaited(deployer.emulated, "deployment", "targets are unhealthy")
        assert "preparing" in stuck["what"] and "-e do=rollback" in stuck["next"], stuck
        stop(deployer, deployment)


def test_a_crash_loop_and_an_image_that_cannot_be_pulled(deployer: Deployer) -> None:
    image = deployer.push("crash")
    deployer.emulated.script(image=image, seconds=3, exit_code=1, lines=["KeyError: key not found: RAILS_MASTER_KEY"])
    with slowly(deployer.emulated):
        deployment = deployer.deploy(image)
        task = awaited(deployer.emulated, "task", "container web ended with exit code 1 ")
        assert task["lines"] == ["KeyError: key not found: RAILS_MASTER_KEY"], task
        assert task["hint"] == "the application ended by itself: its last lines say why"
        stop(deployer, deployment)
        image = deployer.push("pull")
        deployer.emulated.script(image=image, reason=PULL, stop_code="TaskFailedToStart")
        deployment = deployer.deploy(image)
        task = awaited(deployer.emulated, "task", "the image cannot be pulled")
        assert "no container ever ran" in task["what"] and task["lines"] == [], task
        stop(deployer, deployment)


def test_a_secret_that_is_missing_names_the_playbook_that_stores_it(deployer: Deployer) -> None:
    ssm, ecs = deployer.emulated.client("ssm"), deployer.emulated.client("ecs")
    ssm.delete_parameter(Name="/shop/local/RAILS_MASTER_KEY")
    with slowly(deployer.emulated):
        ecs.update_service(cluster=NAME, service="worker", forceNewDeployment=True)
        worker = awaited(deployer.emulated, "task", "a secret is not stored")
    assert worker["process"] == "worker" and worker["next"] == "playbooks/secret.yml", worker
    ssm.put_parameter(Name="/shop/local/RAILS_MASTER_KEY", Type="SecureString", Value="key")


def test_what_keeps_a_process_from_being_scaled_and_a_deployment_from_beginning(deployer: Deployer) -> None:
    emulated = deployer.emulated
    scaling, cloudwatch = emulated.client("application-autoscaling"), emulated.client("cloudwatch")
    emulated.client("ecs").update_service(cluster=NAME, service="web", desiredCount=4)
    alarms = [one["AlarmName"] for one in cloudwatch.describe_alarms()["MetricAlarms"]]
    (high,) = [name for name in alarms if "service/shop-local/web-AlarmHigh" in name][:1]
    scaling.register_scalable_target(**SCALING, ResourceId=f"service/{NAME}/worker", SuspendedState={"DynamicScalingInSuspended": True})
    found: list[dict[str, Any]] = []
    # At the end of a minute its metric decides about the alarm again.
    with slowly(emulated):
        for _ in range(10):
            if not any("upper bound" in one["what"] for one in found):
                cloudwatch.set_alarm_state(AlarmName=high, StateValue="ALARM", StateReason="load")
                found = asked(emulated, "scaling")
    web, worker = found
    assert "web is at its upper bound" in web["what"] and web["next"] == "site.yml", web
    assert "scaling of worker is suspended" in worker["what"] and worker["next"] == "playbooks/repair.yml", worker

    alarm.make(emulated, f"{NAME}-5xx")
    watched = {"enabled": True, "alarms": [{"name": f"{NAME}-5xx"}]}
    emulated.client("codedeploy").update_deployment_group(
        applicationName=NAME, currentDeploymentGroupName="web", alarmConfiguration=watched
    )
    cloudwatch.set_alarm_state(AlarmName=f"{NAME}-5xx", StateValue="ALARM", StateReason="errors")
    person = persons_of_iam.make(emulated, "developer")
    with persons_of_iam.judged(emulated):
        shown = play(emulated, "playbooks/why.yml", *person.words)
    assert shown.code == 0 and "CodeDeploy fails every deployment that begins while one is on" in shown.output, shown.output
    assert "cannot be read" not in shown.output and "repair.yml -i inventories/local" in shown.output
    # A command gets its inventory after the line was folded.
    assert [line for line in shown.output.splitlines() if len(line) > 120 and " -i " not in line] == []
