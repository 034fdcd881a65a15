# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.railyard.fargate.plugins.module_utils._console import closing, opening, queries, request
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecs.followed_task import describe
from ansible_collections.railyard.fargate.plugins.module_utils._environment import naming
from ansible_collections.railyard.fargate.plugins.plugin_utils import aws

# The terminal is found while this file is imported, which is in the main process: only there standard input is the terminal.
from ansible_collections.railyard.fargate.plugins.plugin_utils._console import ending, entering
from ansible_collections.railyard.fargate.plugins.plugin_utils._session import choose

SERVICES = ("ssm", "ecs", "ecr", "logs")
# AWS's words for keys that have ended, and botocore's for such that it could not renew.
ENDED = re.compile("ExpiredToken|RequestExpired|UnrecognizedClient|InvalidClientTokenId|still expired|Token has expired")
SWEEP = (
    "playbooks/sweep.yml shows what is left, playbooks/sweep.yml -e sweep=yes takes it away; a task that still runs ends after {} minutes"
)
SPEC: dict[str, Any] = {
    "names": {"type": "dict", "required": True},
    "mode": {"type": "str", "choices": ["hybrid", "exec"], "default": "hybrid"},
    "command": {"type": "str"},
    "write": {"type": "bool", "default": False},
    "protected": {"type": "bool", "default": True},
    "requested_by": {"type": "str", "required": True},
    "reason": {"type": "str", "default": ""},
    "image": {"type": "str"},
    "minutes": {"type": "int", "default": 60},
    "forward": {"type": "int"},
    "advanced_tier": {"type": "bool", "default": False},
    "client": {"type": "str", "choices": ["auto", "own"], "default": "auto"},
}
OWN = (
    "mode",
    "command",
    "write",
    "protected",
    "requested_by",
    "reason",
    "image",
    "minutes",
    "forward",
)


class ActionModule(ActionBase):
    """A console's whole life in one process, so that its end is reached whatever happens."""

    TRANSFERS_FILES = False
    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _unused, options = self.validate_argument_spec({**SPEC, **aws.OPTIONS, **aws.MORE})
        wanted = request.Request(naming.of_option(options["names"]), **{name: options[name] for name in OWN})
        try:
            if self._task.check_mode:
                return {"changed": True, "console": wanted.identity, "session": None, "ended": None, **predicted(options, wanted)}
            return {"changed": True, "console": wanted.identity, **entered(options, wanted)}
        except RailyardError as error:
            return {"failed": True, "msg": error.message, "console": wanted.identity, **error.details}


def predicted(options: dict[str, Any], wanted: request.Request) -> dict[str, Any]:
    found: dict[str, Any] = opening.predict(aws.clients(options, SERVICES), wanted)
    return found


def entered(options: dict[str, Any], wanted: request.Request) -> dict[str, Any]:
    """Open, enter, close. The end of it is the same for every way out."""
    terminal = entering.terminal() if wanted.forward is None else None
    choose.check(options["client"], say)
    request.check(wanted)
    clients = aws.clients(options, SERVICES)
    warn(options, wanted.minutes)
    if opening.allow(clients["ssm"], wanted.mode, options["advanced_tier"]):
        say("hybrid nodes of this account and Region are in the advanced-instances tier now")
    known = queries.Resources()
    with ending.noticed() as clock:
        try:
            opened = opening.begin(clients, wanted, say, clock, known)
            session = opening.session(clients, wanted, opened, clock)
            known.sessions.append(session["SessionId"])
            say(introduction(wanted))
            with entering.watched(lambda: opening.stopped(clients, describe(clients["ecs"], opened["task"]) or {})) as why:
                ended = entering.enter(terminal, session, opening.session_parameters(wanted, opened), options, why, say)
            return {"image": opened["image"], "command": request.line(wanted), "session": session["SessionId"], "ended": ended}
        finally:
            error = sys.exception()
            try:
                ending.ignore_signals()
            finally:
                close(clients, wanted, known, error, lambda: aws.clients(options, SERVICES))


def warn(options: dict[str, Any], minutes: int, now: datetime | None = None) -> None:
    """Say before anything is made that the keys end before the console does: without keys nothing can be taken away."""
    keys = aws.keys_of(options)
    if keys is None or keys["ends"] is None or keys["ends"] >= (now or datetime.now(UTC)) + timedelta(minutes=minutes):
        return
    renewed = (
        " They are renewed as long as your sign-in lasts." if keys["renewed"] else " Sign in again before you open it, or say -e minutes=…"
    )
    Display().warning(
        f"your keys end at {keys['ends']:%H:%M} UTC, before the {minutes} minutes of this console do; what was made for it cannot be taken "
        f"away without keys.{renewed}"
    )


def close(
    clients: dict[str, Any],
    wanted: request.Request,
    known: queries.Resources,
    error: BaseException | None = None,
    renew: Callable[[], dict[str, Any]] | None = None,
) -> None:
    """Take it away. Raises RailyardError with what may be left, and with the `error` that ended the console before.

    `renew` makes clients with the keys that there are now, where those of `clients` have ended.
    """
    named = {"why": f"{wanted.requested_by} left", "hybrid": wanted.mode == request.HYBRID}
    left = closing.close(clients, wanted.names.cluster, wanted.identity, known=known, **named)
    if left and renew is not None and ENDED.search(str(left)):
        left = closing.close(renew(), wanted.names.cluster, wanted.identity, known=left, **named)
    if not left:
        say("nothing of it is left behind")
        return
    before = f"{error}. " if isinstance(error, (RailyardError, ending.Over)) else ""
    raise RailyardError(f"{before}AWS was asked to take everything away, and did not confirm it: {left}. {SWEEP.format(wanted.minutes)}")


def say(line: str) -> None:
    Display().display(line)


def introduction(wanted: request.Request) -> str:
    if wanted.forward is not None:
        return "Ctrl-C ends it."
    if request.sandboxed(wanted):
        return "What you change is rolled back when you leave; to keep it: -e write=yes. If it does not answer: Enter, then ~. leaves it."
    return f"What you change in {wanted.names.environment} stays. If it does not answer: Enter, then ~. leaves it."
