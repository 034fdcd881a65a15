"""Deployments by both engines: one table of what can happen, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._deployment import deployments, start
from ansible_collections.railyard.fargate.plugins.module_utils._deployment.follow import follow, observe
from ansible_collections.railyard.fargate.plugins.module_utils._ecs import carried, live_services
from ansible_collections.railyard.fargate.plugins.module_utils._release import configuration
from emulator import process
from tests.support import deploying, fargate
from tests.support.deploying import Deploying, build_slowly
from tests.support.emulated import Emulated

Build = Callable[..., Deploying]
__all__ = ["build_slowly"]  # a fixture


def test_a_release_from_beginning_to_end(build_slowly: Build) -> None:
    site = build_slowly()
    wanted = site.wanted("shop:2", description="release 2")
    outcome = start.start_deployment(site.live, wanted, "wait", site.how())
    assert outcome.changed and outcome.deployment
    assert outcome.deployment["status"] == "preparing" and outcome.deployment["engine"] == site.engine
    identity = outcome.deployment["deployment_id"]

    shifted = follow(site.live, identity, "traffic_shifted", site.how(traffic={"shift": "canary", "percent": 10, "minutes": 5}))
    assert site.when("waiting") - site.when("shifting: 10 %") <= 305
    assert shifted["status"] == "waiting" and shifted["image"] == "shop:2" and shifted["finished_at"] is None
    assert list(shifted["weights"].items()) == [(site.stage.green, 100), (site.stage.blue, 0)]
    assert shifted["tasks"] == {"desired": 2, "running": 2, "pending": 0, "healthy": 2}
    assert shifted["task_definition"].endswith(":2") and shifted["previous_task_definition"].endswith(":1")
    assert any(line.startswith("shifting: 10 % on the new tasks, 2 of 2 healthy, ") for line in site.said), site.said

    ended = follow(site.live, identity, "old_tasks_stopped", site.how())
    assert ended["status"] == "succeeded" and ended["finished_at"] and ended["rollback"] is None
    assert ended["weights"][site.stage.green] == 100

    again = start.start_deployment(site.live, wanted, "wait", site.how())
    assert not again.changed and again.deployment and again.deployment["deployment_id"] == identity


def test_a_release_that_waits_is_continued(build_slowly: Build) -> None:
    site = build_slowly(pause=True)
    identity = site.start("shop:2")
    ready = follow(site.live, identity, "ready", site.how())
    assert ready["status"] == "ready" and ready["weights"] == {site.stage.green: 0, site.stage.blue: 100}
    assert site.stage.weights(site.stage.test_listener) == {"green": 100, "blue": 0}

    assert start.continue_deployment(site.live, None, check=True).changed
    outcome = start.continue_deployment(site.live, None, site.how())
    assert outcome.changed
    assert follow(site.live, identity, "traffic_shifted", site.how())["status"] == "waiting"
    assert start.continue_deployment(site.live, identity, site.how()).changed == (site.engine == "codedeploy")
    assert follow(site.live, identity, "old_tasks_stopped", site.how())["status"] == "succeeded"
    assert not start.continue_deployment(site.live, identity, site.how()).changed


def test_one_in_flight_is_refused_waited_for_or_superseded(build_slowly: Build) -> None:
    site = build_slowly()
    first = site.start("shop:2")
    with pytest.raises(RailyardError, match="is being deployed by") as refused:
        start.start_deployment(site.live, site.wanted("shop:3"), "refuse", site.how())
    assert first.rpartition("/")[2] in refused.value.message and "if_running" in refused.value.message
    with pytest.raises(RailyardError, match="is being deployed by"):
        start.start_deployment(site.live, site.wanted("shop:3"), "refuse", check=True)

    second = site.start("shop:3", "supersede")
    superseded, running = site.live.read(first), site.live.running()
    # ECS keeps no words of ours: there it is a deployment that somebody has rolled back.
    assert superseded["status"] == {"codedeploy": "superseded", "ecs": "rolled_back"}[site.engine]
    assert [item["deployment_id"] for item in running] == [second]

    third = site.start("shop:4", "wait")
    assert site.live.read(second)["status"] == "succeeded" and third != second
    assert follow(site.live, third, "traffic_shifted", site.how())["image"] == "shop:4"


def test_old_tasks_that_are_kept_do_not_block_the_next_release(build_slowly: Build) -> None:
    site = build_slowly(keep_minutes=10)
    first = site.start("shop:2")
    follow(site.live, first, "traffic_shifted", site.how())
    site.passed = 0.0
    second = site.start("shop:3", "refuse")
    # ECS bakes for ten minutes, and the old tasks are drained for five.
    assert site.passed < {"codedeploy": 60, "ecs": 1000}[site.engine]
    assert site.live.read(first)["status"] == "succeeded"
    for now, _seconds in observe(site.live, second, site.how()):
        assert all(site.healthy(group) == 2 for group, weight in now["weights"].items() if weight), now
        if now["status"] == "waiting":
            break


@pytest.mark.parametrize("shown_by", ["flag", "target", "events", "ready"])
def test_a_release_that_has_all_traffic_is_never_rolled_back(emulated: Emulated, shown_by: str) -> None:
    """However CodeDeploy shows that only the old tasks are kept: that arrives at once, is ended on demand, and nothing goes back."""
    with fargate.slowly(emulated):
        process.control(emulated.state, "codedeploy", keeps_old=shown_by)
        site = deploying.build(emulated, "codedeploy", keep_minutes=10, pause=shown_by == "ready")
        first = site.start("shop:2")
        if shown_by == "ready":
            follow(site.live, first, "ready", site.how())
            assert start.continue_deployment(site.live, first, site.how()).changed
        site.passed = 0.0
        assert follow(site.live, first, "traffic_shifted", site.how())["status"] == "waiting"
        assert site.passed < 600, "the traffic is shifted before the wait is over"
        site.passed = 0.0
        second = site.start("shop:3", "supersede")
        assert site.passed < 60 and site.live.read(first)["status"] == "succeeded"
        assert site.live.read(second)["previous_task_definition"].endswith(":2")


def test_what_a_release_carries_reaches_the_new_tasks_and_the_old_ones_keep_theirs(build_slowly: Build) -> None:
    """Another port, network, platform version and health check; a force, because the task definition alone may be the live one."""
    site = build_slowly(keep_minutes=10)
    ecs, elb, stage = site.emulated.client("ecs"), site.emulated.client("elbv2"), site.stage
    container = {"name": "web", "image": "shop:2", "essential": True, "portMappings": [{"containerPort": port} for port in (3000, 8080)]}
    definition = ecs.register_task_definition(
        family="shop",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        executionRoleArn="arn:aws:iam::123456789012:role/execution",
        containerDefinitions=[container],
    )["taskDefinition"]["taskDefinitionArn"]
    declared = {
        "network_configuration": {"subnets": stage.subnets[:1], "security_groups": [stage.security_group], "assign_public_ip": True},
        "platform_version": "1.3.0",
        "load_balancers": [{"container_name": "web", "container_port": 8080}],
        "health_check": {"path": "/healthz"},
    }
    started = start.start_deployment(
        site.live, {"task_definition": definition, **carried.settings(declared), "force": True}, "wait", site.how()
    )
    assert started.deployment is not None
    follow(site.live, started.deployment["deployment_id"], "traffic_shifted", site.how())

    def path(group: str) -> str:
        return str(elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]["HealthCheckPath"])

    def ports(group: str) -> set[int]:
        return {item["Target"]["Port"] for item in elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]}

    assert (path(stage.green), path(stage.blue)) == ("/healthz", "/") and (ports(stage.green), ports(stage.blue)) == ({8080}, {3000})
    service = live_services.read(ecs, "shop", ["web"], False)[0]
    clients = site.live.clients
    assert configuration.waiting(declared, service, configuration.live_group(clients, service)) == {}
    assert list(configuration.waiting({**declared, "platform_version": "LATEST"}, service, {})) == ["platform_version"]
    again = start.start_deployment(site.live, {"task_definition": definition, **carried.settings(declared)}, "wait", site.how())
    assert not again.changed


def test_the_same_release_in_flight_is_returned_and_not_started_twice(build_slowly: Build) -> None:
    site = build_slowly()
    wanted = site.wanted("shop:2", token="t1")
    first = start.start_deployment(site.live, wanted, "wait", site.how())
    again = start.start_deployment(site.live, wanted, "refuse", site.how())
    assert first.changed and not again.changed
    assert first.deployment and again.deployment and again.deployment["deployment_id"] == first.deployment["deployment_id"]
    assert len(site.live.running()) == 1


def test_the_newest_deployments_are_listed(build_slowly: Build) -> None:
    site = build_slowly(keep_minutes=0)
    ids = []
    for image in ("shop:2", "shop:3"):
        ids.append(site.start(image))
        follow(site.live, ids[-1], "old_tasks_stopped", site.how())
    assert [item["deployment_id"] for item in site.live.recent(2)] == ids[::-1]
    assert [item["status"] for item in site.live.recent(2)] == ["succeeded", "succeeded"]
    with pytest.raises(RailyardError, match="has no deployment"):
        site.live.read("d-AAAAAAAAA" if site.engine == "codedeploy" else f"{ids[0]}x")


def test_a_finished_request_is_found_by_its_token(emulated: Emulated) -> None:
    with fargate.slowly(emulated):
        site = deploying.build(emulated, "codedeploy", keep_minutes=0)
        wanted = site.wanted("shop:2", token="t1", force=True)
        first = start.start_deployment(site.live, wanted, "wait", site.how()).deployment
        assert first is not None
        follow(site.live, first["deployment_id"], "old_tasks_stopped", site.how())
        again = start.start_deployment(site.live, wanted, "wait", site.how())
        assert not again.changed and again.deployment and again.deployment["deployment_id"] == first["deployment_id"]
        assert start.start_deployment(site.live, {**wanted, "token": "t2"}, "wait", site.how()).changed


def test_a_service_without_a_load_balancer_is_replaced_task_by_task(emulated: Emulated) -> None:
    """A worker: no target groups, no weights, the same states."""
    with fargate.slowly(emulated):
        site = deploying.build(emulated, "ecs")
        network = {"subnets": site.stage.subnets, "securityGroups": [site.stage.security_group], "assignPublicIp": "ENABLED"}
        emulated.client("ecs").create_service(
            cluster="shop",
            serviceName="worker",
            taskDefinition=site.define("worker:1"),
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": network},
        )
        emulated.advance(600)
        live = deployments.of_ecs(site.live.clients, "shop", "worker")
        outcome = start.start_deployment(live, site.wanted("worker:2"), "wait", site.how())
        assert outcome.deployment and outcome.deployment["weights"] == {}
        ended = follow(live, outcome.deployment["deployment_id"], "traffic_shifted", site.how())
        assert ended["status"] == "succeeded" and ended["image"] == "worker:2"

        emulated.script(image="worker:bad", seconds=2.0, exit_code=1)
        bad = start.start_deployment(live, site.wanted("worker:bad"), "wait", site.how()).deployment
        assert bad is not None
        with pytest.raises(RailyardError, match="exit code 1"):
            follow(live, bad["deployment_id"], "traffic_shifted", site.how())
