"""What a parameter group is told, and how."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import Plan
from ansible_collections.railyard.fargate.plugins.module_utils._rds import parameter_group


def parameter(kind: str = "dynamic", default: str | None = None, allowed: str = "") -> dict[str, Any]:
    return {"ApplyType": kind, "IsModifiable": True, "AllowedValues": allowed, **({"ParameterValue": default} if default else {})}


DEFINED = {
    "force_ssl": parameter(default="1", allowed="0,1"),
    "huge_pages": parameter("static", default="on", allowed="on,off,try"),
    "slow": parameter(allowed="-1-2147483647"),
    **{f"p{number:02}": parameter() for number in range(45)},
}
WANTED: dict[str, Any] = {"name": "shop", "family": "postgres17", "description": "x", "state": "present", "tags": None, "purge_tags": True}
LIVE: dict[str, Any] = {"name": "shop", "arn": "arn", "family": "postgres17", "description": "x", "parameters": {"slow": "500"}, "tags": {}}


def plan(parameters: dict[str, Any], live: dict[str, Any] | None = LIVE) -> Plan:
    return parameter_group.make_plan({**WANTED, "parameters": parameters}, live, DEFINED)


@pytest.mark.parametrize(
    ("parameters", "changed"),
    [
        ({}, {}),
        ({"slow": 500}, {}),
        ({"slow": "500"}, {}),
        ({"slow": 1000}, {"slow": ("1000", "immediate")}),
        ({"force_ssl": True, "huge_pages": True}, {}),
        ({"force_ssl": False}, {"force_ssl": ("0", "immediate")}),
        ({"huge_pages": False}, {"huge_pages": ("off", "pending-reboot")}),
    ],
)
def test_only_what_is_given_and_differs_is_changed(parameters: dict[str, Any], changed: dict[str, tuple[str, str]]) -> None:
    told = [entry for step in plan(parameters).steps for entry in step.params["Parameters"]]
    assert {entry["ParameterName"]: (entry["ParameterValue"], entry["ApplyMethod"]) for entry in told} == changed


def test_a_new_group_sets_also_what_is_the_default_today() -> None:
    planned = plan({"force_ssl": 1}, None)
    assert [step.operation for step in planned.steps] == ["CreateDBParameterGroup", "ModifyDBParameterGroup"]
    assert planned.after["parameters"] == {"force_ssl": "1"}


def test_at_most_twenty_at_once() -> None:
    steps = plan({f"p{number:02}": number for number in range(45)}).steps
    assert [len(step.params["Parameters"]) for step in steps] == [20, 20, 5]


@pytest.mark.parametrize(
    ("wanted", "live", "calls"),
    [
        ({"slow": 500}, {"slow": "500"}, False),
        ({"huge_pages": True}, {"huge_pages": "on"}, False),
        ({"huge_pages": True}, {"huge_pages": "off"}, True),
        ({"slow": 500}, {}, True),
    ],
)
def test_the_family_is_read_only_when_something_differs(wanted: dict[str, Any], live: dict[str, str], calls: bool) -> None:
    class Client:
        asked = False

        def describe_engine_default_parameters(self, **_params: Any) -> dict[str, Any]:
            self.asked = True
            return {"EngineDefaults": {"Parameters": []}}

    client = Client()
    parameter_group.definitions(client, {**WANTED, "parameters": wanted}, {**LIVE, "parameters": live})
    assert client.asked is calls
