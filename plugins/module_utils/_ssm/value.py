# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a secret's value may be, how one is generated, and how one is composed of others. Pure; nothing here puts a value into an error."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .._core.errors import RailyardError

# Neither / @ " and space, which RDS refuses (rule RDS-4), nor anything that shells, URLs or YAML give a meaning to.
ALPHABET = string.ascii_letters + string.digits + "-_.~"
LIMITS = {"Standard": 4096, "Advanced": 8192}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
SEGMENT = re.compile(r"[A-Za-z0-9_.-]+")


def check_name(name: str) -> None:
    """Raises RailyardError for a name that Parameter Store refuses (rule SSM-P5)."""
    segments = name.removeprefix("/").split("/")
    problem = ""
    if "/" in name and not name.startswith("/"):
        problem = "a name with levels starts with /"
    elif not all(SEGMENT.fullmatch(segment) for segment in segments):
        problem = "each level is made of a-z, A-Z, 0-9, hyphen, underscore and dot, and is not empty"
    elif len(segments) > 15:
        problem = f"at most 15 levels, not {len(segments)}"
    elif len(name) > 900:
        problem = f"at most 900 characters, not {len(name)}"
    elif segments[0].lower().startswith(("aws", "ssm")):
        problem = "names that begin with aws or ssm belong to AWS"
    if problem:
        raise RailyardError(f"{name!r} cannot be the name of a parameter: {problem}")


def check_value(name: str, value: str, tier: str) -> None:
    """Raises RailyardError for a value that Parameter Store refuses (rules SSM-P3, SSM-P4), without showing it."""
    if not value:
        raise RailyardError(f"the value of {name} is empty")
    if len(value) > LIMITS[tier]:
        raise RailyardError(f"the value of {name} has {len(value)} characters; tier {tier} holds {LIMITS[tier]}")
    if re.search(r"\{\{.*\}\}", value, re.DOTALL):
        raise RailyardError(f"the value of {name} holds {{{{ }}}}, which Parameter Store takes for a reference to another parameter")


def generate(length: int) -> str:
    """`length` random characters that need no escaping in a URL, and that every database engine accepts as a password."""
    if not 8 <= length <= 128:
        raise RailyardError(f"a generated secret has 8 to 128 characters, not {length}")
    return "".join(secrets.choice(ALPHABET) for _unused in range(length))


def compose(template: str, values: Mapping[str, Any], hidden: Mapping[str, str]) -> str:
    """The template with each {name} replaced, percent-encoded as in a URL. Raises RailyardError for names that nobody gives."""
    known = {**values, **hidden}
    unknown = sorted(set(PLACEHOLDER.findall(template)) - set(known))
    if unknown:
        raise RailyardError(f"the template names {', '.join(unknown)}; there are {', '.join(sorted(known)) or 'no values'}")
    return PLACEHOLDER.sub(lambda match: quote(str(known[match[1]]), safe=""), template)
