"""What ansible-playbook does with a console, without Ansible: `python -m tests.support.entering PLAN`.

PLAN: a file with {words, environment, first_output, imported: whether the main process has imported the terminal's module}. Beside it
`over` may say why it is over, `worker` tells the worker's process, and `ended` says how it ended: {code, why, restored}. The worker has a
session of its own, and no terminal at its descriptors 0 to 2, as Ansible's have.
"""

from __future__ import annotations

import json
import os
import sys
import termios
from dataclasses import asdict
from pathlib import Path
from typing import Any

from plugins.plugin_utils._terminal import find, relay


def main(plan: Path) -> int:
    worker = os.fork()
    if worker == 0:
        work(plan)
        os._exit(0)
    os.waitpid(worker, 0)
    return 0


def work(plan: Path) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    (plan.parent / "worker").write_text(str(os.getpid()))
    wanted, over = json.loads(plan.read_text()), plan.parent / "over"

    def watch() -> str | None:
        return over.read_text() if over.exists() else None

    if not wanted["imported"]:
        find._TERMINAL = None
    terminal = find.find()
    assert terminal is not None, find.NONE
    before = mode(terminal)
    ended = relay.relay(terminal, wanted["words"], wanted["environment"], watch, wanted["first_output"])
    written = plan.parent / "ended.part"
    written.write_text(json.dumps({**asdict(ended), "restored": mode(terminal) in (before, None)}))
    written.rename(plan.parent / "ended")


def mode(terminal: int) -> list[Any] | None:
    """None when the terminal is gone."""
    try:
        return list(termios.tcgetattr(terminal))
    except termios.error:
        return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
