"""Exact names of an environment's parts."""

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._environment.environment import NAMES, Environment
from ansible_collections.railyard.fargate.plugins.module_utils._environment.parts import parts

from .descriptions import description

KNOWN = {"account": ("123456789012",), "region": ("eu-west-1",), "process": ("web", "worker"), "family": ("postgres17",)}


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("ecs cluster", "shop-local", True),
        ("ecs cluster", "shop-local-two", False),
        ("ecs cluster", "shop", False),
        ("role", "shop-local-task", True),
        ("role", "shop-local-two-task", False),
        ("ecs task definition", "shop-local-worker", True),
        ("ecs task definition", "shop-local-run", True),
        ("ecs task definition", "shop-local-two-web", False),
        ("ecs service", "shop-local/web", True),
        ("ecs service", "shop-local-two/web", False),
        ("log group", "/shop/local/web", True),
        ("log group", "/shop/local-two/web", False),
        ("log group", "/aws/rds/instance/shop-local/postgresql", True),
        ("log group", "/aws/rds/instance/shop-local-two/postgresql", False),
        ("parameter", "/shop/local/DATABASE_URL", True),
        ("codedeploy configuration", "shop-local-canary-10-5", True),
        ("codedeploy configuration", "shop-local-two-canary-10-5", False),
        ("database snapshot", "shop-local-final-20260101000000", True),
        ("database snapshot", "shop-local-two-final-20260101000000", False),
        ("bucket", "shop-local-releases-123456789012", True),
        ("bucket", "shop-local-releases-999999999999", False),
        ("target group", "shop-local-green", True),
        ("scalable target", "service/shop-local-two/web", False),
        ("unknown kind", "shop-local", False),
    ],
)
def test_names_of_an_environment(kind: str, name: str, expected: bool) -> None:
    assert Environment("shop", "local", KNOWN).has_name(kind, name) is expected


def test_all_names_that_are_known() -> None:
    environment = Environment("shop", "local", {**KNOWN, "front": ("shop",)})
    assert environment.names("ecs service") == ["shop-local/web", "shop-local/worker"]
    assert environment.names("bucket") == ["shop-local-releases-123456789012", "shop-alb-logs-123456789012-eu-west-1"]
    assert environment.names("database parameter group") == ["shop-local-postgres17"]
    assert environment.names("database snapshot") == []
    assert all(environment.has_name(kind, name) for kind in NAMES for name in environment.names(kind))


def test_what_an_environment_will_have_names_its_one_off_tasks_and_consoles_too() -> None:
    families = parts(description(), {})["ecs task definition"]
    assert families[0] == "shop-production-web" and families[-2:] == ["shop-production-run", "shop-production-console"]


@pytest.mark.parametrize(
    ("overrides", "kind", "names"),
    [
        ({}, "bucket", ["shop-production-releases-111111111111", "shop-production-alb-logs-111111111111-eu-west-1"]),
        ({"releases_bucket": "ours"}, "bucket", ["ours", "shop-production-alb-logs-111111111111-eu-west-1"]),
        ({"alb_name": "front"}, "bucket", ["shop-production-releases-111111111111", "front-alb-logs-111111111111-eu-west-1"]),
        ({"alb_access_logs": False, "releases_bucket": "ours"}, "bucket", ["ours"]),
        ({"alb_name": "front"}, "target group", ["front-blue", "front-green"]),
        ({"ecs_name": "tasks"}, "ecs cluster", ["tasks"]),
        ({"rds_parameter_prefix": "/a/b"}, "parameter", ["/a/b/DATABASE_URL", "/a/b/DATABASE_PASSWORD"]),
    ],
)
def test_parts_are_called_as_the_inventory_says(overrides: dict, kind: str, names: list[str]) -> None:
    assert parts(description(), overrides)[kind] == names


def test_log_groups_are_below_the_path_that_the_inventory_says() -> None:
    found = parts(description(), {"ecs_prefix": "/tasks", "rds_name": "Main"})["log group"]
    assert {"/tasks/web", "/tasks/run", "/aws/rds/instance/main/postgresql"} <= set(found)
    assert not any("production" in one for one in found)
