"""Mending what a converge refuses to go on with."""

from __future__ import annotations

from tests.support.playbooks import converge, play

from .conftest import Made


def test_a_listener_that_points_elsewhere_and_scaling_that_stayed_silent(made: Made) -> None:
    emulated = made("-e", "railyard_engine=codedeploy")
    elb, scaling = emulated.client("elbv2"), emulated.client("application-autoscaling")
    balancer = elb.describe_load_balancers(Names=["shop-local"])["LoadBalancers"][0]["LoadBalancerArn"]
    listener = next(item for item in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"] if item["Port"] == 80)
    before = listener["DefaultActions"]
    closed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "closed"}}
    elb.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=[closed])
    scaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/shop-local/web",
        ScalableDimension="ecs:service:DesiredCount",
        SuspendedState={"DynamicScalingInSuspended": True},
    )
    refused = play(emulated, "site.yml")
    assert refused.code and "playbooks/repair.yml" in refused.output
    # The run that was refused lets go of the lock when it has ended.
    writes = [write for write in emulated.writes() if write != "s3:DeleteObject"]
    checked = play(emulated, "playbooks/repair.yml", "--check")
    assert checked.code == 0 and "would be mended" in checked.output and "listeners" in checked.output
    assert [write for write in emulated.writes() if write != "s3:DeleteObject"] == writes
    mended = play(emulated, "playbooks/repair.yml")
    assert mended.code == 0 and "scaling" in mended.output, mended.output
    after = elb.describe_listeners(ListenerArns=[listener["ListenerArn"]])["Listeners"][0]["DefaultActions"]
    assert [action["Type"] for action in after] == [action["Type"] for action in before] == ["forward"]
    assert play(emulated, "playbooks/repair.yml").count("changed") == 0
    assert converge(emulated).changed_tasks == []
