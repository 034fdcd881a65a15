"""Every dict and list that an inventory may set, as an empty one: the pre-flight refuses it, or the environment converges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.railyard.fargate.plugins.module_utils._environment import checks, roles
from tests.support.emulated import Emulated
from tests.support.playbooks import ROOT, play
from tests.unit.module_utils._environment.descriptions import SPECS, description

EMPTY: dict[str, Any] = {"dict": {}, "list": []}
OWN = "preflight"


def collections() -> dict[str, tuple[str, Any, dict[str, Any]]]:
    """Role, empty value and the role's options by variable, from the roles' own specifications."""
    found = {}
    for file in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        specs = yaml.safe_load(file.read_text())["argument_specs"]
        role = file.parts[-3]
        options = specs["main"]["options"] if role == OWN else roles.options(role, specs)
        found |= {name: (role, EMPTY[option["type"]], options) for name, option in options.items() if option.get("type") in EMPTY}
    return found


def is_refused(name: str, role: str, value: Any, options: dict[str, Any]) -> bool:
    if role == OWN:
        return bool(checks.problems(SPECS, {**description("local", "local"), name: value}))
    return bool(list(roles.problems(options, {name: value})))


def inventory(folder: Path, variables: dict[str, Any]) -> tuple[str, str]:
    """inventories/local, whose one host has these variables on top."""
    file = folder / "empty.yml"
    file.write_text(yaml.safe_dump({"all": {"hosts": {"shop_local": variables}}}))
    return "inventories/local", str(file)


KNOWN = collections()
REFUSED = {name for name, one in KNOWN.items() if is_refused(name, *one)}


def test_empty_collections_that_the_preflight_refuses() -> None:
    assert {"railyard_database", "railyard_processes", "vpc_tags", "ecs_processes"} <= REFUSED
    assert not {"railyard_variables", "railyard_secrets", "railyard_tags", "vpc_zones"} & REFUSED


@pytest.mark.soak
def test_descriptions_that_pass_the_preflight_converge(emulated: Emulated, tmp_path: Path) -> None:
    described = inventory(tmp_path, {name: value for name, (_, value, _) in KNOWN.items() if name not in REFUSED})
    for _run in range(2):
        played = play(emulated, "site.yml", inventory=described)
        assert played.code == 0 and played.count("failed") == 0, played.output
    assert played.count("changed") == 0, played.output
