# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why the last task of each process stopped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from .._core import aws
from .._core.clock import REAL, Clock
from .._core.printable import plain
from .._deployment import crash_loop
from .._ecs import revisions, stop_hints, stopped_task
from .._environment.naming import BESIDE, Names
from .findings import Finding, finding

Clients = dict[str, Any]
LINES = 20
# Lines of a task that has stopped this long ago are there, or there are none.
LATE = timedelta(seconds=20)
AT_ONCE = Clock(sleep=lambda _seconds: None)
BY_SERVICE = ("Scaling activity initiated by", "Task stopped by")
HEALTH = "its health check is not answered as it should be: see what is said of the targets"
EXIT_CODES = {
    0: "the command ended by itself without an error; the command of a process must not end: look at command of the process",
    126: "the command is not executable: look at its permissions and at USER of the Dockerfile",
    127: "the command is not in the image: look at command of the process, and at ENTRYPOINT and PATH of the Dockerfile",
    134: "the process aborted itself: its last lines say why",
    137: "it was killed: it used more memory than its task has (memory in railyard_sizes), or did not end within ecs_stop_timeout",
    139: "the process crashed outside of Ruby, mostly in a gem with C code: its last lines say which",
    143: "it was asked to end, and ended",
}
OWN_END = "the application ended by itself: its last lines say why"
CRASHED = "playbooks/deploy.yml -e image=… with an image that starts"


def read(clients: Clients, names: Names, processes: Iterable[str]) -> list[Finding]:
    """A finding for each of these processes of which a task has stopped. AWS keeps stopped tasks for an hour or so."""
    ecs, asked = clients["ecs"], {"cluster": names.cluster, "desiredStatus": "STOPPED"}
    arns = aws.pages(ecs, "ListTasks", "taskArns", {"ClusterNotFoundException"}, **asked)
    describe = partial(aws.call, ecs, "DescribeTasks", cluster=names.cluster)
    answers = aws.concurrently(lambda some: describe(tasks=some), aws.batches(arns, 100))
    stopped = [task for answer in answers for task in answer["tasks"] if "stopCode" in task]
    by_process = {name: [task for task in stopped if process_of(task, names.cluster) == name] for name in processes}
    return [one for one in aws.concurrently(partial(_found, clients), by_process.items()) if one is not None]


def process_of(task: dict[str, Any], cluster: str) -> str:
    """The process that a task runs, or `run` or `console`. Pure."""
    kind, _colon, name = str(task.get("group", "")).partition(":")
    return name if kind == "service" else name.removeprefix(f"{cluster}-")


def _found(clients: Clients, of: tuple[str, list[dict[str, Any]]]) -> Finding | None:
    process, tasks = of
    task, alike = chosen(process, tasks)
    if task is None:
        return None
    definition = revisions.described(clients["ecs"], task["taskDefinitionArn"])
    told = said(process, task, definition, alike)
    if not crash_of(process, task, definition):
        return told
    container = stopped_task.failed_container(task, definition)
    place = stopped_task.log_place(definition, str(container.get("name")), task["taskArn"])
    recent = datetime.now(UTC) - ended(task) < LATE
    lines = stopped_task.last_lines(clients["logs"], place, LINES, REAL if recent else AT_ONCE) if place else []
    return {**told, "lines": [plain(line) for line in lines]}


def ended(task: dict[str, Any]) -> datetime:
    moment: datetime = task.get("stoppedAt") or task.get("stoppingAt") or task["createdAt"]
    return moment


def crash_of(process: str, task: dict[str, Any], definition: dict[str, Any] | None = None) -> crash_loop.Crash | None:
    """The crash that a stopped task had; the command of a one-off task may end well. Pure."""
    found = crash_loop.crash_of(task, definition)
    return None if found and process in BESIDE and found["exit_code"] == 0 else found


def chosen(process: str, tasks: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, int]:
    """The newest task that ended by itself, and how many ended in the same way; where none did, the newest one, and 1. Pure."""
    newest = sorted(tasks, key=ended, reverse=True)
    crashed = [(task, crash) for task in newest if (crash := crash_of(process, task)) is not None]
    if not crashed:
        return (newest[0] if newest else None), 1
    kind = crash_loop.kind(crashed[0][1])
    return crashed[0][0], sum(crash_loop.kind(crash) == kind for _task, crash in crashed)


def said(process: str, task: dict[str, Any], definition: dict[str, Any], alike: int) -> Finding:
    """Why a task stopped, without its lines. Pure."""
    container, reason, code = stopped_task.failed_container(task, definition), task.get("stoppedReason", ""), task["stopCode"]
    exit_code, words = container.get("exitCode"), [f"{reason} ({code})"]
    if container.get("reason") and container["reason"] not in reason:
        words.append(f"container {container['name']}: {container['reason']}")
    where = f"{task['taskDefinitionArn'].rpartition('/')[2]}, {ended(task):%Y-%m-%d %H:%M} UTC, task {task['taskArn'].rpartition('/')[2]}"
    if not crash_of(process, task, definition):
        how = "ended well" if process in BESIDE and exit_code == 0 else "was stopped, it did not fail"
        return finding("task", process, f"the last task of {process} {how} ({where})", words)
    how = f"container {container['name']} ended with exit code {exit_code}" if exit_code is not None else "no container ever ran"
    times = f"; {alike} tasks within the hour stopped in this way" if alike > 1 else ""
    hint = help_of(f"{reason} {container.get('reason') or ''}", code, exit_code)
    known = stop_hints.TYPE.search(hint)
    told = finding("task", process, f"a task of {process} stopped: {how} ({where}){times}", words, hint)
    return told if told["next"] or known else {**told, "next": following(hint, process)}


def help_of(reason: str, code: str, exit_code: int | None) -> str:
    """What helps: by AWS's type of error, by a health check, or else by the exit code. Pure."""
    if "health checks" in reason:
        return HEALTH
    if hint := stop_hints.hint(reason, code):
        return hint
    if exit_code is None:
        return ""
    return EXIT_CODES.get(exit_code, OWN_END)


def following(hint: str, process: str) -> str:
    """The command for what no hint names one for. Pure."""
    if hint == HEALTH:
        return ""
    if "railyard_" in hint or "of the process" in hint or "execution role" in hint:
        return "site.yml"
    return CRASHED if process not in BESIDE else ""
