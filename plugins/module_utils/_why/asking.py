# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What why.yml asks, question by question; one that may not be asked hides no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._environment.naming import Names
from .._status import reads
from .._status.parts import READ, UNREADABLE, Part, Reading
from . import deployments, scaling, stops, targets
from .findings import Finding

Clients = dict[str, Any]
ABOUT = ("task", "target", "deployment", "scaling")
SERVICES = ("application-autoscaling", "cloudwatch", "codedeploy", "codepipeline", "ecs", "elbv2", "logs", "s3")
PARTS = ("services", "load_balancer", "deployment", "alarms", "scaling", "lock")
NEEDS = {"task": (), "target": ("load_balancer",), "deployment": ("services", "load_balancer", "deployment"), "scaling": ("scaling",)}


def ask(clients: Clients, names: Names, asked: list[str], processes: list[str]) -> tuple[list[Finding], dict[str, str]]:
    """The findings in the order of `asked` (of ABOUT), and what could not be read, in AWS's words. `processes`: none are all."""
    parts = Reading(reads.readers(clients, names, wanted=PARTS)).all()
    answers = aws.concurrently(lambda about: _answer(clients, names, about, parts, processes), asked)
    found = [one for some in answers if not isinstance(some, str) for one in some]
    return found, {about: some for about, some in zip(asked, answers, strict=True) if isinstance(some, str)}


def _answer(clients: Clients, names: Names, about: str, parts: dict[str, Part], processes: list[str]) -> list[Finding] | str:
    """The findings of a question; AWS's words where it may not be asked, [] where there is nothing to ask about."""
    for name in NEEDS[about]:
        if parts[name]["state"] == UNREADABLE:
            return str(parts[name]["reason"])
        if parts[name]["state"] != READ:
            return []
    seen = {name: part["found"] for name, part in parts.items()}
    questions: dict[str, Callable[[], list[Finding]]] = {
        "task": lambda: stops.read(clients, names, processes or [*names.processes, "run", "console"]),
        "target": lambda: targets.read(clients, names, seen["load_balancer"]),
        "deployment": lambda: _deployment(clients, names, seen),
        "scaling": lambda: scaling.read(clients, names, _of(seen["scaling"], processes), _releasing(seen)),
    }
    try:
        return questions[about]()
    except RailyardError as error:
        return error.message


def _of(scaled: list[Any], processes: list[str]) -> list[Any]:
    return [one for one in scaled if not processes or one["process"] in processes]


def _releasing(seen: dict[str, Any]) -> bool:
    return bool(seen["deployment"] or (seen["lock"] or {}).get("alive"))


def _deployment(clients: Clients, names: Names, seen: dict[str, Any]) -> list[Finding]:
    web = next((one for one in seen["services"] if one["name"] == reads.WEB), None)
    if web is None:
        return []
    ringing = {one["name"] for one in seen["alarms"] or [] if one["state"] == "ALARM"}
    return deployments.read(clients, names, web["engine"], seen["deployment"], seen["load_balancer"], ringing)
