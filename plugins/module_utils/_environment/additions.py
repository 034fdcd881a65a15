# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of routes, security groups and policies that an inventory adds to those of the roles. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from .._ec2.routes import TARGETS
from .problem import Problem, one_of

GROUP = r"sg-([0-9a-f]{8}|[0-9a-f]{17})"
POLICY = r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+"
ARN = "its ARN, as aws iam list-policies shows it"
# A network interface has five security groups, one of which is the role's own; a role takes ten policies (rule IAM-4).
MOST_GROUPS, MOST_POLICIES = 4, 10
# Names of inline policies that a role makes itself.
OWN_POLICIES = {"ecs_execution_policies": "start-tasks", "ecs_task_policies": "exec-channels"}


def problems(name: str, value: Any) -> Iterator[Problem]:
    """Problems of one variable, whose type has been checked: what AWS would refuse."""
    if name in ("vpc_public_routes", "vpc_private_routes"):
        yield from _routes(name, value)
    elif name.endswith("_further_security_group_ids"):
        right = "its ID, sg-0123456789abcdef0 for example"
        yield from _list(name, value, MOST_GROUPS, (GROUP, "a security group", right))
    elif name.endswith("_managed_policies"):
        yield from _list(name, value, MOST_POLICIES, (POLICY, "a managed policy", ARN))
    elif name.endswith("_permissions_boundary") and value and not re.fullmatch(POLICY, value):
        yield Problem(f"{value!r} is not the ARN of a policy", (name,), ARN)
    elif name in OWN_POLICIES and OWN_POLICIES[name] in value:
        own = OWN_POLICIES[name]
        yield Problem(f"the policy {own} is the role's own", (name, own), "another name")


def _list(name: str, value: list[str], most: int, form: tuple[str, str, str]) -> Iterator[Problem]:
    pattern, kind, right = form
    for number, text in enumerate(value):
        if not re.fullmatch(pattern, text):
            yield Problem(f"{text!r} is not {kind}", (name, number), right)
        elif text in value[:number]:
            yield Problem(f"{text} is there twice", (name, number), "each once")
    if len(value) > most:
        yield Problem(f"{len(value)} are more than AWS takes beside what the role has", (name,), f"at most {most}")


def _routes(name: str, value: list[dict[str, Any]]) -> Iterator[Problem]:
    taken = {"0.0.0.0/0": "the internet gateway"} if name == "vpc_public_routes" else {}
    for number, route in enumerate(value):
        destination, target = str(route["destination"]), str(route["gateway_id"])
        if problem := _destination(destination, (name, number, "destination")):
            yield problem
        elif destination in taken:
            what = f"the table has a route to {destination} already, through {taken[destination]}"
            yield Problem(what, (name, number, "destination"), "one route for each destination")
        taken.setdefault(destination, target)
        if not re.fullmatch(rf"({'|'.join(TARGETS)})-([0-9a-f]{{8}}|[0-9a-f]{{17}})", target):
            right = f"an ID that begins with {one_of(f'{prefix}-' for prefix in TARGETS)}"
            yield Problem(f"{target!r} is no target of a route", (name, number, "gateway_id"), right)


def _destination(text: str, path: tuple[str, int, str]) -> Problem | None:
    if re.fullmatch(r"pl-([0-9a-f]{8}|[0-9a-f]{17})", text):
        return None
    try:
        loose = str(ip_network(text, strict=False))
    except ValueError:
        return Problem(f"{text!r} is no destination of a route", path, "a range such as 10.99.0.0/16, or a prefix list (pl-…)")
    return None if loose == text else Problem(f"{text} is an address within a range", path, loose)
