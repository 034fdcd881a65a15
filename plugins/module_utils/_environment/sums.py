# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of totals that AWS limits: bytes of a task definition, of a role's policies, number of rules of a security group."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from . import naming
from .problem import Path, Problem

# Rules ECS-T16, IAM-4 and VPC-3.
TASK_DEFINITION, INLINE_POLICIES, RULES = 65536, 10240, 60
# What each security group lets in: sources of the vpc role's entries, the variable of their ports where they are several, and how many
# sources besides are other groups.
GROUPS = {
    "alb": (("vpc_alb_sources", "", 0), ("vpc_alb_test_sources", "", 0)),
    "app": (("vpc_app_sources", "vpc_app_ports", 1),),
    "database": (("vpc_database_sources", "", 1),),
}
EVERYBODY = ("0.0.0.0/0",)
# What a task definition has besides what an inventory says of it, with names and ARNs of any length.
FRAME = 2048
# What the execution role's policy has besides the names of secrets.
EXECUTION_FRAME = 1000


def task_definitions(description: dict[str, Any]) -> Iterator[Problem]:
    """Each process is a task definition, which holds all variables, all references to secrets, and its command."""
    variables = description.get("railyard_variables", {})
    shared = sum(_bytes({"name": name, "value": value}) + 1 for name, value in variables.items())
    shared += sum(_bytes({"name": name, "valueFrom": _parameter(description, name)}) + 1 for name in _secrets(description))
    for name, process in description.get("railyard_processes", {}).items():
        size = FRAME + shared + _bytes(process.get("command") or [])
        if size <= TASK_DEFINITION:
            continue
        what = f"the task definition of {name} would have {size} bytes or more, and AWS allows {TASK_DEFINITION}"
        right = "fewer and shorter values; what is long belongs into a file of the image, or into S3"
        yield Problem(what, _longest(variables) if shared > TASK_DEFINITION / 2 else ("railyard_processes", name, "command"), right)
        if shared > TASK_DEFINITION / 2:
            return


def execution_policy(description: dict[str, Any]) -> Iterator[Problem]:
    """The role by which ECS reads secrets names each of them; all inline policies of a role together have a size."""
    secrets = _secrets(description)
    lengths = [len(f'"arn:aws-us-gov:ssm:{description.get("railyard_region", "")}:{"0" * 12}:parameter{one}",') for one in secrets.values()]
    size = EXECUTION_FRAME + sum(lengths)
    if lengths and size > INLINE_POLICIES:
        what = f"{len(lengths)} secrets make a policy of {size} characters for the role that reads them, and IAM allows {INLINE_POLICIES}"
        most = int((INLINE_POLICIES - EXECUTION_FRAME) / (sum(lengths) / len(lengths)))
        yield Problem(what, ("railyard_secrets",), f"about {most} names of this length; the others in Rails' encrypted credentials")


def task_policies(name: str, policies: Any) -> Iterator[Problem]:
    """Inline policies of the task role (`ecs_task_policies`)."""
    if isinstance(policies, dict) and (size := sum(len("".join(_json(one).split())) for one in policies.values())) > INLINE_POLICIES:
        what = f"the policies have {size} characters together, and IAM allows {INLINE_POLICIES} for a role"
        yield Problem(what, (name,), "fewer statements, or wider resources")


def rules(variables: dict[str, Any], protected: bool) -> Iterator[Problem]:
    """A security group has so many rules, one for each port and source, those of IPv4 and those of IPv6 for themselves.

    `variables`: those of the vpc role that the inventory sets; in a `protected` environment the test port has no sources by default.
    """
    defaults = {"vpc_alb_sources": EVERYBODY, "vpc_alb_test_sources": () if protected else EVERYBODY}
    for group, entries in GROUPS.items():
        counts = {
            sources: _rules(variables, ports, variables.get(sources, defaults.get(sources, ())), more) for sources, ports, more in entries
        }
        total = max(sum(count[family] for count in counts.values()) for family in (0, 1))
        said = [sources for sources in counts if sources in variables]
        if total > RULES and said:
            most = max(said, key=lambda sources: max(counts[sources]))
            what = f"{' and '.join(counts)} make {total} rules of one security group, {group}, and AWS allows {RULES}"
            yield Problem(what, (most,), f"{total - RULES} rules less: fewer sources, wider ranges, or fewer ports")


def _rules(variables: dict[str, Any], ports: str, sources: Any, more: int) -> tuple[int, int]:
    """Rules of IPv4 and of IPv6; one that names a group or a prefix list is of both."""
    given = variables.get(ports)
    many = len(given) if isinstance(given, list) else 1
    texts = [str(source) for source in sources] if isinstance(sources, (list, tuple)) else []
    named = sum(text.startswith(("sg-", "pl-")) for text in texts)
    six = sum(":" in text for text in texts)
    four = len(texts) - named - six
    return many * (more + named + four), many * (more + named + six)


def _secrets(description: dict[str, Any]) -> dict[str, str]:
    names = [name for name in description.get("railyard_secrets", []) if isinstance(name, str)]
    return {name: _parameter(description, name) for name in [*names, "DATABASE_URL"]}


def _parameter(description: dict[str, Any], name: str) -> str:
    return naming.build(description).parameter(name)


def _longest(variables: dict[str, Any]) -> Path:
    longest = max(variables, key=lambda name: len(str(variables[name])), default=None)
    return ("railyard_variables", longest) if longest is not None else ("railyard_secrets",)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=str, ensure_ascii=False)


def _bytes(value: Any) -> int:
    return len(_json(value).encode(errors="replace"))
