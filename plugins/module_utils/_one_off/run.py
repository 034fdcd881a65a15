# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a command in a one-off task, as the options of the module ecs_run_task say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core.progress import Say
from .._ecs import revisions, run_task
from .._ecs.followed_task import EMPTY, TaskResult
from .._environment.naming import Names
from . import families
from .command import changes_schema, words

# Runs what is wanted (see run_task.start) of some clients, under a lock and with a record; returns its task.
Recorded = Callable[[dict[str, Any], dict[str, Any], Say], TaskResult]


def carry_out(
    clients: dict[str, Any], options: dict[str, Any], say: Say, check: bool, recorded: Recorded, names: Names | None = None
) -> dict[str, Any]:
    """Do what the options of the module ecs_run_task say. Returns {task (TaskResult), image, command}. Raises RailyardError.

    With `names` it is an image of that environment, in its cluster; without, a task definition as it is. A check writes nothing; its task
    is what is known of it before. A command that changes the schema of an environment is left to `recorded`.
    """
    ecs = clients["ecs"]
    wanted = {**options, "cluster": options["cluster"] or "default", "command": words(options.get("command"))}
    wanted["started_by"] = options.get("requested_by")
    if names:
        wanted |= {"cluster": names.cluster, "log_group": names.log_groups["run"], "bucket": names.bucket}
    answer: dict[str, Any] = {"image": None, "command": wanted["command"]}
    made = None
    if names:
        chosen = families.choose(clients, wanted)
        made, answer["image"], wanted["network"] = chosen["plan"], chosen["image"]["uri"], wanted["network"] or chosen["network"]
        wanted["task_definition"] = made.after
    wanted["network"] = wanted["network"] or families.network(ecs, wanted["cluster"], wanted["service"])
    if check:
        known = run_task.definition_of(ecs, wanted)[0]["taskDefinitionArn"] if wanted["task_definition"] else None
        return {**answer, "task": {**EMPTY, "task_definition": known, "log_group": wanted.get("log_group")}}
    if made is not None:
        wanted["task_definition"] = revisions.register(ecs, made)
    if names and changes_schema(wanted["command"]):
        return {**answer, "task": recorded(clients, wanted, say)}
    return {**answer, "task": run_task.run(clients, wanted, say)}
