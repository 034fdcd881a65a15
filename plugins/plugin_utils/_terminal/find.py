# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the terminal. A worker of ansible-core has neither its standard input nor, by default, a controlling terminal.

Strategies that run one task at a time for all hosts look an action up in the main process before they fork. So this file, imported by an
action, is imported there, opens the terminal by its name, and every worker inherits the descriptor. By name, because on macOS `/dev/tty`
is that of the session of whoever uses the descriptor.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import termios

NONE = (
    "a console needs a terminal, and standard input and output of this run are none: run ansible-playbook from a shell, not from a "
    "pipeline. For a single command: playbooks/run.yml -e 'command=\"<command>\"'"
)


def _inherited() -> int | None:
    """The descriptor for the workers; None where there is no terminal."""
    try:
        if not (os.isatty(0) and os.isatty(1)):
            return None
        terminal = os.open(os.ttyname(0), os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    saved, owner = termios.tcgetattr(terminal), os.getpid()

    def restore() -> None:
        """A worker that is killed by SIGKILL leaves the terminal raw."""
        if os.getpid() == owner:
            with contextlib.suppress(OSError, termios.error):
                signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                if termios.tcgetattr(terminal) != saved:
                    termios.tcsetattr(terminal, termios.TCSADRAIN, saved)

    atexit.register(restore)
    return terminal


_TERMINAL = _inherited()


def find() -> int | None:
    """A descriptor of the terminal, or None."""
    if _TERMINAL is not None:
        return _TERMINAL
    for name in _names(os.getppid()):
        with contextlib.suppress(OSError):
            terminal = os.open(name, os.O_RDWR | os.O_NOCTTY)
            if os.isatty(terminal):
                return terminal
            os.close(terminal)
    return None


def _names(parent: int) -> list[str]:
    """What may be the terminal of the main process, when this file was not imported there."""
    names = []
    with contextlib.suppress(OSError):
        names = [os.readlink(f"/proc/{parent}/fd/{number}") for number in (0, 1)]
        return [names[0]] if names[0] == names[1] and names[0].startswith(("/dev/pts/", "/dev/tty")) else []
    said = subprocess.run(["ps", "-o", "tty=", "-p", str(parent)], capture_output=True, text=True, check=False).stdout.strip()
    return [f"/dev/{said}"] if said and not said.startswith("?") else []
