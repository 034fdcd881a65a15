"""What the specification of a role says about a value that an inventory gives its variable."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._environment import roles

SPECS: dict[str, Any] = {
    "main": {
        "options": {
            "vat_litres": {"type": "int", "description": "How much it holds.", "default": "{{ elsewhere }}"},
            "vat_lid": {"type": "bool", "description": ["Whether it has a lid.", "It has."]},
            "vat_of": {"type": "dict", "options": {"wood": {"choices": ["oak", "pine"], "required": True}}, "description": "x"},
            "vat_id": {"type": "str", "required": True, "description": "Which it is."},
        }
    },
    "destroy": {"options": {"vat_burn": {"type": "bool", "description": "Whether to burn it."}}},
    "empty": {},
    "shared": {"options": {"app": {"type": "str", "description": "No variable of this role."}}},
}


@pytest.mark.parametrize(
    "variables",
    [{}, {"vat_litres": 5}, {"vat_litres": "5"}, {"vat_lid": "yes"}, {"vat_of": {"wood": "oak"}}, {"vat_litres": None}, {"vat_burn": True}],
)
def test_values_that_ansible_converts_are_accepted(variables: dict[str, Any]) -> None:
    assert not list(roles.problems(roles.options("vat", SPECS), variables))


@pytest.mark.parametrize(
    ("variables", "what", "right"),
    [
        ({"vat_litres": "much"}, "unable to convert to int", "a whole number: how much it holds."),
        ({"vat_lid": 7}, "unable to convert to bool", "true or false: whether it has a lid."),
        ({"vat_of": {"wood": "elm"}}, "value of wood must be one of: oak, pine", "a dictionary: x"),
        ({"vat_of": {}}, "missing required arguments: wood", "a dictionary: x"),
        ({"vat_burn": "maybe"}, "unable to convert to bool", "true or false: whether to burn it."),
    ],
)
def test_refused_values_have_ansibles_message(variables: dict[str, Any], what: str, right: str) -> None:
    (found,) = roles.problems(roles.options("vat", SPECS), variables)
    assert what in found.what and found.path == tuple(variables) and found.right == right


def test_all_faults_are_told() -> None:
    assert len(list(roles.problems(roles.options("vat", SPECS), {"vat_litres": "x", "vat_lid": "x", "vat_burn": "x"}))) == 3


def test_a_role_owns_the_variables_that_begin_with_its_name() -> None:
    assert sorted(roles.options("vat", SPECS)) == ["vat_burn", "vat_id", "vat_lid", "vat_litres", "vat_of"]
