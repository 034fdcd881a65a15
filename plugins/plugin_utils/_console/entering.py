# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Enter a session with the person's terminal, or hold a local port open, until it is over."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.plugin_utils import aws
from ansible_collections.railyard.fargate.plugins.plugin_utils._session import choose
from ansible_collections.railyard.fargate.plugins.plugin_utils._terminal import find, relay

LOOKING = 0.5
Why = Callable[[], str | None]


def terminal() -> int:
    """The person's. Raises RailyardError where there is none."""
    found = find.find()
    if found is None:
        raise RailyardError(find.NONE)
    return int(found)


def enter(
    screen: int | None,
    session: dict[str, Any],
    request: dict[str, Any],
    options: dict[str, Any],
    why: Why,
    say: Callable[[str], None],
) -> str:
    """How the person left it. Raises RailyardError when something else has ended it.

    `session`: StartSession's answer; `request`: what it was asked; `why` says why it is over, or None.
    """
    words, environment = choose.command(session, request, {**options, "credentials": aws.environment(options)})
    if screen is None:
        return _hold(words, environment, why, say)
    ended = relay.relay(screen, words, environment, why)
    if ended.code or (ended.code is None and ended.why != relay.LEFT):
        raise RailyardError(f"the console was ended: {ended.why}")
    return str(ended.why)


def _hold(words: list[str], environment: dict[str, str], why: Why, say: Callable[[str], None]) -> str:
    """Until the client ends, whoever runs the playbook is gone, or it is over. What the client says is shown as it comes."""
    parent = os.getppid()
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment) as client:
        threading.Thread(target=_show, args=(client.stdout, say), daemon=True).start()
        try:
            while client.poll() is None:
                if os.getppid() != parent:
                    return "ansible-playbook is gone"
                if (over := why()) is not None:
                    return over
                time.sleep(LOOKING)
            return "it ended"
        finally:
            client.kill()


def _show(lines: Any, say: Callable[[str], None]) -> None:
    for line in lines:
        say(line.decode("utf-8", "replace").rstrip())
