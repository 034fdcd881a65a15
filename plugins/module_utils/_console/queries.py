# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what AWS has of a console. Everything is found by the console's identity, so that a lost reply or process loses nothing.

The identity is the tag `console` of the activation, of its node (rule SSM-A4) and of the task definition, and the task's startedBy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .._core import aws, tags
from .._core.errors import RailyardError
from .._ecs import task_definition
from .._environment.naming import family
from .._ssm import activation, node
from .request import KIND

Clients = dict[str, Any]
# In the order in which they are taken away: without its activation nothing registers any more.
KINDS = ("activations", "parameters", "sessions", "tasks", "nodes", "definitions")


@dataclass
class Resources:
    """Ids of resources. `parameters`: those that hold an activation's code; `definitions`: task definitions of this console only.

    `unseen`: what AWS could not be asked for, with its words; `refused`: what it did not take away, with them.
    """

    activations: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    unseen: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.unseen) or any(getattr(self, kind) for kind in KINDS)

    def __str__(self) -> str:
        there = [self._named(kind, identity) for kind in KINDS for identity in getattr(self, kind)]
        return "; ".join([*there, *(f"{kind} could not be looked for ({why})" for kind, why in self.unseen.items())])

    def _named(self, kind: str, identity: str) -> str:
        why = f" ({self.refused[identity]})" if identity in self.refused else ""
        return f"{kind.removesuffix('s')} {identity.rpartition('/')[2]}{why}"


def read(clients: Clients, cluster: str, identity: str, known: Resources | None = None, hybrid: bool = True) -> Resources:
    """The resources of one console, and those that are `known` already. One that cannot be read does not hinder the others.

    Without `hybrid` there is no activation and no node of it.
    """
    ssm, label, seen, known = clients["ssm"], {KIND: identity}, Resources(), known or Resources()

    def listed(kind: str, ids: Callable[[], list[str]]) -> list[str]:
        more: list[str] = []
        try:
            more = ids()
        except RailyardError as error:
            seen.unseen[kind] = error.message
        return list(dict.fromkeys([*getattr(known, kind), *more]))

    if hybrid:
        seen.activations = listed("activations", lambda: [item["activation_id"] for item in activation.find(ssm, label)])
        seen.parameters = listed("parameters", lambda: parameters_of(ssm, {f"tag:{KIND}": identity}))
        seen.definitions = listed("definitions", lambda: definitions_of(clients["ecs"], cluster, identity))
        seen.nodes = listed("nodes", lambda: [item["instance_id"] for item in node.find(ssm, tags=label)])
    seen.tasks = listed("tasks", lambda: tasks_of(clients["ecs"], cluster, startedBy=identity))
    targets = [*seen.nodes, *map(exec_prefix, seen.tasks)]
    seen.sessions = listed("sessions", lambda: sessions_of(ssm, targets))
    return seen


def parameters_of(ssm: Any, which: dict[str, str]) -> list[str]:
    """Names of the parameters for which all of `which`, filters of DescribeParameters, holds; it never shows what they hold."""
    options = {"Path": "OneLevel"}
    filters = [{"Key": key, "Option": options.get(key, "Equals"), "Values": [value]} for key, value in which.items()]
    return [item["Name"] for item in aws.pages(ssm, "DescribeParameters", "Parameters", ParameterFilters=filters)]


def tasks_of(ecs: Any, cluster: str, **which: Any) -> list[str]:
    """ARNs of the tasks that are to run: those that ECS lists by default. `which`: family, or startedBy, the only filter then."""
    return aws.pages(ecs, "ListTasks", "taskArns", absent={"ClusterNotFoundException"}, cluster=cluster, **which)


def definitions(ecs: Any, cluster: str) -> list[dict[str, Any]]:
    """{arn, tags, since} of the active revisions that consoles have: those of one console only have its tag."""

    def described(arn: str) -> dict[str, Any]:
        answer = aws.call(ecs, "DescribeTaskDefinition", taskDefinition=arn, include=["TAGS"])
        registered = answer["taskDefinition"].get("registeredAt")
        labels = tags.as_dict(answer.get("tags"), "key", "value")
        return {"arn": arn, "tags": labels, "since": registered.isoformat() if registered else None}

    return aws.concurrently(described, task_definition.revisions(ecs, family(cluster, KIND), "ACTIVE"))


def definitions_of(ecs: Any, cluster: str, identity: str) -> list[str]:
    """ARNs of the revisions of one console."""
    return [item["arn"] for item in definitions(ecs, cluster) if item["tags"].get(KIND) == identity]


def exec_prefix(task: str) -> str:
    """How the targets of ECS Exec's sessions with a task begin. Pure."""
    cluster, identity = task.split("/")[-2:]
    return f"ecs:{cluster}_{identity}_"


def sessions_of(ssm: Any, targets: Iterable[str]) -> list[str]:
    """Ids of the sessions under way with nodes, or with tasks by the beginning of their targets."""
    wanted = tuple(targets)
    if not wanted:
        return []
    found = aws.pages(ssm, "DescribeSessions", "Sessions", State="Active")
    return [item["SessionId"] for item in found if item.get("Target", "").startswith(wanted)]
