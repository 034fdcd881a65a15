"""Scaling that is suspended while a deployment moves tasks, and resumed as before."""

from __future__ import annotations

from ansible_collections.railyard.fargate.plugins.module_utils._autoscaling import suspension
from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, build

HALF = {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False}


def test_scaling_gets_back_what_it_had(emulated: Emulated) -> None:
    fargate, scaling = build(emulated), emulated.client("application-autoscaling")
    for name, state in (("worker", dict.fromkeys(HALF, False)), ("web", HALF)):
        fargate.ecs.create_service(**fargate.service(serviceName=name))
        scaling.register_scalable_target(**suspension.identity(CLUSTER, name), MinCapacity=1, MaxCapacity=4, SuspendedState=state)
    before = suspension.read(scaling, CLUSTER, ["web", "worker", "clock"])
    assert list(before) == ["web", "worker"], "as asked, whatever the order in which they were made"
    assert {name: item["suspended"] for name, item in before.items()} == {"web": HALF, "worker": dict.fromkeys(HALF, False)}
    suspension.suspend(scaling, CLUSTER, before)
    suspended = suspension.read(scaling, CLUSTER, ["web", "worker"])
    assert all(all(item["suspended"].values()) and item["max"] == 4 for item in suspended.values())
    writes = len(emulated.writes())
    suspension.suspend(scaling, CLUSTER, suspended)
    assert len(emulated.writes()) == writes, "what is suspended is left alone"
    scaling.deregister_scalable_target(**suspension.identity(CLUSTER, "worker"))
    assert suspension.resume(scaling, CLUSTER, before) == ["web"]
    assert suspension.resume(scaling, CLUSTER, before) == []
    assert suspension.read(scaling, CLUSTER, ["web"]) == {"web": before["web"]}
