"""Run a command and say what it and everything it started cost: `python bench/reaper.py COMMAND …` prints one line of JSON.

What a command leaves behind, as ansible-playbook does the server of the warm connection, is not waited for by the command, and so its CPU
seconds are nowhere counted. This process takes the place of init for all that are left (PR_SET_CHILD_SUBREAPER, Linux) and waits for
them. The time on the clock ends with the command itself.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from typing import IO

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 30  # seconds for what was left to end


def adopt() -> bool:
    """Become the parent of every orphan among the descendants. False where the system cannot."""
    try:
        return bool(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (AttributeError, OSError):
        return False


def reap() -> bool:
    """Wait for all that the command has left. False when some of it did not end."""

    def late(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.alarm(PATIENCE)
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return True
    except TimeoutError:
        return False
    finally:
        signal.alarm(0)


def listen(stream: IO[str], lines: list[tuple[float, str]]) -> None:
    lines.extend((time.time(), line.rstrip("\n")) for line in stream)


def main(command: list[str]) -> int:
    adopted, lines, began = adopt(), list[tuple[float, str]](), time.time()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        listener = threading.Thread(target=listen, args=(process.stdout, lines))
        listener.start()
        code = process.wait()
        ended = time.time()
        whole = reap() and adopted
        listener.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"code": code, "began": began, "ended": ended, "cpu": used.ru_utime + used.ru_stime, "whole": whole, "lines": lines}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
