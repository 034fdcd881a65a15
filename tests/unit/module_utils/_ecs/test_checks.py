"""What Fargate would refuse, with what would be right (rules ECS-T1 to ECS-T17)."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._ecs.checks import problems

LOGS = {"awslogs-group": "/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}


def task(container: dict[str, Any] | None = None, *more: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "family": "web",
        "cpu": "512",
        "memory": "1024",
        "network_mode": "awsvpc",
        "requires_compatibilities": ["FARGATE"],
        "execution_role_arn": "arn:e",
        "containers": [{"name": "web", "image": "shop", "essential": True, **(container or {})}, *more],
        **members,
    }


def sidecar(**members: Any) -> dict[str, Any]:
    return {"name": "sidecar", "image": "agent", "essential": False, **members}


def test_valid_task_definition_has_no_problems() -> None:
    logs = {"log_driver": "awslogs", "options": LOGS}
    check = {"command": ["CMD-SHELL", "true"], "interval": 30}
    port = {"container_port": 80, "host_port": 80, "protocol": "tcp"}
    waits = {"depends_on": [{"container_name": "sidecar", "condition": "HEALTHY"}], "mount_points": [{"source_volume": "tmp"}]}
    web = {
        **waits,
        "log_configuration": logs,
        "health_check": check,
        "port_mappings": [port],
        "cpu": 256,
        "memory": 512,
        "stop_timeout": 120,
    }
    assert problems(task(web, sidecar(health_check=check, cpu=256), volumes=[{"name": "tmp"}], ephemeral_storage=21)) == []


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (task(containers=[]), "there is no container"),
        (task(family="a b"), "the family has 1 to 255 letters"),
        (task(network_mode="bridge"), "Fargate has network mode awsvpc only, not bridge"),
        (task(cpu=None), "Fargate needs cpu and memory"),
        (task(memory="512"), "with cpu 512 memory is one of"),
        (task({"cpu": 300}, sidecar(cpu=300)), "the containers have cpu 600 together, the task has 512"),
        (task({"memory": 2048}), "memory 2048 is more than the task's 1024"),
        (task({"memory": 512, "memory_reservation": 600}), "memory_reservation 600 is more than memory 512"),
        (task({"essential": False}), "no container is essential"),
        (task(None, {"name": "web", "essential": False}), "two containers of the name web"),
        (task({"depends_on": [{"container_name": "db", "condition": "START"}]}), "depends_on names db, which does not exist"),
        (task({"depends_on": [{"container_name": "sidecar", "condition": "HEALTHY"}]}, sidecar()), "sidecar has no health_check"),
        (
            task({"depends_on": [{"container_name": "sidecar", "condition": "SUCCESS"}]}, sidecar(essential=True)),
            "waits for the end of sidecar, which is essential",
        ),
        (task({"secrets": {"A": "/a"}, "environment": {"A": "1"}}), "A cannot be in environment and in secrets"),
        (task({"secrets": {"A": "/a"}}, execution_role_arn=None), "secrets need an execution_role_arn"),
        (
            task({"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop"}, execution_role_arn=None),
            "an image in ECR needs an execution_role_arn",
        ),
        (
            task({"log_configuration": {"log_driver": "awslogs", "options": LOGS}}, execution_role_arn=None),
            "log driver awslogs needs an execution_role_arn",
        ),
        (task({"log_configuration": {"log_driver": "awslogs"}}), "needs the options awslogs-group, awslogs-region, awslogs-stream-prefix"),
        (task({"log_configuration": {"log_driver": "syslog"}}), "log driver syslog is not one of"),
        (task({"health_check": {"command": ["curl"]}}), "begins with CMD or CMD-SHELL"),
        (task({"health_check": {"command": ["CMD", "x"], "interval": 1}}), "interval of health_check is 1; it is 5 to 300"),
        (task(volumes=[{"name": "tmp"}]), "volume tmp is mounted by no container"),
        (task({"mount_points": [{"source_volume": "tmp"}]}), "container web: mounts volume tmp, which is not declared"),
        (task(ephemeral_storage=20), "ephemeral_storage is 20 GiB; it is 21 to 200"),
        (task({"privileged": True}), "Fargate does not have privileged"),
        (task({"stop_timeout": 121}), "stop_timeout is 121"),
        (task({"port_mappings": [{"container_port": 3000, "host_port": 80}]}), "host_port 80 is not container_port 3000"),
        (task(pid_mode="host"), "pid_mode task only"),
    ],
)
def test_task_definitions_have_these_problems(definition: dict[str, Any], said: str) -> None:
    found = problems(definition)
    assert len(found) == 1 and said in found[0]


def test_all_problems_at_once() -> None:
    assert len(problems(task({"privileged": True, "stop_timeout": 200}, network_mode="host"))) == 3
