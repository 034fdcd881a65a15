"""What roles make of the inventory's variables, and of each other's."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.support.role_variables import ROLES, known, rendered

SHOP = {"railyard_app": "shop", "railyard_environment": "production"}


@pytest.mark.parametrize("named", [{}, {"alb_name": "front"}, {"vpc_name": "net"}, {"vpc_name": "net", "alb_name": "front"}])
def test_ports_are_kept_for_the_groups_that_the_load_balancer_has(named: dict[str, Any]) -> None:
    has = rendered("alb", "{{ __alb_target_group_names }}", **SHOP, **named)
    assert rendered("vpc", "{{ __vpc_names.target_groups }}", **SHOP, **named) == has


@pytest.mark.parametrize("role", ["codedeploy", "ecs", "ssm_hybrid"])
def test_every_role_of_iam_is_bounded(role: str) -> None:
    tasks = [task for path in (ROLES / role / "tasks").glob("*.yml") for task in yaml.safe_load(path.read_text())]
    keeping = [task["railyard.fargate.iam_service_role"] for task in tasks if "railyard.fargate.iam_service_role" in task]
    bounds = [one.get("permissions_boundary") for one in keeping if one.get("state") != "absent"]
    assert bounds and set(bounds) == {"{{ " + role + "_permissions_boundary }}"}
    given = {"railyard_permissions_boundary": "arn:aws:iam::123456789012:policy/bounds"}
    assert rendered(role, bounds[0], **given) == given["railyard_permissions_boundary"] and rendered(role, bounds[0]) == ""


def test_no_other_role_makes_roles_of_iam() -> None:
    making = {path.parts[-3] for path in ROLES.glob("*/tasks/*.yml") if "iam_service_role:" in path.read_text()}
    assert making == {
        path.parent.parent.name
        for path in ROLES.glob("*/defaults/main.yml")
        if f"{path.parent.parent.name}_permissions_boundary" in known(path.parent.parent.name)
    }


@pytest.mark.parametrize(("keys", "live"), [(["one"], []), ([], ["two"]), (["one"], ["one", "two"])])
def test_the_execution_role_decrypts_with_keys_of_customers(keys: list[str], live: list[str]) -> None:
    """Those that the pre-flight has found, and those of secrets with which tasks run still."""
    place = {"railyard_region": "eu-west-1", "railyard_account_id": "123456789012", "ecs_repository_uri": "host/shop"}
    given = {**SHOP, **place, "railyard_secrets": [], "ecs_secret_kms_keys": keys, "__ecs_live": {"other_secret_kms_key_arns": live}}
    statements = {one["Sid"]: one for one in rendered("ecs", "{{ __ecs_execution_policy }}", **given)["Statement"]}
    assert statements["DecryptSecrets"]["Action"] == "kms:Decrypt"
    assert sorted(statements["DecryptSecrets"]["Resource"]) == sorted({*keys, *live})
    given |= {"ecs_secret_kms_keys": [], "__ecs_live": {}}
    assert "DecryptSecrets" not in {one["Sid"] for one in rendered("ecs", "{{ __ecs_execution_policy }}", **given)["Statement"]}


@pytest.mark.parametrize(("protection", "sources"), [({}, []), (True, []), ("yes", []), (False, ["0.0.0.0/0"]), ("no", ["0.0.0.0/0"])])
def test_in_a_protected_environment_nobody_reaches_the_test_port_until_it_is_said_who(protection: Any, sources: list[str]) -> None:
    """The network's rule, and what a release reads of it before it begins."""
    given = {} if protection == {} else {"railyard_protection": protection}
    assert rendered("vpc", "{{ vpc_alb_test_sources }}", **given) == sources
    assert not given or rendered("releases", "{{ __releases_test_sources }}", **given) == sources
    named = {**given, "vpc_alb_test_sources": ["203.0.113.7/32"]}
    assert not given or rendered("releases", "{{ __releases_test_sources }}", **named) == ["203.0.113.7/32"]
