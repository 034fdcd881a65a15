# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options by which modules are told of an environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._deployment.follow import TIMEOUTS
from .._environment.naming import Names
from .environment import Environment

TRAFFIC = {
    "shift": {"type": "str", "choices": ["all_at_once", "canary", "linear"], "default": "all_at_once"},
    "percent": {"type": "int"},
    "minutes": {"type": "int"},
    "keep_old": {"type": "int", "default": 0},
}
SMOKE = {
    "port": {"type": "int", "required": True},
    "path": {"type": "str", "default": "/"},
    "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
    "status": {"type": "int", "default": 200},
    "body": {"type": "str"},
    "tries": {"type": "int", "default": 5},
    "pause": {"type": "float", "default": 3},
    "timeout": {"type": "float", "default": 10},
    "proxy": {"type": "str"},
    "host": {"type": "str"},
    "https": {"type": "bool"},
    "sources": {"type": "list", "elements": "str"},
}
SPEC: dict[str, Any] = {
    "names": {"type": "dict", "required": True},
    "processes": {"type": "dict", "required": True},
    "architecture": {"type": "str", "choices": ["X86_64", "ARM64"], "default": "X86_64"},
    "engine": {"type": "str", "choices": ["codedeploy", "ecs"], "default": "codedeploy"},
    "traffic": {"type": "dict", "default": {}, "options": TRAFFIC},
    "smoke": {"type": "dict", "options": SMOKE},
    "protected": {"type": "bool", "default": True},
    "timeouts": {"type": "dict", "default": {}, "options": {name: {"type": "int"} for name in TIMEOUTS}},
    "keep": {"type": "int", "default": 10},
}
# Options that are members of an Environment.
MEMBERS = ("processes", "architecture", "engine", "traffic", "smoke", "protected", "keep")


def environment(names: Names, given: Mapping[str, Any]) -> Environment:
    """The environment that options, or what was kept of them, describe. Pure."""
    return Environment(names, **{name: given[name] for name in MEMBERS if name in given})


def timeouts(given: Mapping[str, Any]) -> dict[str, int]:
    """Those that are given, in seconds. Pure."""
    return {name: seconds for name, seconds in (given.get("timeouts") or {}).items() if seconds is not None}
