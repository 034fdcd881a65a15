# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of environment variables and of names of secrets. No message repeats a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .._core.errors import RailyardError
from .._ssm.value import check_name
from . import naming
from .problem import Problem

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SECRET = re.compile(r"(^|_)(KEY|KEY_BASE|PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|DSN)$", re.IGNORECASE)
NOT_SECRET = re.compile(r"PUBLIC|PUBLISHABLE", re.IGNORECASE)
# As Rails' own keys look (32 hexadecimal digits), or any long run of both letters and digits: a value where a name belongs.
VALUE = re.compile(r"(?=.*[0-9])(?=.*[a-z])[A-Za-z0-9+/=]{24,}")
PASSWORD_IN_URL = re.compile(r"://[^/@\s]*:[^/@\s]+@")
ADVICE = (
    "its name in railyard_secrets, its value in Parameter Store (ansible-playbook playbooks/secret.yml), and nothing in railyard_variables"
)
MADE = ("DATABASE_URL", "DATABASE_PASSWORD")


def variables(description: dict[str, Any]) -> Iterator[Problem]:
    """Plain variables: legal names, and nothing that looks like a secret."""
    for name, value in description.get("railyard_variables", {}).items():
        path = ("railyard_variables", name)
        if not VARIABLE.fullmatch(name):
            yield Problem(
                f"{name!r} is no name of an environment variable", path, "letters, digits and underscores, not beginning with a digit"
            )
        elif name in MADE:
            yield Problem(f"{name} is made by the rds role and kept in Parameter Store", path, "leave it out")
        elif SECRET.search(name) and not NOT_SECRET.search(name):
            yield Problem(
                f"{name} looks like the name of a secret, and variables can be read by everybody who may see the task", path, ADVICE
            )
        elif PASSWORD_IN_URL.search(value):
            yield Problem(
                f"the value of {name} holds a password, and variables can be read by everybody who may see the task", path, ADVICE
            )


def secrets(description: dict[str, Any]) -> Iterator[Problem]:
    """Names of secrets: legal for the application and for Parameter Store (rule SSM-P5), each once, and no variable of the same name."""
    prefix = naming.build({"railyard_app": "shop", "railyard_environment": "production", **description}).parameter("")
    seen = set()
    for number, name in enumerate(description.get("railyard_secrets", [])):
        path = ("railyard_secrets", number)
        if name is None:
            continue
        if VALUE.fullmatch(name):
            yield Problem(
                "an entry looks like a secret's value, and this is the list of names", path, "names only, RAILS_MASTER_KEY for example"
            )
        elif not VARIABLE.fullmatch(name):
            yield _refused(prefix, name, path)
        elif name in seen:
            yield Problem(f"{name} is there twice", path, "each name once")
        elif name in MADE:
            yield Problem(f"{name} is made by the rds role, and tasks get DATABASE_URL in any case", path, "leave it out")
        elif name in description.get("railyard_variables", {}):
            yield Problem(
                f"{name} is a variable too, and a task takes a name once", path, "either in railyard_secrets or in railyard_variables"
            )
        seen.add(name)


def _refused(prefix: str, name: str, path: tuple[str, int]) -> Problem:
    right = "letters, digits and underscores, not beginning with a digit, RAILS_MASTER_KEY for example"
    shown = re.split(r"[^A-Za-z0-9_.-]", name, maxsplit=1)[0] or "the entry"
    try:
        check_name(f"{prefix}{name}")
    except RailyardError:
        return Problem(f"{shown}… is no name that Parameter Store takes", path, right)
    return Problem(f"{shown} is no name of an environment variable", path, right)
