# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ctrl-C, SIGTERM or a terminal that is closed, while a module works: it is asked to end well, and what it has to say is shown last.

ansible-playbook alone would end its workers at once, and their modules with them. So its main process first asks the modules, and waits.
A second Ctrl-C ends everything at once.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import shutil
import signal
import threading
import time
from pathlib import Path
from typing import Any

import ansible.constants as C

from ansible_collections.railyard.fargate.plugins.plugin_utils import commands

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What is beside a module's `progress`: its process, its last words, and the host that commands must name.
LINES, PROCESS, LAST, LIMIT = "lines", "lines.pid", "lines.last", "limit"
PATIENCE = 45.0
PAUSE = 0.1
ASKED = "\nInterrupted. What goes on is being written down; a second Ctrl-C ends this at once.\n"
UNKNOWN = "What was begun may go on. To look: playbooks/releases.yml and playbooks/sweep.yml"
_former: dict[int, Any] = {}
# What a whole run says that has the environment's lock, by what it does with it. Its modules are too short to be asked.
OF_RUN = {
    "converging": "What was made stays; what AWS has begun, the creation of a database for example, goes on by itself. Next: site.yml",
    "destroying": "What is gone is gone; what AWS deletes at this moment goes on by itself. Next: playbooks/destroy.yml",
    "repairing": "What was repaired stays repaired. Next: playbooks/repair.yml",
}
RUN = "run."
# The task that runs, for which a callback cares.
under_way = ""


def folder() -> Path:
    """Of this run alone; Ansible takes it away at the end."""
    path = Path(C.DEFAULT_LOCAL_TMP) / "working"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def of_run(reason: str, host: str, limit: str) -> None:
    """From now on a run that is interrupted says how to go on with what it does for a host. `limit`: the host that commands must name."""
    if reason in OF_RUN:
        place = folder() / f"{RUN}{host}"
        place.mkdir(mode=0o700, exist_ok=True)
        (place / LIMIT).write_text(limit)
        (place / LAST).write_text(f"{host}: interrupted while {reason}. {OF_RUN[reason]}")


def done(host: str) -> None:
    """Nothing is left to be said of a host."""
    shutil.rmtree(folder() / f"{RUN}{host}", ignore_errors=True)


def notice() -> None:
    """From now on ask modules to end well. Only in the main process, once, and not for a signal that is ignored, as with nohup."""
    if multiprocessing.parent_process() or threading.current_thread() is not threading.main_thread() or _former:
        return
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            _former[number] = signal.getsignal(number)
            signal.signal(number, _ended)


def _ended(number: int, frame: Any) -> None:
    """What Ansible does comes after what the modules do."""
    former = _former[number]
    signal.signal(number, former if callable(former) else signal.SIG_DFL)
    if not multiprocessing.parent_process() and (working := asked()):
        signal.signal(number, signal.SIG_DFL)
        _say(ASKED)
        wait(working)
        signal.signal(number, former if callable(former) else signal.SIG_DFL)
    said = "" if multiprocessing.parent_process() else words()
    if said and number == signal.SIGINT:
        atexit.register(_say, said)
    elif said:
        _say(said)
    if callable(former):
        former(number, frame)
    else:
        os.kill(os.getpid(), number)


def asked() -> list[Path]:
    """Ask all modules that work to end; their folders."""
    working = []
    for file in folder().glob(f"*/{PROCESS}"):
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(file.read_text()), signal.SIGTERM)
            working.append(file.parent)
    return working


def wait(working: list[Path]) -> None:
    """Until each has said its last words, or is gone."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and any(_works(one) for one in working):
        time.sleep(PAUSE)


def _works(one: Path) -> bool:
    if (one / LAST).exists():
        return False
    try:
        os.kill(int((one / PROCESS).read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def words() -> str:
    """What the modules have said at their end, with commands of this run."""
    said = []
    for one in sorted(folder().iterdir()):
        text = (one / LAST).read_text() if (one / LAST).exists() else UNKNOWN if (one / PROCESS).exists() else ""
        if text:
            text = f"{text}\nUnder way was: {under_way}" if under_way and one.name.startswith(RUN) else text
            said.append(commands.completed(text, commands.of_run(), (one / LIMIT).read_text()))
    return "\n\n" + "\n\n".join(dict.fromkeys(said)) + "\n" if said else ""


def _say(text: str) -> None:
    """Past Ansible's own output, which may be at its end. A terminal that is closed shows nothing."""
    with contextlib.suppress(OSError):
        os.write(1, text.encode())
