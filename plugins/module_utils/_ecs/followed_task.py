# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task that runs: its states and its lines as they come, and what is known of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, cast

from .._core import aws
from .._core.clock import CLOSELY, FIRST_PAUSE, REPORT_EVERY, Clock, next_pause, time_of_day, until_report
from .._core.errors import RailyardError
from . import stopped_task
from .stopped_task import LogStream

KEPT = 50
# A task that was started a moment ago may not be found yet.
UNSEEN = 30.0
PAGES = 20  # Of a log in one look, so that a task that writes without end is still looked at.


class TaskResult(TypedDict):
    """A task, as far as it is known; None is what is not, or not yet. `task_arn`, `task_definition`: ARNs.

    `stop_code` and `stopped_reason` are AWS's. Times are in ISO 8601; `seconds` is how long it ran. `log_group`, `log_stream`, `log_url`:
    where its lines are, None without awslogs. `lines`: the last KEPT.
    """

    task_arn: str | None
    task_definition: str | None
    exit_code: int | None
    stop_code: str | None
    stopped_reason: str | None
    started_at: str | None
    stopped_at: str | None
    seconds: float | None
    log_group: str | None
    log_stream: str | None
    log_url: str | None
    task_url: str | None
    lines: list[str]


EMPTY = cast(TaskResult, {**dict.fromkeys(TaskResult.__annotations__), "lines": []})
# When a task was stopping for so many seconds before it had stopped, the last lines of its container are in the log.
LINES_COME = 5.0
# Lines that CloudWatch Logs shows only after the task has stopped: looked for until a second passes without one. They say why a task has
# failed, so after a failure there are longer pauses, and the longest when it has shown no line at all.
LAST_LOOKS = 5
AFTER_FAILURE = (2.0, 4.0)
FIRST_LINE = (8.0, 8.0)


class Log:
    """A log stream, read once from its beginning to its end."""

    def __init__(self, logs: Any, place: LogStream | None) -> None:
        self.logs, self.place = logs, place
        self.token: str | None = None

    def new(self) -> list[str]:
        """The lines since the last call. An answer with the token of the question is the end for now; an empty one is not."""
        lines: list[str] = []
        place: Mapping[str, Any] = self.place or {}
        for _page in range(PAGES if place else 0):
            where = {"nextToken": self.token} if self.token else {}
            # Before the container has written something, there is no stream.
            answer = aws.find(self.logs, "GetLogEvents", {"ResourceNotFoundException"}, **place, startFromHead=True, **where)
            if answer is None:
                break
            lines += [line for event in answer["events"] for line in event["message"].splitlines() or [""]]
            if answer["nextForwardToken"] == self.token:
                break
            self.token = answer["nextForwardToken"]
        return lines

    def rest(self) -> list[str]:
        """All lines from here to the end for now, however many there are."""
        lines: list[str] = []
        while new := self.new():
            lines += new
        return lines


class Followed:
    """One task while it is followed. `container` is the one that counts; `place` is its log stream, None without one."""

    def __init__(
        self, clients: dict[str, Any], task_arn: str, container: str, place: LogStream | None, say: Callable[[str], None], clock: Clock
    ) -> None:
        self.ecs, self.log = clients["ecs"], Log(clients["logs"], place)
        self.arn, self.container, self.say, self.clock = task_arn, container, say, clock
        self.cluster = task_arn.split("/")[-2]
        self.task: dict[str, Any] = {}
        self.definition: dict[str, Any] | None = None
        self.lines: deque[str] = deque(maxlen=KEPT)
        self.began = clock.now()

    def until_stopped(self, seconds: float, heartbeat: Callable[[], None]) -> bool:
        """Look, at most once a second, until the task has stopped (rule ECS-R9: nothing else is waited for). False after `seconds`."""
        entered = seen = spoke = read = self.clock.now()
        pause = quiet = FIRST_PAUSE
        linked = False
        while True:
            heartbeat()
            news = self._look()
            if news or self.clock.now() >= read:
                news = self._read() or news
                quiet = FIRST_PAUSE if news else next_pause(quiet)
                read = self.clock.now() + quiet
            if self.task.get("lastStatus") in ("STOPPED", "DELETED"):
                self._read_to_the_end()
                return True
            if self.clock.now() - entered >= seconds:
                return False
            if news:
                seen = spoke = self.clock.now()
            elif self.clock.now() - spoke >= REPORT_EVERY:
                self._still("" if linked else self._link())
                spoke, linked = self.clock.now(), True
            pause = FIRST_PAUSE if self.clock.now() - seen < CLOSELY else next_pause(pause)
            self.clock.sleep(min(pause, until_report(self.clock.now() - spoke)))

    def _still(self, link: str) -> None:
        name, status = self.arn.rpartition("/")[2], str(self.task.get("lastStatus", "not to be seen yet")).lower()
        self.say(f"{time_of_day()} task {name} is still {status}, {self.clock.now() - self.began:.0f} s{link}")

    def _link(self) -> str:
        url = self.result()["log_url"]
        return f"; its lines: {url}" if url else ""

    def _look(self) -> bool:
        before = self.task.get("lastStatus")
        found = describe(self.ecs, self.arn)
        if found is None:
            if self.clock.now() - self.began < UNSEEN and not self.task:
                return False
            words = (
                f"ECS does not know the task {self.arn} any more: stopped ones are forgotten after about an hour. How it ended is not known"
            )
            raise RailyardError(f"{words}; its lines are in the log, if it wrote any", kind="unknown", **self.result())
        self.task = found
        if found["lastStatus"] == before:
            return False
        self.say(f"task {self.arn.rpartition('/')[2]} {found['lastStatus'].lower()}, {self.clock.now() - self.began:.0f} s")
        return True

    def _read(self) -> bool:
        new = self.log.new()
        for line in new:
            self.lines.append(line)
            self.say(line)
        return bool(new)

    def _read_to_the_end(self) -> None:
        """All lines, as far as CloudWatch Logs shows them in time; a container that never ran has written nothing."""
        code = self.own().get("exitCode")
        if not self.log.place or (code is None and self.log.token is None):
            return
        for look in range(LAST_LOOKS):
            if not self._read_after(0.0 if code == 0 and not look and self._lines_are_there() else 1.0):
                break
        for pause in () if code == 0 else AFTER_FAILURE:
            self._read_after(pause)
        for pause in () if code == 0 else FIRST_LINE:
            if not self.lines:
                self._read_after(pause)

    def _lines_are_there(self) -> bool:
        ended, stopped = self.task.get("stoppingAt"), self.task.get("stoppedAt")
        return bool(ended and stopped and (stopped - ended).total_seconds() >= LINES_COME)

    def _read_after(self, pause: float) -> bool:
        self.clock.sleep(pause)
        return self._read()

    def own(self) -> dict[str, Any]:
        """The container that counts, as DescribeTasks shows it."""
        found: dict[str, Any] = next((item for item in self.task.get("containers", []) if item["name"] == self.container), {})
        # Why a task never started is said of the container that could not, or of the task.
        failed = stopped_task.failed_container(self.task, self.definition)
        return {"name": self.container, **({"reason": failed["reason"]} if failed.get("reason") else {}), **found}

    def result(self) -> TaskResult:
        """What is known of the task."""
        started, stopped = self.task.get("startedAt"), self.task.get("stoppedAt")
        place, region = self.log.place, self.arn.split(":")[3]
        known = {
            "task_arn": self.arn,
            "task_definition": self.task.get("taskDefinitionArn"),
            "exit_code": self.own().get("exitCode"),
            "stop_code": self.task.get("stopCode"),
            "stopped_reason": self.task.get("stoppedReason"),
            "started_at": started.isoformat() if started else None,
            "stopped_at": stopped.isoformat() if stopped else None,
            "seconds": round((stopped - started).total_seconds(), 1) if started and stopped else None,
            "task_url": stopped_task.task_url(region, self.arn),
            "lines": list(self.lines),
        }
        if place:
            url = stopped_task.log_url(region, place)
            known |= {"log_group": place["logGroupName"], "log_stream": place["logStreamName"], "log_url": url}
        return cast(TaskResult, {**EMPTY, **known})


def describe(ecs: Any, task_arn: str) -> dict[str, Any] | None:
    """The task as DescribeTasks shows it; None when ECS does not know it (yet, or any more)."""
    answer = aws.call(ecs, "DescribeTasks", cluster=task_arn.split("/")[-2], tasks=[task_arn])
    return dict(answer["tasks"][0]) if answer.get("tasks") else None
