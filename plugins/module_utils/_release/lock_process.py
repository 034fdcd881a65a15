# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that holds the lock for a whole run of ansible-playbook, because a module ends before the run does.

It is forked by the module that takes the lock, gives heartbeats, watches the controller of the run, and releases the lock when that
has ended, however it ended. What a former holder has noted stays in the lock.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import signal
import time
from typing import Any, NoReturn

from .._codepipeline.own_execution import Ask, unasked
from .._core import process
from .._core.errors import RailyardError
from .._core.process import Process
from .._core.progress import Say
from .._s3 import store
from . import lock, lock_state
from .lock import EVERY, Lock, clock

LOOK = 1.0  # Seconds between two looks at the controller, where the system cannot tell of its end.
# Seconds within which it ends when it is told to: one call that is under way, and one that deletes the lock.
ENDS = 30.0


def hold(client: Any, wanted: dict[str, Any], say: Say, ask: Ask = unasked) -> dict[str, Any]:
    """Take the lock for the run whose controller is the process `controller`, and start the process that holds it.

    `wanted`: bucket, requested_by, reason, lock_timeout, controller, require_bucket. Returns {lock, holder}: both None where there is
    no bucket and none is required, no holder where another part of the same run has the lock. Raises RailyardError with who has it.
    """
    controller = process.identity(wanted["controller"])
    said = (wanted["requested_by"], wanted["reason"], wanted["lock_timeout"])
    try:
        held = lock.acquire(client, wanted["bucket"], *said, say, controller, ask=ask)
    except RailyardError as error:
        if error.code == "NoSuchBucket" and not wanted["require_bucket"]:
            return {"lock": None, "holder": None}
        if (error.details.get("lock") or {}).get("process") == controller:
            return {"lock": error.details["lock"], "holder": None}
        raise
    if held.left:
        say(lock_state.taken_over(held.left))
    return {"lock": held.shown, "holder": _start(held, controller)}


def let_go(client: Any, wanted: dict[str, Any]) -> None:
    """Release the lock that `hold` has taken. `wanted`: bucket, controller, holder. Raises RailyardError when it was lost meanwhile.

    The process that holds it learns of a loss at its next heartbeat only, so the lock itself is looked at before it ends.
    """
    try:
        stored = lock_state.read(client, wanted["bucket"])
    except RailyardError as error:
        _end(wanted["holder"])
        if error.code == "NoSuchBucket":
            return
        raise
    ended = _end(wanted["holder"])
    if stored and stored.value.get("process") == process.identity(wanted["controller"]):
        if not ended:
            store.delete(client, wanted["bucket"], lock_state.KEY, stored.etag)
        return
    now = f"now {lock_state.sentence(stored)}" if stored else "now nobody has it"
    raise RailyardError(f"the lock was taken from this run before it ended, and somebody else may have written too: {now}. Run it again")


def _start(held: Lock, controller: Process) -> Process:
    """Fork the process. Returns its identity."""
    child = os.fork()
    if child:
        return process.identity(child)
    try:
        _run(held, controller)
    finally:
        os._exit(0)


def _end(holder: Process) -> bool:
    """Tell the process to release the lock, and wait until it has ended. False when it was gone before: it lost the lock, or was killed."""
    if process.is_gone(holder):
        return False
    ended = _watch(holder)
    os.kill(holder["pid"], signal.SIGTERM)
    if ended is not None:
        select.select([ended], [], [], ENDS)
        return True
    started = clock()
    while not process.is_gone(holder) and clock() - started < ENDS:
        time.sleep(0.05)
    return True


def _run(held: Lock, controller: Process) -> NoReturn:
    """The main function of the process. It leaves the module's session and closes all its files."""
    os.setsid()
    told, writing = _listen()
    held.client.close()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    for last, kept in itertools.pairwise((2, *sorted((told, writing)), os.sysconf("SC_OPEN_MAX"))):
        os.closerange(last + 1, kept)
    os.chdir("/")
    ended, watch = _watch(controller), [told]
    watch += [] if ended is None else [ended]
    due = clock() + EVERY
    while not process.is_gone(controller):
        pause = max(0.0, due - clock())
        if select.select(watch, [], [], pause if ended is not None else min(pause, LOOK))[0]:
            break
        if clock() >= due:
            with contextlib.suppress(RailyardError):
                held.note()
            if held.lost.is_set():
                os._exit(0)
            due = clock() + EVERY
    with contextlib.suppress(RailyardError):
        held.release(finished=False)
    os._exit(0)


def _listen() -> tuple[int, int]:
    """A pipe that is readable after SIGTERM. Signals of the terminal are ignored; they are for the run."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGTERM, lambda *_unused: None)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    return reading, writing


def _watch(one: Process) -> int | None:
    """A file descriptor that is readable when a process has ended; None without pidfd_open (not Linux, or an old kernel)."""
    try:
        return os.pidfd_open(one["pid"])
    except (AttributeError, OSError):
        return None
