"""What AWS makes of a declaration is no difference."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._ecs.normal import declared, normalise

EMPTY = {
    "cpu": 0,
    "port_mappings": [],
    "essential": True,
    "environment": [],
    "mount_points": [],
    "volumes_from": [],
    "system_controls": [],
    "version_consistency": "enabled",
}


def task(container: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"family": "web", "network_mode": "awsvpc", **members, "container_definitions": [{"name": "web", **container}]}


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ({}, EMPTY),
        (
            {"port_mappings": [{"container_port": 3000}]},
            {"port_mappings": [{"container_port": 3000, "host_port": 3000, "protocol": "tcp"}]},
        ),
        (
            {"port_mappings": [{"container_port": 2000, "protocol": "udp"}, {"container_port": 80}]},
            {
                "port_mappings": [
                    {"container_port": 80, "host_port": 80, "protocol": "tcp"},
                    {"container_port": 2000, "host_port": 2000, "protocol": "udp"},
                ]
            },
        ),
        (
            {"environment": [{"name": "B", "value": "2"}, {"name": "A", "value": ""}]},
            {"environment": [{"name": "A", "value": ""}, {"name": "B", "value": "2"}]},
        ),
        (
            {"secrets": [{"name": "B", "value_from": "/b"}, {"name": "A", "value_from": "/a"}]},
            {"secrets": [{"name": "A", "value_from": "/a"}, {"name": "B", "value_from": "/b"}]},
        ),
        (
            {"health_check": {"command": ["CMD", "true"]}},
            {"health_check": {"command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3}},
        ),
        (
            {"log_configuration": {"log_driver": "awslogs", "options": {"awslogs-group": "/shop"}}},
            {"log_configuration": {"log_driver": "awslogs", "options": {"awslogs-group": "/shop"}, "secret_options": []}},
        ),
        (
            {"readonly_root_filesystem": False, "linux_parameters": {"init_process_enabled": False}},
            {"linux_parameters": {"capabilities": {}, "devices": []}},
        ),
        (
            {
                "mount_points": [
                    {"source_volume": "b", "container_path": "/b", "read_only": False},
                    {"source_volume": "a", "container_path": "/a"},
                ]
            },
            {
                "mount_points": [
                    {"source_volume": "a", "container_path": "/a", "read_only": False},
                    {"source_volume": "b", "container_path": "/b"},
                ]
            },
        ),
        ({"ulimits": [{"name": "nproc"}, {"name": "core"}]}, {"ulimits": [{"name": "core"}, {"name": "nproc"}]}),
        (
            {"depends_on": [{"container_name": "b", "condition": "START"}, {"container_name": "a", "condition": "START"}]},
            {"depends_on": [{"container_name": "a", "condition": "START"}, {"container_name": "b", "condition": "START"}]},
        ),
        ({"command": [], "entry_point": []}, {}),
    ],
)
def test_containers_that_are_the_same(given: dict[str, Any], answered: dict[str, Any]) -> None:
    assert normalise(task(given)) == normalise(task(answered))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"essential": False}, {}),
        ({"command": ["a", "b"]}, {"command": ["b", "a"]}),
        ({"environment": [{"name": "A", "value": ""}]}, {}),
        ({"environment": [{"name": "A", "value": "1"}]}, {"environment": [{"name": "A", "value": "2"}]}),
        ({"cpu": 1}, {"cpu": 2}),
        ({"restart_policy": {"enabled": False}}, {}),
        ({"port_mappings": [{"container_port": 1, "protocol": "udp"}]}, {"port_mappings": [{"container_port": 1}]}),
        ({"docker_labels": {"essential": ""}}, {}),
        ({"health_check": {"command": ["CMD", "true"], "interval": 10}}, {"health_check": {"command": ["CMD", "true"]}}),
    ],
)
def test_containers_that_differ(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert normalise(task(one)) != normalise(task(other))


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ({"cpu": "0.5 vCPU", "memory": "1 GB"}, {"cpu": "512", "memory": "1024"}),
        ({}, {"runtime_platform": {"cpu_architecture": "X86_64", "operating_system_family": "LINUX"}}),
        (
            {"runtime_platform": {"cpu_architecture": "ARM64"}},
            {"runtime_platform": {"cpu_architecture": "ARM64", "operating_system_family": "LINUX"}},
        ),
        ({}, {"placement_constraints": [], "volumes": [], "pid_mode": "", "enable_fault_injection": False}),
        ({}, {"compatibilities": ["EC2", "FARGATE"], "requires_attributes": [{"name": "x"}], "registered_by": "arn:aws:iam::1:root"}),
        ({"requires_compatibilities": ["FARGATE", "EC2"]}, {"requires_compatibilities": ["EC2", "FARGATE"]}),
        ({"volumes": [{"name": "b"}, {"name": "a"}]}, {"volumes": [{"name": "a", "host": {}}, {"name": "b", "host": {}}]}),
        (
            {"volumes": [{"name": "a", "efs_volume_configuration": {"file_system_id": "fs-1"}}]},
            {
                "volumes": [
                    {
                        "name": "a",
                        "efs_volume_configuration": {
                            "file_system_id": "fs-1",
                            "root_directory": "/",
                            "transit_encryption": "DISABLED",
                            "authorization_config": {"iam": "DISABLED"},
                        },
                    }
                ]
            },
        ),
    ],
)
def test_tasks_that_are_the_same(given: dict[str, Any], answered: dict[str, Any]) -> None:
    assert normalise(task({}, **given)) == normalise(task({}, **answered))


def test_every_setting_of_the_task_counts() -> None:
    settings: dict[str, Any] = {
        "cpu": "512",
        "memory": "1024",
        "task_role_arn": "arn:t",
        "execution_role_arn": "arn:e",
        "requires_compatibilities": ["FARGATE"],
        "runtime_platform": {"cpu_architecture": "ARM64"},
        "ephemeral_storage": {"size_in_gi_b": 30},
        "proxy_configuration": {"container_name": "envoy"},
        "pid_mode": "task",
        "enable_fault_injection": True,
        "inference_accelerators": [{"device_name": "d", "device_type": "t"}],
    }
    plain = normalise(task({}))
    for name, value in settings.items():
        assert normalise(task({}, **{name: value})) != plain, name
    assert normalise(task({}, ephemeral_storage={"size_in_gi_b": 30}))["ephemeral_storage"] == 30


def test_the_order_of_containers_has_no_meaning() -> None:
    one, other = ({"family": "web", "container_definitions": [{"name": name} for name in names]} for names in ("ab", "ba"))
    assert normalise(one) == normalise(other)


def test_identity_is_kept_and_is_not_declared() -> None:
    normal = normalise({**task({}), "revision": 7, "task_definition_arn": "arn", "status": "ACTIVE", "registered_at": "now", "tags": {}})
    assert normal["revision"] == 7 and normal["tags"] == {}
    assert declared(normal) == normalise(task({}))


def test_normal_form_is_stable() -> None:
    given = task({"environment": [{"name": "A", "value": "1"}], "port_mappings": [{"container_port": 80}]})
    before = repr(given)
    normalise(given)
    assert repr(given) == before, "what was given is left alone"
