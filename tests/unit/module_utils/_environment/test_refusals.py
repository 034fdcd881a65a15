"""Many wrong inventories, each with what is said of it, where, and what would be right: what YAML makes of words, what only AWS adds up,
the strictest service's rules, and variables of roles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.railyard.fargate.plugins.module_utils._environment import checks, roles
from ansible_collections.railyard.fargate.plugins.module_utils._environment.problem import dotted

from .descriptions import SPECS, changed

ROOT = Path(__file__).resolve().parents[4]
SPECIFICATIONS = {
    path.parts[-3]: yaml.safe_load(path.read_text())["argument_specs"] for path in ROOT.glob("roles/*/meta/argument_specs.yml")
}
KNOWN = {name: option for role, specs in SPECIFICATIONS.items() for name, option in roles.options(role, specs).items()}
LONG = "x" * 70000

DESCRIPTIONS: list[tuple[dict[str, Any], str, str, str]] = [
    # What YAML reads instead of a name.
    ({"railyard_variables": {True: "x"}}, "a name in railyard_variables is true or false (True)", "railyard_variables.True", "in quotes"),
    ({"railyard_tags": {1: "x"}}, "a name in railyard_tags is a whole number (1)", "railyard_tags.1", "the name in quotes"),
    (
        {"railyard_processes": {"web": {"port": 1, "health": "/"}, False: {}}},
        "is true or false (False)",
        "railyard_processes.False",
        "quotes",
    ),
    # Values that are left empty.
    ({"railyard_tags": None}, "railyard_tags is empty", "railyard_tags", "the line left out, or a dictionary"),
    ({"railyard_console": None}, "railyard_console is empty", "railyard_console", "the line left out"),
    ({"railyard_processes.worker.command": None}, "command is empty", "railyard_processes.worker.command", "the line left out, or a list"),
    ({"railyard_processes": {}}, "no process is called web", "railyard_processes.web", "web: {port: 3000"),
    ({"railyard_sizes": {}}, "web has no cpu, memory, min or max", "railyard_sizes.web", "web: {cpu: 256"),
    ({"railyard_traffic": {}}, "shift is missing", "railyard_traffic.shift", "a text"),
    ({"railyard_database": {}}, "the database has no engine", "railyard_database.engine", "postgres, for example"),
    # Commands that cannot start.
    ({"railyard_processes.worker.command": []}, "the command has no words", "railyard_processes.worker.command", "left out"),
    (
        {"railyard_processes.worker.command": ["bundle exec sidekiq"]},
        "the program would be 'bundle exec sidekiq'",
        "railyard_processes.worker.command",
        "each word by itself: [bundle, exec, sidekiq]",
    ),
    ({"railyard_processes.worker.command": ["", "x"]}, "an empty word", "railyard_processes.worker.command", "a program first"),
    # Addresses and tries.
    ({"railyard_endpoint_url": "localhost:4566"}, "is no URL", "railyard_endpoint_url", "http://localhost:4566"),
    ({"railyard_http_proxy": "proxy"}, "is no URL", "railyard_http_proxy", "http://proxy"),
    ({"railyard_smoke": {"path": "up"}}, "'up' is no path", "railyard_smoke.path", "begins with a slash"),
    ({"railyard_smoke": {"body": "("}}, "no regular expression", "railyard_smoke.body", "^OK"),
    ({"railyard_smoke": {"status": 20}}, "status cannot be 20", "railyard_smoke.status", "100 to 599"),
    ({"railyard_smoke": {"timeout": 0}}, "timeout cannot be 0", "railyard_smoke.timeout", "0.1 to 300"),
    # A pipeline without a source.
    (
        {"railyard_pipeline": True, "railyard_branch": None},
        "railyard_pipeline is true, and railyard_branch is missing",
        "railyard_branch",
        "main",
    ),
    # A boundary of roles.
    ({"railyard_permissions_boundary": "bounds"}, "is not the ARN of a policy", "railyard_permissions_boundary", "arn:aws:iam::"),
    (
        {"railyard_permissions_boundary": "arn:aws:iam::999999999999:policy/bounds"},
        "in account 999999999999, and the environment in 111111111111",
        "railyard_permissions_boundary",
        "a policy of account 111111111111",
    ),
    # Tags, as the strictest service takes them.
    ({"railyard_tags": {"Environment": "x"}}, "the tag Environment is set by every role", "railyard_tags.Environment", "another key"),
    ({"railyard_tags": {"MANAGED-BY": "x"}}, "the tag MANAGED-BY is set by every role", "railyard_tags.MANAGED-BY", "another key"),
    ({"railyard_tags": {"Name": "x"}}, "the tag Name is set by every role", "railyard_tags.Name", "another key"),
    ({"railyard_tags": {"Team": "x", "team": "y"}}, "Team and team differ in their case only", "railyard_tags.team", "one of the two"),
    ({"railyard_tags": {"cost,centre": "x"}}, "has ',', which IAM does not take", "railyard_tags.cost,centre", "letters, digits"),
    ({"railyard_tags": {"mail": "a;b"}}, "has ';', which IAM does not take", "railyard_tags.mail", "_ . : / = + - @"),
    ({"railyard_tags": {"AWS:x": "y"}}, "the tag AWS:x belongs to AWS", "railyard_tags.AWS:x", "does not begin with aws:"),
    ({"railyard_tags": {"x": "AWS:y"}}, "the value of the tag x begins with aws:", "railyard_tags.x", "another value"),
    ({"railyard_tags": {"x" * 129: "y"}}, "is not a tag as AWS wants it", f"railyard_tags.{'x' * 129}", "at most 128"),
    ({"railyard_tags": {"": "y"}}, "is not a tag as AWS wants it", "railyard_tags.", "at most 128"),
    ({"railyard_tags": {"x": "y" * 257}}, "is not a tag as AWS wants it", "railyard_tags.x", "at most 256"),
    ({"railyard_tags": {"x": 5}}, "is not a tag as AWS wants it", "railyard_tags.x", "in quotes"),
    ({"railyard_tags": {f"t{number}": "x" for number in range(47)}}, "47 tags", "railyard_tags", "at most 46"),
    # Sums that only AWS adds up.
    ({"railyard_variables": {"BIG": LONG, "SMALL": "x"}}, "and AWS allows 65536", "railyard_variables.BIG", "fewer and shorter values"),
    (
        {"railyard_processes.worker.command": ["sh", "-c", LONG]},
        "the task definition of worker would have",
        "railyard_processes.worker.command",
        "fewer and shorter values",
    ),
    (
        {"railyard_secrets": [f"A_SECRET_{number}" for number in range(150)]},
        "151 secrets make a policy",
        "railyard_secrets",
        "names of this",
    ),
    # Words that PostgreSQL keeps.
    ({"railyard_app": "order"}, "would be called order", "railyard_app", "rds_database_name: order_production"),
    # Storage that grows by itself.
    ({"railyard_sizes.database.max_storage": 50}, "cannot grow storage of 50 GiB", "railyard_sizes.database.max_storage", "55 to 65536"),
    ({"railyard_sizes.database.max_storage": 70000}, "by itself up to 70000", "railyard_sizes.database.max_storage", "55 to 65536"),
]

RANGES = [f"10.{number}.0.0/16" for number in range(100)]
OWNED = {"application": "shop", "environment": "production", "managed-by": "railyard"}
VARIABLES: list[tuple[str, Any, str, str]] = [
    ("alb_health_matcher", "200-600", "alb_health_matcher cannot be '200-600'", "200-299"),
    ("alb_health_path", "up", "cannot be 'up'", "begins with a slash"),
    ("codedeploy_wait_minutes", 2881, "codedeploy_wait_minutes cannot be 2881", "0 to 2880"),
    ("ecr_keep_images", 0, "ecr_keep_images cannot be 0", "1 to 10000"),
    ("ecr_kms_key", "my-key", "ecr_kms_key cannot be 'my-key'", "the ARN of a KMS key"),
    ("ecs_log_days", 8, "CloudWatch Logs cannot keep lines for 8 days", "7, 14"),
    ("ecs_stop_timeout", 300, "ecs_stop_timeout cannot be 300", "2 to 120"),
    ("ecs_permissions_boundary", "bounds", "'bounds' is not the ARN of a policy", "its ARN"),
    ("codedeploy_permissions_boundary", "arn:aws:iam::1:policy/x", "is not the ARN of a policy", "its ARN"),
    ("ssm_hybrid_permissions_boundary", "arn:aws:iam::123456789012:role/x", "is not the ARN of a policy", "its ARN"),
    ("ecs_tags", {**OWNED, "a,b": "c"}, "has ',', which IAM does not take", "letters"),
    ("ecs_tags", {"team": "checkout"}, "ecs_tags does not say whose the parts are", "railyard_tags"),
    ("ecs_processes", {}, "ecs_processes has no web", "web with its port"),
    ("ecs_task_policies", {"all": {"Statement": ["x" * 11000]}}, "and IAM allows 10240", "fewer statements"),
    ("ecs_execution_policies", {"agent": {"Statement": ["x" * 11000]}}, "and IAM allows 10240", "fewer statements"),
    ("ecs_execution_policies", {"start-tasks": {}}, "start-tasks is the role's own", "another name"),
    ("ecs_task_policies", {"exec-channels": {}}, "exec-channels is the role's own", "another name"),
    ("ecs_task_managed_policies", ["AdministratorAccess"], "'AdministratorAccess' is not a managed policy", "its ARN"),
    ("ecs_execution_managed_policies", [f"arn:aws:iam::aws:policy/P{number}" for number in range(11)], "11 are more", "at most 10"),
    ("ecs_further_security_group_ids", ["sg-1"], "'sg-1' is not a security group", "sg-0123456789abcdef0"),
    ("alb_further_security_group_ids", [f"sg-1234567{number}" for number in range(5)], "5 are more", "at most 4"),
    ("rds_further_security_group_ids", ["sg-12345678"] * 2, "sg-12345678 is there twice", "each once"),
    ("rds_database_name", "1shop", "rds_database_name cannot be '1shop'", "a letter, then"),
    ("rds_log_exports", ["postgres"], "PostgreSQL has no log postgres", "postgresql, upgrade or"),
    ("rds_name", "shop--a", "rds_name cannot be 'shop--a'", "single hyphens"),
    ("rds_storage_type", "io1", "rds_storage_type cannot be 'io1'", "gp3, or gp2"),
    ("rds_username", "rdsadmin", "RDS keeps the user rdsadmin", "another name"),
    ("rds_wait_interval", 0, "rds_wait_interval cannot be 0", "1 to 3600"),
    ("releases_bucket", "Shop", "releases_bucket cannot be 'Shop'", "lower-case"),
    ("ssm_hybrid_idle_minutes", 61, "ssm_hybrid_idle_minutes cannot be 61", "1 to 60"),
    ("vpc_app_sources", RANGES[:60], "make 61 rules of one security group, app", "1 rules less"),
    ("vpc_database_sources", RANGES[:70], "make 71 rules of one security group, database", "11 rules less"),
    ("vpc_app_sources", ["office"], "'office' is no source of packets", "pl-…"),
    ("vpc_private_routes", [{"destination": "10.99.0.0/16"}], "missing required arguments: gateway_id", "a list"),
    ("vpc_private_routes", [{"destination": "home", "gateway_id": "pcx-12345678"}], "'home' is no destination", "pl-…"),
    ("vpc_private_routes", [{"destination": "10.99.0.1/16", "gateway_id": "pcx-12345678"}], "within a range", "10.99.0.0/16"),
    ("vpc_private_routes", [{"destination": "10.99.0.0/16", "gateway_id": "sg-12345678"}], "'sg-12345678' is no target", "pcx-"),
    ("vpc_public_routes", [{"destination": "0.0.0.0/0", "gateway_id": "nat-12345678"}], "through the internet gateway", "one route"),
    ("vpc_database_sources", ["10.99.0.1/16"], "an address within a range", "10.99.0.0/16"),
    ("vpc_database_sources", ["10.99.0.1"], "one address, not a range", "10.99.0.1/32"),
    ("vpc_database_sources", ["sg-12345678", "sg-12345678"], "sg-12345678 is there twice", "once"),
    ("vpc_zone_count", 1, "vpc_zone_count cannot be 1", "2 to 8"),
    ("vpc_zone_count", "9", "vpc_zone_count cannot be 9", "2 to 8"),
]


@pytest.mark.parametrize(("changes", "what", "where", "right"), DESCRIPTIONS)
def test_a_wrong_description_is_told_with_place_and_remedy(changes: dict[str, Any], what: str, where: str, right: str) -> None:
    found = checks.problems(SPECS, changed(changes))
    assert [1 for problem in found if what in problem.what and dotted(problem.path) == where and right in problem.right], found
    assert not any(LONG in problem.what + problem.right for problem in found)


def test_letters_count_as_the_bytes_that_they_are() -> None:
    assert not checks.problems(SPECS, changed({"railyard_variables": {"BIG": "ü" * 30000}}))
    assert checks.problems(SPECS, changed({"railyard_variables": {"BIG": "ü" * 33000}}))


@pytest.mark.parametrize(("name", "value", "what", "right"), VARIABLES)
def test_a_wrong_variable_of_a_role_is_told_with_place_and_remedy(name: str, value: Any, what: str, right: str) -> None:
    (found,) = roles.problems(KNOWN, {name: value})
    assert what in found.what and right in found.right and found.path[0] == name


@pytest.mark.parametrize(
    ("variables", "protected", "rules"),
    [
        ({"vpc_alb_sources": RANGES[:59]}, False, 0),
        ({"vpc_alb_sources": RANGES[:60]}, False, 61),
        ({"vpc_alb_sources": RANGES[:60]}, True, 0),
        ({"vpc_alb_sources": RANGES[:30], "vpc_alb_test_sources": RANGES[:40]}, True, 70),
        ({"vpc_alb_sources": [*RANGES[:50], *(f"2001:db8:{number}::/48" for number in range(1, 51))]}, True, 0),
        ({"vpc_alb_sources": [*RANGES[:50], *(f"sg-123456{number}" for number in range(10, 21))]}, True, 61),
        ({"vpc_app_sources": RANGES[:59]}, True, 0),
        ({"vpc_app_ports": [3000, 3001], "vpc_app_sources": RANGES[:30]}, True, 62),
        ({"vpc_database_sources": RANGES[:59]}, True, 0),
    ],
)
def test_the_rules_of_a_security_group_are_added_up(variables: dict[str, Any], protected: bool, rules: int) -> None:
    told = [problem.what for problem in roles.problems(KNOWN, variables, protected)]
    assert len(told) == (1 if rules else 0) and all(f"make {rules} rules" in what for what in told), told


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("alb_helth_interval", "did you mean alb_health_interval?"),
        ("ssm_hybrid_minute", "did you mean ssm_hybrid_minutes?"),
        ("rds_zzzzzz", "see ansible-doc -t role railyard.fargate.rds"),
        ("preflight_strict", "see ansible-doc -t role railyard.fargate.preflight"),
    ],
)
def test_a_variable_that_no_role_has_is_told_with_the_nearest(name: str, right: str) -> None:
    (found,) = roles.unknown(SPECIFICATIONS, KNOWN, ["alb_result", "alb_name", "other_name", name])
    assert name in found.what and found.path == (name,) and found.right == right


def defaults(role: str) -> dict[str, Any]:
    """Defaults of a role that are no templates."""
    path = ROOT / "roles" / role / "defaults" / "main.yml"
    found = yaml.safe_load(path.read_text()) if path.exists() else {}
    return {name: value for name, value in found.items() if "{{" not in str(value)}


@pytest.mark.parametrize("role", sorted(SPECIFICATIONS))
def test_defaults_are_accepted(role: str) -> None:
    assert list(roles.problems(KNOWN, defaults(role))) == []
    assert list(roles.unknown(SPECIFICATIONS, KNOWN, defaults(role))) == []
