# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Enter a session with the person's terminal, or hold a local port open, until it is over."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.plugin_utils import aws
from ansible_collections.railyard.fargate.plugins.plugin_utils._session import choose
from ansible_collections.railyard.fargate.plugins.plugin_utils._terminal import find, relay

# Seconds between two looks: whether ansible-playbook is there, and what AWS says.
LOOKING, ASKING = 0.5, 5.0
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
    what: str = "the console",
) -> str:
    """How the person left it. Raises RailyardError when something else has ended `what` it is.

    `session`: StartSession's answer; `request`: what it was asked; `why` says why it is over, or None.
    """
    given = {"credentials": aws.environment(options), "network": aws.network(options)}
    words, environment = choose.command(session, request, {**options, **given})
    if screen is None:
        return _hold(words, environment, why, say)
    ended = relay.relay(screen, words, environment, why)
    blame = choose.blame(words, ended.code)
    if ended.code or (ended.code is None and ended.why != relay.LEFT):
        raise RailyardError(f"{what} was ended: {ended.why}{f'.{blame}' if blame else ''}")
    return str(ended.why)


@contextmanager
def watched(look: Why) -> Iterator[Why]:
    """While inside, what is called says why it is over, as `look` has found every few seconds in a thread; None while it is not."""
    over = threading.Event()
    found: list[str] = []

    def ask() -> None:
        while not over.wait(ASKING) and not found:
            try:
                why = look()
            except RailyardError:
                continue
            if why is not None:
                found.append(why)

    threading.Thread(target=ask, daemon=True).start()
    try:
        yield lambda: found[0] if found else None
    finally:
        over.set()


def _hold(words: list[str], environment: dict[str, str], why: Why, say: Callable[[str], None]) -> str:
    """Until whoever runs the playbook is gone. What the client says is shown as it comes.

    Nobody but this person ends a port: when the client ends by itself, or it is over, that is an error with the last words.
    """
    parent, said = os.getppid(), [""]

    def show(lines: Any) -> None:
        for line in lines:
            said.append(line.decode("utf-8", "replace").rstrip() or said[-1])
            say(said[-1])

    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment) as client:
        showing = threading.Thread(target=show, args=(client.stdout,), daemon=True)
        showing.start()
        try:
            while client.poll() is None:
                if os.getppid() != parent:
                    return "ansible-playbook is gone"
                if (over := why()) is not None:
                    raise RailyardError(f"the port was closed: {over}")
                time.sleep(LOOKING)
            showing.join(LOOKING)
            blame = choose.blame(words, client.returncode)
            raise RailyardError(f"the port was closed: {said[-1] or 'the session is over'}{f'.{blame}' if blame else ''}")
        finally:
            client.kill()
