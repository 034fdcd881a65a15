"""Names of an environment: what they are by default, what an inventory sets, and which are its own."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._environment import naming
from ansible_collections.railyard.fargate.plugins.module_utils._environment.kinds import KINDS
from ansible_collections.railyard.fargate.plugins.module_utils._environment.naming import VARIABLES, Names
from ansible_collections.railyard.fargate.plugins.module_utils._environment.parts import parts
from tests.support.names import names

from .descriptions import description

LOCAL = names("shop", "local")


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
        ("alarm", "shop-local-5xx", True),
        ("alarm", "shop-local-two-5xx", False),
        ("alarm", "shop-local-tasks-worker", True),
        ("topic", "shop-local-notifications", True),
        ("unknown kind", "shop-local", False),
    ],
)
def test_has_accepts_exactly_the_names_of_the_environment(kind: str, name: str, expected: bool) -> None:
    assert LOCAL.has(kind, name) is expected


def test_all_names_that_are_known() -> None:
    shop = names("shop", "local", alb_name="shop")
    assert shop.of_kind("ecs service") == ["shop-local/web", "shop-local/worker"]
    assert shop.of_kind("bucket") == [
        "shop-local-releases-123456789012",
        "shop-alb-logs-123456789012-eu-west-1",
        "shop-local-artifacts-123456789012",
    ]
    assert shop.build_projects == {"build": "shop-local-build", "test": "shop-local-test"}
    assert (shop.roles["step"], shop.cache_repository) == ("shop-local-step", "shop-local-cache")
    assert shop.of_kind("database parameter group", family=["postgres17"]) == ["shop-local-postgres17"]
    assert shop.of_kind("database snapshot") == []
    assert (shop.topic, shop.alarm_prefix, shop.dashboard) == ("shop-local-notifications", "shop-local-", "shop-local")
    assert shop.of_kind("alarm", alarm=["5xx"])[0] == "shop-local-5xx"
    assert all(shop.has(kind, name) for kind in KINDS for name in shop.of_kind(kind))


def of(**variables: Any) -> dict[str, list[str]]:
    described = {**description(), **variables}
    return parts(naming.build(described), described)


def test_what_an_environment_will_have_names_its_one_off_tasks_and_consoles_too() -> None:
    families = of()["ecs task definition"]
    assert families[0] == "shop-production-web" and families[-2:] == ["shop-production-run", "shop-production-console"]


@pytest.mark.parametrize(
    ("variables", "kind", "expected"),
    [
        ({}, "bucket", ["shop-production-releases-111111111111", "shop-production-alb-logs-111111111111-eu-west-1"]),
        ({"releases_bucket": "ours"}, "bucket", ["ours", "shop-production-alb-logs-111111111111-eu-west-1"]),
        ({"alb_name": "front"}, "bucket", ["shop-production-releases-111111111111", "front-alb-logs-111111111111-eu-west-1"]),
        ({"alb_access_logs": False, "releases_bucket": "ours"}, "bucket", ["ours"]),
        ({"alb_name": "front"}, "target group", ["front-blue", "front-green"]),
        ({"ecs_name": "tasks"}, "ecs cluster", ["tasks"]),
        ({"ecs_name": "tasks"}, "ecs service", ["tasks/web", "tasks/worker"]),
        ({"ecs_name": "t", "codedeploy_name": "d", "ssm_hybrid_name": "c"}, "role", ["t-execution", "t-task", "d-codedeploy", "c-console"]),
        ({"ecs_name": "t", "railyard_engine": "ecs"}, "role", ["t-execution", "t-task", "t-infrastructure", "shop-production-console"]),
        ({"ssm_hybrid_name": "c"}, "session document", ["c-console", "c-forward"]),
        ({"ecs_prefix": "/a/b"}, "parameter", ["/a/b/DATABASE_URL", "/a/b/DATABASE_PASSWORD"]),
        ({"vpc_name": "net"}, "security group", ["net-alb", "net-app", "net-database"]),
    ],
)
def test_parts_are_called_as_the_inventory_says(variables: dict[str, Any], kind: str, expected: list[str]) -> None:
    assert of(**variables)[kind] == expected


def test_log_groups_are_below_the_path_that_the_inventory_says() -> None:
    found = of(ecs_prefix="/tasks", rds_name="Main")["log group"]
    assert {"/tasks/web", "/tasks/run", "/aws/rds/instance/main/postgresql"} <= set(found)
    assert not any("production" in one for one in found)


@pytest.mark.parametrize("variable", VARIABLES)
def test_each_variable_sets_one_member(variable: str) -> None:
    port = variable.endswith("_port")
    changed, default = names("shop", "local", **{variable: 8888 if port else "other"}), LOCAL
    differing = {name for name in Names.__dataclass_fields__ if getattr(changed, name) != getattr(default, name)}
    assert differing == {VARIABLES[variable]}
    assert names("shop", "local", **{variable: ""}) == default and names("shop", "local", **{variable: None}) == default


def test_names_go_through_an_option_and_back() -> None:
    shop = names("shop", "local", ecs_name="tasks", railyard_tags={"team": "web"})
    assert naming.of_option(shop.as_dict()) == shop
    assert naming.missing({**shop.as_dict(), "cluster": None}) == ["cluster"]
    assert shop.tags == {"team": "web", "application": "shop", "environment": "local", "managed-by": "railyard"}
    assert (shop.production_port, shop.test_port) == (80, 8080)


def test_of_an_incomplete_description_what_is_known() -> None:
    assert naming.build({}).environment_name == "" and naming.build({"railyard_app": "shop"}).environment_name == ""
