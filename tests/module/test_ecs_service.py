"""ecs_service and ecs_service_info against the emulated ECS."""

from typing import Any

import pytest

from tests.module import ecs_stage
from tests.module.ecs_stage import CLUSTER, Stage, register
from tests.support import one
from tests.support.emulated import Emulated
from tests.support.walk import differences


@pytest.fixture
def stage(emulated: Emulated) -> Stage:
    return ecs_stage.build(emulated)


def worker(stage: Stage, check: bool = False, **params):
    """The service that ECS deploys itself."""
    network = {"subnets": stage.subnets, "security_groups": [stage.group], "assign_public_ip": True}
    wanted = {
        "name": "worker",
        "cluster": CLUSTER,
        "task_definition": stage.definition,
        "desired_count": 2,
        "network_configuration": network,
        "tags": {"application": "shop"},
    }
    return one.run(stage.emulated, "ecs_service", check=check, **{**wanted, **params})


def web(stage: Stage, check: bool = False, **params):
    """The service that CodeDeploy deploys between a pair of target groups."""
    balancer = {"target_group_arn": stage.blue, "container_name": "web", "container_port": 3000}
    wanted = {
        "name": "web",
        "deployment_controller": "CODE_DEPLOY",
        "load_balancers": [balancer],
        "target_group_pair": [stage.blue, stage.green],
        "platform_version": "LATEST",
        "health_check_grace_period_seconds": 30,
    }
    return worker(stage, check, **{**wanted, **params})


def live(stage: Stage, name: str):
    return stage.emulated.client("ecs").describe_services(cluster=CLUSTER, services=[name])["services"][0]


def updates(stage: Stage) -> list[str]:
    return [name for name in stage.emulated.writes() if name == "ecs:UpdateService"]


@pytest.mark.parametrize("make", [worker, web])
def test_check_create_again_change_delete(stage: Stage, make) -> None:
    before = stage.emulated.writes()
    predicted = make(stage, check=True)
    assert predicted["changed"] and stage.emulated.writes() == before

    created = make(stage)
    assert created["changed"] and differences("ecs_service", created) == []
    assert predicted["service"].items() <= {**created["service"], "platform_version": "LATEST"}.items()
    assert created["service"]["desired_count"] == 2 and not created["needs_release"]

    assert not make(stage)["changed"]
    stage.emulated.advance(600)
    again = make(stage)
    assert not again["changed"] and not again["needs_release"]
    assert again["service"]["running_count"] == 2

    changed = make(stage, tags={"team": "checkout"}, deployment_configuration={"maximum_percent": 150}, propagate_tags="SERVICE")
    assert changed["diff"]["before"]["tags"] == {"application": "shop"}
    assert changed["service"]["tags"] == {"team": "checkout"}
    assert changed["service"]["deployment_configuration"]["maximum_percent"] == 150
    assert changed["service"]["deployment_configuration"]["minimum_healthy_percent"] == 100
    assert live(stage, changed["service"]["service_name"])["propagateTags"] == "SERVICE"

    assert make(stage, state="absent", check=True)["changed"]
    removed = make(stage, state="absent")
    assert removed["changed"] and removed["service"] is None and differences("ecs_service", removed) == []
    assert live(stage, created["service"]["service_name"])["status"] == "INACTIVE"
    assert not make(stage, state="absent")["changed"]


@pytest.mark.parametrize("make", [worker, web])
def test_settings_of_the_deployer_are_reported_and_not_sent(stage: Stage, make) -> None:
    make(stage)
    newer = stage.register("shop:2", memory="1024")
    closed = {"subnets": stage.subnets[::-1], "security_groups": [stage.group], "assign_public_ip": False}
    told = make(stage, task_definition=newer, network_configuration=closed)
    assert not told["changed"] and told["needs_release"]
    assert told["release_difference"] == {
        "task_definition": {"before": stage.definition, "after": newer},
        "task_definition.memory": {"before": "512", "after": "1024"},
        "task_definition.containers.web.image": {"before": "shop:1", "after": "shop:2"},
        "network_configuration.assign_public_ip": {"before": True, "after": False},
    }
    assert updates(stage) == []


def test_another_image_alone_is_the_deployers(stage: Stage) -> None:
    worker(stage)
    newer = stage.register("shop:2")
    assert not worker(stage, task_definition=newer)["needs_release"]
    assert worker(stage, task_definition=newer, keep_image_of=["sidecar"])["needs_release"]


def test_a_release_by_ecs_is_a_rolling_update(stage: Stage) -> None:
    worker(stage)
    newer = stage.register("shop:2")
    released = worker(stage, task_definition=newer, release=True)
    assert released["changed"] and not released["needs_release"]
    assert released["service"]["task_definition"] == newer
    assert not worker(stage, task_definition=newer, release=True)["changed"]
    stage.emulated.advance(900)
    assert not worker(stage, task_definition=newer)["changed"]


def test_a_release_by_codedeploy_is_not_ours(stage: Stage) -> None:
    web(stage)
    assert not web(stage, release=True)["changed"]
    failed = web(stage, task_definition=stage.register("shop:2"), release=True)
    assert failed["failed"] and "is released by CodeDeploy" in failed["msg"]


def test_the_number_of_tasks_belongs_to_the_scaler(stage: Stage) -> None:
    web(stage)
    stage.emulated.client("ecs").update_service(cluster=CLUSTER, service="web", desiredCount=5)
    left = web(stage, desired_count_min=2, desired_count_max=10)
    assert not left["changed"] and left["service"]["desired_count"] == 5
    assert web(stage, desired_count_max=4, check=True)["diff"]["after"]["desired_count"] == 4
    assert web(stage, desired_count_max=4)["service"]["desired_count"] == 4
    assert web(stage, desired_count_min=6)["service"]["desired_count"] == 6


def test_what_only_a_new_service_can_have(stage: Stage) -> None:
    web(stage)
    told = web(stage, enable_execute_command=True)
    assert not told["changed"] and not told["needs_release"]
    assert told["recreation_difference"] == {"enable_execute_command": {"before": False, "after": True}}
    worker(stage)
    assert worker(stage, enable_execute_command=True)["service"]["enable_execute_command"] is True


def test_another_controller_is_an_error_that_shows_what_is_live(stage: Stage) -> None:
    worker(stage, name="web")
    failed = web(stage)
    assert failed["failed"] and "is under ECS, declared is CODE_DEPLOY" in failed["msg"]
    assert failed["live"]["deployment_controller"] == "ECS"


def test_a_service_that_drains_is_waited_for_and_made_anew(stage: Stage) -> None:
    web(stage)
    stage.emulated.advance(600)
    stage.emulated.client("ecs").delete_service(cluster=CLUSTER, service="web", force=True)
    assert live(stage, "web")["status"] == "DRAINING"
    assert web(stage, check=True)["changed"]
    anew = web(stage)
    assert anew["changed"] and anew["service"]["status"] == "ACTIVE"


def test_check_mode_and_deletion_where_there_is_no_cluster(emulated: Emulated) -> None:
    assert not one.run(emulated, "ecs_service", name="web", cluster="nobody", state="absent")["changed"]
    assert one.run(emulated, "ecs_service", check=True, name="web", cluster="nobody", task_definition="web")["changed"]


def test_secrets_in_use_beside_the_declared_ones(stage: Stage) -> None:
    """Those of every task set, with the customers' keys that encrypt them."""
    emulated, arn = stage.emulated, "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/production/"
    key = emulated.client("kms").create_key()["KeyMetadata"]["Arn"]
    for name, more in (("OLD", {"KeyId": key}), ("NEW", {}), ("KEPT", {})):
        emulated.client("ssm").put_parameter(Name=f"/shop/production/{name}", Value="x", Type="SecureString", **more)

    def define(*names: str) -> str:
        named = [{"name": name, "valueFrom": arn + name} for name in names]
        return register(emulated, stage.role, "shop:1", secrets=named)

    def read(**more: Any) -> tuple[list[str], list[str]]:
        found = emulated.run("ecs_service_info", cluster=CLUSTER, **more)
        return found["other_secrets"], found["other_secret_kms_key_arns"]

    web(stage, task_definition=define("OLD", "KEPT"))
    assert read() == ([], []) and read(secrets=[arn + "OLD", arn + "KEPT"]) == ([], [])
    assert read(secrets=[arn + "KEPT", arn + "NEW"]) == ([arn + "OLD"], [key])
    assert read(secrets=[]) == ([arn + "KEPT", arn + "OLD"], [key])


def test_what_is_live_in_one_call(stage: Stage) -> None:
    nothing = stage.emulated.run("ecs_service_info", cluster="nobody")
    assert nothing["services"] == []
    worker(stage, task_definition=stage.register("shop:2"))
    web(stage)
    stage.register("shop:3")
    read = stage.emulated.run("ecs_service_info", cluster=CLUSTER, names=["web", "missing", "worker"])
    assert [(item["service_name"], item["live_images"], item["active_target_group_arn"]) for item in read["services"]] == [
        ("web", {"web": "shop:1"}, stage.blue),
        ("worker", {"web": "shop:2"}, None),
    ]
    every = stage.emulated.run("ecs_service_info", cluster=CLUSTER, live_images=False)
    assert [item["service_name"] for item in every["services"]] == ["web", "worker"]
    assert "live_images" not in every["services"][0]
