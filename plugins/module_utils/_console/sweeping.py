# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds open consoles and what a crash has left of others, and deletes them. Only resources with our tags are touched."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from .._core import aws, tags
from .._environment.naming import Names, family
from .._ssm import activation, node
from . import closing, queries
from .request import KIND, code_folder

Clients = dict[str, Any]
# What is told of a console; sessions end with its node and its task.
LISTED = tuple(kind for kind in queries.KINDS if kind != "sessions")


def consoles(clients: Clients, names: Names) -> list[dict[str, Any]]:
    """Each console of an environment, oldest first: {console, requested_by, since, open, and ids by LISTED}.

    `open`: its task runs. A console whose task runs ends by itself.
    """
    ssm, ecs = clients["ssm"], clients["ecs"]
    own = names.found_by
    activations, nodes = activation.find(ssm, own), node.find(ssm, tags=own)
    owners = {item["activation_id"]: item["tags"].get(KIND) for item in activations}
    grouped: dict[str | None, dict[str, Any]] = defaultdict(lambda: {"requested_by": None, "since": None, **{kind: [] for kind in LISTED}})
    for item in activations:
        _note(grouped[owners[item["activation_id"]]], "activations", item["activation_id"], item["tags"], item["created_date"])
    folder = code_folder(names)
    for name in queries.parameters_of(ssm, {"Path": folder, **{f"tag:{key}": text for key, text in own.items()}}):
        _note(grouped[name.rpartition("/")[2]], "parameters", name, {}, None)
    for item in nodes:
        owner = owners.get(item["activation_id"]) or node.tags_of(ssm, item["instance_id"]).get(KIND)
        _note(grouped[owner], "nodes", item["instance_id"], {}, item["registration_date"])
    tasks = [("tasks", task) for task in _tasks(ecs, names.cluster)]
    for kind, item in [
        *tasks,
        *(("definitions", one) for one in queries.definitions(ecs, names.cluster)),
    ]:
        known = item["tags"]
        _note(grouped[known.get(KIND)], kind, item["arn"], known, item["since"])
    # What has no identity of a console is somebody else's.
    grouped.pop(None, None)
    consoles = [{"console": name, "open": bool(item["tasks"]), **item} for name, item in grouped.items()]
    return sorted(consoles, key=lambda item: item["since"] or "")


def _note(console: dict[str, Any], kind: str, identity: str, known: dict[str, str], since: str | None) -> None:
    console[kind].append(identity)
    console["requested_by"] = console["requested_by"] or known.get("requested-by") or known.get("person")
    console["since"] = min(filter(None, (since, console["since"])), default=None)


def _tasks(ecs: Any, cluster: str) -> list[dict[str, Any]]:
    """{arn, tags, since} of each."""
    batches = aws.batches(queries.tasks_of(ecs, cluster, family=family(cluster, KIND)), 100)
    tasks = [task for batch in batches for task in aws.call(ecs, "DescribeTasks", cluster=cluster, tasks=batch, include=["TAGS"])["tasks"]]
    labels = [tags.as_dict(task.get("tags"), "key", "value") for task in tasks]
    return [
        {"arn": task["taskArn"], "tags": known, "since": task["createdAt"].isoformat()} for task, known in zip(tasks, labels, strict=True)
    ]


def sweep(clients: Clients, cluster: str, which: list[dict[str, Any]]) -> list[str]:
    """Delete these consoles. Returns what is left of each."""
    left = {}
    for item in which:
        known = queries.Resources(item["activations"], item["parameters"], item["definitions"], item["nodes"], item["tasks"])
        left[item["console"]] = closing.close(clients, cluster, item["console"], "swept", known=known)
    return [f"{console}: {there}" for console, there in left.items() if there]
