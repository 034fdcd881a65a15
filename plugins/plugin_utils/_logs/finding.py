# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which log streams are meant, and which release each task is of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core import aws
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._environment.naming import Names
from ansible_collections.railyard.fargate.plugins.module_utils._logs import questions, search

STATUSES = ("RUNNING", "STOPPED")
DESCRIBED = 100
MARGIN = 60_000  # Milliseconds around a task's life: its lines are stamped by its own clock.
FORGOTTEN = "ECS has no stopped task any more: it keeps them for about an hour. Say -e task=… to read one by its id"


@dataclass
class Tasks:
    """The tasks of a cluster as ECS knows them. `records`: those of releases, the newest first."""

    ecs: Any
    cluster: str
    records: Sequence[Mapping[str, Any]] = ()
    known: list[dict[str, Any]] = field(default_factory=list)

    def look(self) -> None:
        """Ask ECS: those that run, and those that have stopped in the last hour."""
        arns = [arn for each in aws.concurrently(self._listed, STATUSES) for arn in each]
        parts = [arns[start : start + DESCRIBED] for start in range(0, len(arns), DESCRIBED)]
        described = aws.concurrently(lambda part: aws.call(self.ecs, "DescribeTasks", cluster=self.cluster, tasks=part)["tasks"], parts)
        self.known = [task for some in described for task in some]

    def _listed(self, status: str) -> list[str]:
        return list(aws.pages(self.ecs, "ListTasks", "taskArns", cluster=self.cluster, desiredStatus=status))

    def releases(self) -> dict[str, str]:
        """`#12` by the id of a task; of a task definition that no release has recorded its revision, `:7`."""
        found = {}
        for task in self.known:
            definition = str(task["taskDefinitionArn"])
            release = questions.of_release(definition, self.records)
            found[identity(task)] = release if release != definition else f":{definition.rpartition(':')[2]}"
        return found

    def last_stopped(self, processes: Iterable[str], names: Names) -> dict[str, Any]:
        """The task of these processes that has stopped last. Raises RailyardError when ECS knows none."""
        families = {names.families[process] for process in processes}
        stopped = [task for task in self.known if task.get("stoppedAt") and family(task) in families]
        if not stopped:
            raise RailyardError(FORGOTTEN)
        return max(stopped, key=lambda task: task["stoppedAt"])


def identity(task: Mapping[str, Any]) -> str:
    return str(task["taskArn"]).rpartition("/")[2]


def family(task: Mapping[str, Any]) -> str:
    return str(task["taskDefinitionArn"]).rpartition("/")[2].rpartition(":")[0]


def processes_of(names: Names, wanted: Sequence[str]) -> list[str]:
    """The processes that are meant: by default those of the services, and the one-off tasks. Raises RailyardError."""
    known = [name for name in names.log_groups if name != "console"]
    if unknown := [name for name in wanted if name not in names.log_groups]:
        raise RailyardError(f"there is no process {', '.join(unknown)}; there are {', '.join([*known, 'console'])}")
    return list(wanted) or known


def groups_of_task(logs: Any, names: Names, processes: Sequence[str], task: str) -> dict[str, dict[str, Any]]:
    """The streams of the tasks whose id begins with `task`, by log group. Raises RailyardError when there is none."""
    groups = [names.log_groups[process] for process in processes]
    found = dict(zip(groups, aws.concurrently(lambda group: search.streams_of(logs, group, task), groups), strict=True))
    if not any(found.values()):
        raise RailyardError(f"no task {task} has written into {', '.join(groups)}")
    return {group: {"logStreamNames": streams[:100]} for group, streams in found.items() if streams}


def life(task: Mapping[str, Any]) -> tuple[int, int]:
    """From when to when a stopped task can have written, in milliseconds."""
    begins = task.get("createdAt") or task["stoppedAt"]
    return int(begins.timestamp() * 1000) - MARGIN, int(task["stoppedAt"].timestamp() * 1000) + MARGIN
