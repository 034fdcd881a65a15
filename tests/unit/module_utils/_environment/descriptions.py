"""A description without fault, and copies of it with one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[4]
INVENTORIES = ROOT / "inventories"
SPECS = yaml.safe_load((ROOT / "roles/preflight/meta/argument_specs.yml").read_text())["argument_specs"]
GONE = object()


def description(inventory: str = "prod", environment: str = "production") -> dict[str, Any]:
    """What an inventory of this repository says."""
    files = (INVENTORIES / "group_vars/all/shared.yml", INVENTORIES / inventory / "group_vars" / environment / "main.yml")
    return {name: value for file in files for name, value in yaml.safe_load(file.read_text()).items()}


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """The description of production with other values at dotted paths; GONE takes one away."""
    fresh = copy.deepcopy(description())
    for path, value in changes.items():
        *parents, last = path.split(".")
        here = fresh
        for part in parents:
            here = here[part]
        if value is GONE:
            del here[last]
        else:
            here[last] = value
    return fresh
