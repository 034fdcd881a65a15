# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Consoles that are there, and what a crash has left of some. Only by our own tags: a foreign node is never touched."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from .._core import aws, tags
from .._ssm import activation, node
from . import closing, found
from .wanted import KIND

Item = dict[str, Any]
Clients = dict[str, Any]


def consoles(clients: Clients, base: str, own: dict[str, str]) -> list[Item]:
    """Each console of an environment, oldest first: {console, person, since, minutes (it has been there), open, activations, nodes, tasks}.

    `own`: the tags that all of them have, {application, environment}. `open`: its task runs. A console whose task runs ends by itself.
    """
    ssm = clients["ssm"]
    activations, nodes = activation.find(ssm, own), node.find(ssm, tags=own)
    tasks = _tasks(clients["ecs"], base)
    owners = {item["activation_id"]: item["tags"].get(KIND) for item in activations}
    grouped: dict[str | None, Item] = defaultdict(lambda: {"person": None, "since": None, "activations": [], "nodes": [], "tasks": []})
    for item in activations:
        _note(grouped[owners[item["activation_id"]]], "activations", item["activation_id"], item["tags"], item["created_date"])
    for item in nodes:
        name = owners.get(item["activation_id"]) or node.tags_of(ssm, item["instance_id"]).get(KIND)
        _note(grouped[name], "nodes", item["instance_id"], {}, item["registration_date"])
    for task in tasks:
        known = tags.as_dict(task.get("tags"), "key", "value")
        _note(grouped[known.get(KIND)], "tasks", task["taskArn"], known, task["createdAt"].isoformat())
    # What has no identity of a console is somebody else's.
    grouped.pop(None, None)
    return sorted(
        ({"console": name, "open": bool(item["tasks"]), **item} for name, item in grouped.items()), key=lambda item: item["since"]
    )


def _note(console: Item, kind: str, identity: str, known: dict[str, str], since: str) -> None:
    console[kind].append(identity)
    console["person"] = console["person"] or known.get("person")
    console["since"] = min(since, console["since"] or since)


def _tasks(ecs: Any, base: str) -> list[Item]:
    arns = found.tasks_of(ecs, base, family=f"{base}-{KIND}")
    batches = aws.batches(arns, 100)
    return [task for batch in batches for task in aws.call(ecs, "DescribeTasks", cluster=base, tasks=batch, include=["TAGS"])["tasks"]]


def sweep(clients: Clients, base: str, which: list[Item]) -> list[str]:
    """Take these consoles away; what is left."""
    left = {}
    for item in which:
        known = found.Found(activations=item["activations"], nodes=item["nodes"], tasks=item["tasks"])
        left[item["console"]] = closing.close(clients, base, item["console"], "swept", known=known)
    return [f"{console}: {there}" for console, there in left.items() if there]


def age(console: Item, now: datetime | None = None) -> int:
    """Minutes since it was begun. Pure but for the clock."""
    return int(((now or datetime.now(UTC)) - datetime.fromisoformat(console["since"])).total_seconds() // 60)
