# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._environment import naming
from ansible_collections.railyard.fargate.plugins.module_utils._logs import lines, search, time_range
from ansible_collections.railyard.fargate.plugins.module_utils._logs.follower import Line
from ansible_collections.railyard.fargate.plugins.plugin_utils import aws, commands

# The terminal and Ctrl-C are known in the main process only, in which this file is imported, too.
from ansible_collections.railyard.fargate.plugins.plugin_utils._logs import finding, following

SPEC: dict[str, Any] = {
    "names": {"type": "dict", "required": True},
    "processes": {"type": "list", "elements": "str", "default": []},
    "task": {"type": "str", "default": ""},
    "stopped": {"type": "bool", "default": False},
    "request": {"type": "str", "default": ""},
    "match": {"type": "str", "default": ""},
    "since": {"type": "str", "default": ""},
    "to": {"type": "str", "default": ""},
    "follow": {"type": "bool", "default": True},
    "limit": {"type": "int", "default": 1000},
    "format": {"type": "str", "choices": ["text", "raw", "json"], "default": "text"},
    "width": {"type": "int", "default": 0},
    "output": {"type": "path"},
    "releases": {"type": "list", "elements": "dict", "default": []},
}
# Where nothing is said: what was a moment ago when lines are followed, and the time in which a request is looked for.
RECENT, LONG = "2m", "1d"
# Seconds between two looks for tasks that have come.
LOOKING = 10.0


class ActionModule(ActionBase):
    """Lines are shown where a person is, while they come: a module can only answer once, at its end."""

    TRANSFERS_FILES = False
    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _unused, options = self.validate_argument_spec({**SPEC, **aws.OPTIONS, **aws.MORE})
        try:
            return {"changed": False, **Lines(options, task_vars or {}).show()}
        except RailyardError as error:
            return {"failed": True, "msg": error.message, **error.details}


@dataclass
class Lines:
    """One task of the playbook, from what is wanted to its end."""

    options: dict[str, Any]
    variables: dict[str, Any]

    def show(self) -> dict[str, Any]:
        options = self.options
        self.names = naming.of_option(options["names"])
        self.processes = finding.processes_of(self.names, options["processes"])
        self.now = datetime.now().astimezone()
        clients = aws.clients(options, ("logs", "ecs"))
        self.logs, self.tasks = clients["logs"], finding.Tasks(clients["ecs"], self.names.cluster, options["releases"])
        with suppress(*(() if options["stopped"] else (RailyardError,))):
            self.tasks.look()
        self.looked = time.monotonic()
        wanted = self._wanted()
        groups = {self.names.log_groups[process]: process for process in self.names.log_groups}
        self.rows = lines.Shown(
            groups,
            self.now.tzinfo,
            colour=following.COLOURED and not options["output"],
            raw=options["format"] == "raw",
            width=options["width"],
        )
        self.rows.releases, self.count = self.tasks.releases(), 0
        self._write = self._writer()
        return self._follow(wanted) if options["follow"] else self._read(wanted)

    def _wanted(self) -> search.Wanted:
        options = self.options
        pattern = lines.pattern(options["request"], options["match"])
        if options["stopped"]:
            return self._of_stopped(pattern)
        begins, ends = time_range.between(options["since"] or (RECENT if options["follow"] else LONG), options["to"], self.now)
        groups: dict[str, dict[str, Any]] = {self.names.log_groups[process]: {} for process in self.processes}
        if options["task"]:
            groups = finding.groups_of_task(self.logs, self.names, self.processes, options["task"])
        until = None if options["follow"] or ends >= self.now else int(ends.timestamp() * 1000) - 1
        self._say(f"Lines of {', '.join(self.processes)} since {time_range.shown(begins)}", until, ends)
        return search.Wanted(groups, int(begins.timestamp() * 1000), until, pattern)

    def _say(self, text: str, until: int | None, ends: datetime) -> None:
        if self.options["format"] != "json":
            to = f" to {time_range.shown(ends)}" if until is not None else ""
            end = ". Ctrl-C ends it." if self.options["follow"] else ""
            Display().display(f"{text}{to}{end}")

    def _of_stopped(self, pattern: str) -> search.Wanted:
        task = self.tasks.last_stopped(self.processes, self.names)
        process = next(process for process in self.processes if self.names.families[process] == finding.family(task))
        start, end = finding.life(task)
        why = lines.visible(str(task.get("stoppedReason") or task.get("stopCode") or ""))
        codes = ", ".join(f"{each['name']} ended with {each['exitCode']}" for each in task["containers"] if "exitCode" in each)
        stopped = time_range.shown(task["stoppedAt"].astimezone(self.now.tzinfo))
        Display().display(f"Task {finding.identity(task)} of {process} stopped at {stopped}: {why}{f' ({codes})' if codes else ''}")
        group = self.names.log_groups[process]
        streams = search.streams_of(self.logs, group, finding.identity(task))
        if not streams:
            raise RailyardError(f"it has written nothing into {group}", task=task["taskArn"])
        return search.Wanted({group: {"logStreamNames": streams[:100]}}, start, end, pattern)

    def _read(self, wanted: search.Wanted) -> dict[str, Any]:
        found, more = search.events(search.Reader(self.logs), wanted, self.options["limit"])
        self._show(found)
        if self.options["format"] != "json":
            self._end(f"There are more; these are the first. All of them: playbooks/logs.yml {self._again()} -e limit=0" if more else "")
        return {"lines": self.count, "more": more}

    def _follow(self, wanted: search.Wanted) -> dict[str, Any]:
        with following.ended_by_signal() as (clock, asked):
            search.follow(search.Reader(self.logs, clock), wanted, self._show, asked)
        if self.options["format"] != "json":
            self._end("All lines of one request: playbooks/logs.yml -e request=ID" if self.count else "")
        return {"lines": self.count, "more": False}

    def _end(self, what_next: str) -> None:
        counted = f"{self.count or 'No'} line{'' if self.count == 1 else 's'}."
        Display().display(f"\n{counted} {commands.of_task(what_next, self.variables)}".rstrip())

    def _again(self) -> str:
        """What was said of the lines, to be said once more."""
        said = {
            "process": ",".join(self.options["processes"]),
            **{name: self.options[name] for name in ("task", "request", "match", "since", "to")},
        }
        given = json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)
        return f"-e {shlex.quote(given)}" if given != "{}" else ""

    def _show(self, found: list[Line]) -> None:
        if any(line.stream.rpartition("/")[2] not in self.rows.releases for line in found) and time.monotonic() - self.looked > LOOKING:
            self.looked = time.monotonic()
            with suppress(RailyardError):
                self.tasks.look()
            self.rows.releases |= self.tasks.releases()
        self.count += len(found)
        texts = (
            [self._data(line) for line in found]
            if self.options["format"] == "json"
            else [row for line in found for row in self.rows.rows(line)]
        )
        if texts:
            self._write("\n".join(texts))

    def _data(self, line: Line) -> str:
        task = line.stream.rpartition("/")[2]
        return json.dumps(lines.as_data(line, self.rows.groups.get(line.group, line.group), self.rows.releases.get(task, "")))

    def _writer(self) -> Callable[[str], None]:
        """To the terminal, or into a file, which begins empty."""
        if not self.options["output"]:
            return lambda text: Display().display(text)
        path = Path(self.options["output"])
        try:
            path.write_text("")
        except OSError as error:
            raise RailyardError(f"{path} cannot be written: {error.strerror}") from error

        def write(text: str) -> None:
            with path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(f"{text}\n")

        return write
