"""What the action makes of the variables of a host."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import EncryptedString, VaultLib, VaultSecret, VaultSecretsContext
from ansible.template import Templar, trust_as_template

from ansible_collections.railyard.fargate.plugins.action.preflight import PLAIN, ActionModule
from tests.unit.module_utils._environment.descriptions import description

ROOT = Path(__file__).resolve().parents[3]


class Asked(ActionModule):
    """The action, with the module's answer given."""

    def __init__(self, variables: dict[str, Any], answer: dict[str, Any], **arguments: Any) -> None:
        task = Mock(args=arguments, async_val=0, check_mode=False, diff=False, environment=[])
        loader = DataLoader()
        super().__init__(task, Mock(), Mock(), loader, Templar(loader, variables=variables), Mock())
        self.answer = answer
        self.asked: dict[str, Any] = {}

    def _execute_module(self, module_name: str, module_args: dict[str, Any], task_vars: Any) -> dict[str, Any]:  # type: ignore[override]
        self.asked = module_args
        return self.answer


def run(changes: dict[str, Any], answer: dict[str, Any] | None = None, **arguments: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result, and what the module was asked, {} when it was not."""
    variables = {**description(), "inventory_hostname": "shop_production", **changes}
    action = Asked(variables, answer or {"account_id": "111111111111"}, **arguments)
    return action.run(task_vars=variables), action.asked


def test_the_module_gets_what_the_inventory_says_and_the_connection_that_the_task_says() -> None:
    result, asked = run({"ansible_inventory_sources": [str(ROOT / "inventories/prod")]}, profile="shop", region="eu-west-1")
    assert result == {"account_id": "111111111111"}
    database = asked.pop("database")
    assert database["db_instance_identifier"] == "shop-production" and database["db_instance_class"] == "db.t4g.small"
    assert database["paths"]["class"] == ["railyard_sizes", "database", "class"]
    assert database["paths"]["version"] == ["railyard_database", "version"]
    assert asked == {
        "region": "eu-west-1",
        "account_id": "111111111111",
        "secrets": {"RAILS_MASTER_KEY": "/shop/production/RAILS_MASTER_KEY"},
        "cluster": "shop-production",
        "repository": "shop-production",
        "engine": "codedeploy",
        "chat": "",
        "policies": {},
        "store": "ansible-playbook playbooks/secret.yml -i inventories/prod",
        "profile": "shop",
    }


def test_the_module_looks_for_the_policies_that_variables_name() -> None:
    one, other = (f"arn:aws:iam::111111111111:policy/{name}" for name in ("one", "other"))
    _result, asked = run(
        {"railyard_permissions_boundary": one, "codedeploy_permissions_boundary": "", "ecs_task_managed_policies": [one, other]}
    )
    assert asked["policies"] == {one: ["railyard_permissions_boundary"], other: ["ecs_task_managed_policies", 1]}


@pytest.mark.parametrize(
    "declared",
    [{"railyard_domain": "shop.example.com"}, {"railyard_schedules": {"nightly": {"at": "rate(1 day)", "command": ["bin/rails", "x"]}}}],
)
def test_what_is_not_built_yet_is_refused_and_not_ignored(declared: dict[str, Any]) -> None:
    result, asked = run(declared)
    (problem,) = result["problems"]
    assert asked == {} and problem["what"].endswith("not built yet") and problem["right"] == "leave it out"
    assert result["problems"][0]["where"].startswith(next(iter(declared))) and run(dict.fromkeys(declared))[0] == {
        "account_id": "111111111111"
    }


def test_who_asks_is_the_caller_with_the_user_of_this_machine_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"account_id": "111111111111", "caller_arn": "arn:aws:sts::111111111111:assumed-role/deployer/anna"}
    monkeypatch.setenv("USER", "deborah")
    assert run({}, dict(answer))[0]["requested_by"] == "assumed-role/deployer/anna by deborah"
    monkeypatch.delenv("USER")
    assert run({}, dict(answer))[0]["requested_by"] == "assumed-role/deployer/anna"


def test_a_task_in_another_region_is_refused() -> None:
    result, asked = run({}, region="us-east-1")
    assert result["failed"] and asked == {}
    assert result["problems"][0]["what"] == "this play works in us-east-1, and the inventory declares eu-west-1"


def test_templates_are_resolved_before_anything_is_checked() -> None:
    size = {"cpu": trust_as_template("{{ 256 * 2 }}"), "memory": 600, "min": 1, "max": 1}
    result, _ = run({"railyard_sizes": {**description()["railyard_sizes"], "web": size}})
    assert [problem["what"] for problem in result["problems"]] == ["Fargate has no size with 512 CPU units and 600 MiB of memory"]


@pytest.mark.parametrize("name", ["railyard_variables", "railyard_secrets", "railyard_secret_key"])
def test_a_template_without_value_is_told_once_and_not_shown_when_it_may_hold_a_secret(name: str) -> None:
    result, asked = run({name: trust_as_template("{{ 'hush' ~ nowhere }}")})
    (problem,) = result["problems"]
    assert problem["what"] == f"the template of {name} has no value" and asked == {}
    assert "hush" not in str(result)


@pytest.mark.parametrize("name", sorted({*PLAIN, "railyard_tags", "ecs_tags"}))
def test_a_secret_is_refused_where_everybody_reads_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is only named, and through another variable."""
    opened = VaultSecret(b"open sesame")
    monkeypatch.setattr(VaultSecretsContext, "_current", VaultSecretsContext([("default", opened)]))
    sealed = EncryptedString(ciphertext=VaultLib([("default", opened)]).encrypt(b"hush", opened).decode())
    result, asked = run({name: {"X": trust_as_template("{{ again }}")}, "again": trust_as_template("a {{ sealed }}"), "sealed": sealed})
    told = [problem for problem in result["problems"] if "comes from, a vaulted value" in problem["what"]]
    assert [problem["where"] for problem in told] == [f"{name}.X"] and asked == {} and "hush" not in result["msg"], result["msg"]


def test_what_the_module_finds_gets_its_place() -> None:
    found = [{"what": "it is not there", "path": ["railyard_secrets", 0], "right": "store it"}]
    result, _ = run({}, {"failed": True, "msg": "x", "problems": found})
    assert result["failed"] and not result["changed"]
    known = {"what": "it is not there", "where": "railyard_secrets[0]", "right": "store it"}
    assert result["problems"] == [{**known, "file": None, "line": None}]
    assert result["msg"].endswith("1. it is not there\n   where: railyard_secrets[0]\n   right: store it")


def test_another_failure_of_the_module_is_passed_on() -> None:
    failure = {"failed": True, "msg": "Failed to import boto3"}
    assert run({}, failure)[0] == failure


def test_a_neighbour_without_values_is_no_neighbour() -> None:
    others = {"shop_production": {}, "bastion": {}, "shop_twin": {"railyard_cidr": "10.20.0.0/17"}}
    result, _ = run({"hostvars": others})
    assert [problem["where"] for problem in result["problems"]] == ["railyard_cidr"]
