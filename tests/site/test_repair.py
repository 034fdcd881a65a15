"""Mending what a converge refuses to go on with."""

from __future__ import annotations

import pytest

from tests.support.playbooks import converge, play
from tests.support.releases import Deployer

from .conftest import Made

NAME = "shop-local"


@pytest.mark.parametrize("engine", ["codedeploy", pytest.param("ecs", marks=pytest.mark.soak)])
def test_repair_of_a_listener_and_of_suspended_scaling(made: Made, engine: str) -> None:
    words = ("-e", f"railyard_engine={engine}")
    emulated = made(*words)
    emulated.advance(300)
    deployer = Deployer(emulated, NAME, engine)
    deployer.until(deployer.deploy(deployer.push("two")), "Succeeded")
    emulated.advance(1200)
    elb, scaling = emulated.client("elbv2"), emulated.client("application-autoscaling")
    balancer = elb.describe_load_balancers(Names=[NAME])["LoadBalancers"][0]["LoadBalancerArn"]
    listener = next(item for item in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"] if item["Port"] == 80)
    assert deployer.weights()["green"] == 100
    closed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "closed"}}
    elb.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=[closed])
    scaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/shop-local/web",
        ScalableDimension="ecs:service:DesiredCount",
        SuspendedState={"DynamicScalingInSuspended": True},
    )
    refused = play(emulated, "site.yml", *words)
    assert refused.code and "playbooks/repair.yml" in refused.output
    # The run that was refused lets go of the lock when it has ended.
    writes = [write for write in emulated.writes() if write != "s3:DeleteObject"]
    checked = play(emulated, "playbooks/repair.yml", "--check", *words)
    assert checked.code == 0 and "would be repaired" in checked.output and "listeners" in checked.output, checked.output
    assert [write for write in emulated.writes() if write != "s3:DeleteObject"] == writes
    mended = play(emulated, "playbooks/repair.yml", *words)
    assert mended.code == 0 and "repaired: listeners, scaling" in mended.output, mended.output
    assert [colour for colour, weight in deployer.weights().items() if weight] == ["green"]
    assert play(emulated, "playbooks/repair.yml", *words).count("changed") == 0
    assert converge(emulated, *words).changed_tasks == []
