# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The terminal of lines that are followed, and Ctrl-C, which ends the following and not the run.

This file is imported in the main process as well: only there is the terminal, and only it gets Ctrl-C.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.plugin_utils import last_words

MARK = "follows"


def coloured(environment: dict[str, str], terminal: bool) -> bool:
    """Whether colours are shown: on a terminal, unless NO_COLOR says something (https://no-color.org)."""
    if environment.get("NO_COLOR") or environment.get("ANSIBLE_NOCOLOR"):
        return False
    return terminal or bool(environment.get("ANSIBLE_FORCE_COLOR"))


COLOURED = coloured(dict(os.environ), sys.stdout is not None and sys.stdout.isatty())


def _mark() -> Path:
    return Path(last_words.folder()) / MARK


def _forward() -> None:
    """In the main process, once: the first Ctrl-C is for whoever follows; it comes to nobody else."""
    if multiprocessing.parent_process() or threading.current_thread() is not threading.main_thread():
        return
    former = signal.getsignal(signal.SIGINT)
    if former is signal.SIG_IGN:
        return

    def interrupted(number: int, frame: Any) -> None:
        if not multiprocessing.parent_process():
            with contextlib.suppress(OSError, ValueError):
                process = int(_mark().read_text())
                _mark().unlink()
                os.kill(process, signal.SIGTERM)
                return
        if callable(former):
            former(number, frame)
        else:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupted)


_forward()


@contextmanager
def ended_by_signal() -> Iterator[tuple[Clock, Callable[[], bool]]]:
    """While inside, a clock whose waits end, and whether somebody wants the following to end: by a signal, or because nobody is left."""
    parent, over = os.getppid(), threading.Event()

    def end(_number: int, _frame: Any) -> None:
        over.set()

    def asked() -> bool:
        return over.is_set() or os.getppid() != parent

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    _mark().write_text(str(os.getpid()))
    try:
        yield Clock(sleep=lambda seconds: over.wait(seconds) and None), asked
    finally:
        _mark().unlink(missing_ok=True)
        for number, handler in before.items():
            signal.signal(number, handler)
