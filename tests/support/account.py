"""CPU seconds of each test, with those of all processes that it has started, and at the end the slowest tests of each part.

The kernel counts for a group of processes (cgroup), also those that nobody waits for, as an emulator or the server of a run. Where no
group can be made, what a test leaves behind is missing in its seconds.
"""

from __future__ import annotations

import os
import resource
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

SLOWEST = 10
CGROUPS = Path("/sys/fs/cgroup")
NAME = "cpu seconds"
LOOKS = 20


def _own_groups() -> Iterator[Path]:
    """The folders of groups that this process is in, and that count the processor's time."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _number, controllers, path = line.split(":", 2)
            group = CGROUPS / controllers / path.lstrip("/")
            if (not controllers or "cpuacct" in controllers.split(",")) and (group / "cgroup.procs").exists():
                yield group


class Group:
    """This process and all that it starts from now on."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        for parent in _own_groups():
            folder = parent / f"railyard-tests-{os.getpid()}"
            with suppress(OSError):
                folder.mkdir()
                self.folder = folder
                (folder / "cgroup.procs").write_text(str(os.getpid()))
                if self.seconds() >= 0:
                    return
            self.leave()

    def seconds(self) -> float:
        if self.folder is None:
            used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
            return sum(each.ru_utime + each.ru_stime for each in used)
        if (usage := self.folder / "cpuacct.usage").exists():
            return int(usage.read_text()) / 1e9
        return int((self.folder / "cpu.stat").read_text().split()[1]) / 1e6

    def adopt(self, process: int) -> None:
        if self.folder is not None:
            with suppress(OSError):
                (self.folder / "cgroup.procs").write_text(str(process))

    def leave(self) -> None:
        """Give back the group; who is still in it goes where it came from, who is forked meanwhile after the next look."""
        for _look in range(LOOKS):
            if self.folder is None:
                return
            with suppress(OSError):
                for process in (self.folder / "cgroup.procs").read_text().split():
                    with suppress(OSError):
                        (self.folder.parent / "cgroup.procs").write_text(process)
            with suppress(OSError):
                self.folder.rmdir()
                self.folder = None
        self.folder = None


_group: Group | None = None


def adopt(process: int) -> None:
    """From now on count what a process uses that was forked from another worker's."""
    if _group:
        _group.adopt(process)


class Worker:
    """Counts, in each process that runs tests."""

    def __init__(self) -> None:
        global _group
        self.group = _group = Group()
        self.before = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        self.before = self.group.seconds()
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.when == "teardown":
            item.user_properties.append((NAME, self.group.seconds() - self.before))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self.group.leave()


class Account:
    """Adds up, in the process that talks to a person. `parts`: beginnings of tests' names by part."""

    def __init__(self, parts: dict[str, tuple[str, ...]]) -> None:
        self.parts = parts
        self.tests: dict[str, dict[str, float]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, value in report.user_properties:
            if report.when == "teardown" and name == NAME:
                part = next((part for part, beginnings in self.parts.items() if report.nodeid.startswith(beginnings)), "others")
                self.tests[part][report.nodeid] = float(str(value))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        said = terminalreporter.write_line
        for part, tests in sorted(self.tests.items(), key=lambda item: -sum(item[1].values())):
            said(f"{part:10} {sum(tests.values()):6.0f} CPU s  {len(tests):5} tests, the slowest:")
            for name, seconds in sorted(tests.items(), key=lambda item: -item[1])[:SLOWEST]:
                if seconds >= 1:
                    said(f"    {seconds:6.1f}  {name}")
        total = sum(sum(tests.values()) for tests in self.tests.values())
        said(f"{total:.0f} CPU s in all, without the collection of the tests")
