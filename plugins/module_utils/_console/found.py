# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is of a console at AWS. Everything is found by its identity, so that nothing is lost with a reply or a process.

The identity is the tag `console` of the activation and of its node (rule SSM-A4), and the task's startedBy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .._core import aws
from .._ssm import activation, node
from .wanted import KIND

Item = dict[str, Any]
Clients = dict[str, Any]


@dataclass
class Found:
    """Ids of what there is."""

    activations: list[str] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.activations, self.nodes, self.tasks, self.sessions))

    def __str__(self) -> str:
        named = {"activation": self.activations, "node": self.nodes, "task": self.tasks, "session": self.sessions}
        return ", ".join(f"{kind} {identity.rpartition('/')[2]}" for kind, ids in named.items() for identity in ids)


def look(clients: Clients, cluster: str, identity: str) -> Found:
    """What there is of one console."""
    ssm = clients["ssm"]
    tags = {KIND: identity}
    activations = [item["activation_id"] for item in activation.find(ssm, tags)]
    nodes = [item["instance_id"] for item in node.find(ssm, tags=tags)]
    tasks = tasks_of(clients["ecs"], cluster, startedBy=identity)
    return Found(activations, nodes, tasks, sessions_of(ssm, [*nodes, *map(exec_prefix, tasks)]))


def tasks_of(ecs: Any, cluster: str, **which: Any) -> list[str]:
    """ARNs of the tasks that are to run: those that ECS lists by default. `which`: family, or startedBy, the only filter then."""
    return aws.pages(ecs, "ListTasks", "taskArns", absent={"ClusterNotFoundException"}, cluster=cluster, **which)


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
