# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions that show what a module says while it runs. A module itself can only answer once, at its end.

This file is imported in the main process as well, where Ansible looks for the action: there it begins to notice interruptions.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.railyard.fargate.plugins.plugin_utils import commands, last_words

OPTION = "progress"
PAUSE = 0.2

last_words.notice()


class WatchedAction(ActionBase):
    """Runs the module of the same name with the option `progress`, and shows each line of that file at once.

    A module that runs on another machine, a task with `no_log`, and one that names a file of its own run as they are.
    """

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        given, variables = dict(self._task.args), task_vars or {}
        if given.get(OPTION) or self._task.no_log or self._connection.transport != "local":
            return dict(self._execute_module(module_args=given, task_vars=variables))
        folder = Path(tempfile.mkdtemp(prefix="progress", dir=last_words.folder()))
        path = folder / last_words.LINES
        path.touch(0o600)
        (folder / last_words.LIMIT).write_text(commands.limit(variables))
        with shown(path, shower(variables)):
            result = dict(self._execute_module(module_args={**given, OPTION: str(path)}, task_vars=variables))
        if not (folder / last_words.LAST).exists():
            shutil.rmtree(folder, ignore_errors=True)
        return result


def shower(variables: dict[str, Any]) -> Callable[[str], None]:
    """Shows a line, with the host's name before it where several hosts are in the play."""
    several = len(variables.get("ansible_play_hosts_all") or []) > 1
    before = f"{variables.get('inventory_hostname')} | " if several else ""
    return lambda line: Display().display(f"{before}{line}")


@contextmanager
def shown(path: Path, show: Callable[[str], None]) -> Iterator[None]:
    """While inside, what is appended to the file is shown line by line; at the end nothing of it has been left out."""
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(path, show, ended), name=OPTION, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _watch(path: Path, show: Callable[[str], None], ended: threading.Event) -> None:
    rest = b""
    with path.open("rb") as file:
        last = False
        while not last:
            # What was written before the end was said is read after it.
            last = ended.wait(PAUSE)
            *lines, rest = (rest + file.read()).split(b"\n")
            for line in lines:
                show(line.decode("utf-8", "replace"))
    if rest:
        show(rest.decode("utf-8", "replace"))
