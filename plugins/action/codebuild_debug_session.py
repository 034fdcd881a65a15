# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import secrets
import sys
from typing import Any

import yaml
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.railyard.fargate.plugins.module_utils._codebuild import build, debug_session
from ansible_collections.railyard.fargate.plugins.module_utils._codebuild.debug_session import Pause, Wanted
from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import failed_build
from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import REAL
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.plugin_utils import aws

# The terminal is found while this file is imported, which is in the main process: only there standard input is the terminal.
from ansible_collections.railyard.fargate.plugins.plugin_utils._console import ending, entering
from ansible_collections.railyard.fargate.plugins.plugin_utils._session import choose

SERVICES = ("codepipeline", "codebuild", "ssm", "logs")
WHAT = "the session"
SPEC: dict[str, Any] = {
    "pipeline": {"type": "str", "required": True},
    "execution_id": {"type": "str"},
    "stage": {"type": "str"},
    "minutes": {"type": "int", "default": 60},
    "requested_by": {"type": "str", "required": True},
    "client": {"type": "str", "choices": ["auto", "own"], "default": "auto"},
}
ENTERED = """
  its source     cd $CODEBUILD_SRC_DIR
  its variables  . ${TMPDIR:-/tmp}/build.sh
  go on          codebuild-resume
  leave          exit, which stops the build; if nothing answers: Enter, then ~.
"""


class ActionModule(ActionBase):
    """A debug session's whole life in one process, so that its end is reached whatever happens."""

    TRANSFERS_FILES = False
    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _unused, options = self.validate_argument_spec({**SPEC, **aws.OPTIONS, **aws.MORE})
        try:
            return {"changed": True, **debugged(options, self._task.check_mode)}
        except RailyardError as error:
            return {"failed": True, "msg": error.message, **error.details}


def debugged(options: dict[str, Any], check: bool) -> dict[str, Any]:
    """Find the build, say what there is to know, and enter one like it."""
    if not 5 <= options["minutes"] <= 36 * 60:
        raise RailyardError(f"minutes: {options['minutes']}; CodeBuild takes 5 to 2160")
    terminal = None if check else entering.terminal()
    if not check:
        choose.check(options["client"], say)
    clients = aws.clients(options, SERVICES)
    given, source = failed_build.find(clients, options["pipeline"], options["execution_id"], options["stage"])
    limits = debug_session.limits(given, options["minutes"])
    pause = debug_session.pause(read(given), given)
    identity = f"debug-{secrets.token_hex(6)}"
    wanted = Wanted(given, source, options["requested_by"], options["minutes"], identity)
    for line in (introduction(wanted, pause, check), *limits):
        say(line)
    known = {"failed_build": given["id"], "source": source, "phase": pause.phase.upper(), "command": pause.command}
    if check:
        return {**known, "build": None, "ended": None, "cost": None}
    take_away(clients, wanted.project)
    return {**known, **entered(options, clients, wanted, pause, terminal)}


def read(given: dict[str, Any]) -> dict[str, Any] | None:
    """The specification of a build; None where it is a file of the source. Words stay words: YAML would take `yes` for a truth."""
    try:
        found = yaml.load(given.get("source", {}).get("buildspec") or "", Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return None
    return {**found, "version": 0.2} if isinstance(found, dict) and isinstance(found.get("phases"), dict) else None


def introduction(wanted: Wanted, pause: Pause, check: bool) -> str:
    """What is begun again, and where it pauses. Pure."""
    begins, pauses = ("would begin", "pause") if check else ("begins", "pauses")
    commit = f" of commit {wanted.commit[:12]}" if wanted.commit else ""
    said = f"build {wanted.given['id']}{commit} {begins} again with its source, image and variables, and {pauses} in {pause.phase.upper()}"
    return f"{said}, before the command that failed:\n  {pause.command}" if pause.command else said


def take_away(clients: dict[str, Any], project: str) -> None:
    """Stop what a run has left that could not come to its end, and tell of those who are in a session now."""
    left, used = debug_session.left(clients, project)
    for one in left:
        debug_session.stop(clients, one["id"], REAL)
        say(f"build {one['id']}, which a session of {debug_session.variable(one, debug_session.REQUESTED_BY)} had left, is stopped")
    for one in used:
        say(f"{debug_session.variable(one, debug_session.REQUESTED_BY)} is in a session, too: build {one['id']}")


def entered(options: dict[str, Any], clients: dict[str, Any], wanted: Wanted, pause: Pause, terminal: int | None) -> dict[str, Any]:
    """Begin the build, enter it, stop it. The end of it is the same for every way out."""
    text = yaml.safe_dump(pause.spec, sort_keys=False, width=10000)
    session = ""
    try:
        with ending.noticed(WHAT) as clock:
            try:
                found = debug_session.begin(clients, wanted, text, pause.phase, say, clock)
                answer = debug_session.connect(clients, found, clock)
                session = answer["SessionId"]
                say(ENTERED)
                with entering.watched(lambda: debug_session.over(clients["codebuild"], found["id"])) as why:
                    request = {"Target": found["debugSession"]["sessionTarget"]}
                    ended = entering.enter(terminal, answer, request, options, why, say, WHAT)
            finally:
                ending.ignore_signals()
    finally:
        stopped = close(clients, wanted, session, sys.exception())
    return {"build": stopped["id"] if stopped else None, "ended": ended, "cost": stopped["cost"] if stopped else None}


def close(clients: dict[str, Any], wanted: Wanted, session: str, error: BaseException | None) -> build.Build | None:
    """Stop the build, also one that was started and not answered. Raises RailyardError where AWS does not confirm it."""
    try:
        if session:
            debug_session.end_session(clients["ssm"], session)
        own = debug_session.ours(clients["codebuild"], wanted.project)
        stopped = None
        for one in own:
            if debug_session.variable(one, debug_session.IDENTITY) == wanted.identity:
                stopped = debug_session.stop(clients, one["id"], REAL)
                price = f", and cost ${stopped['cost']:.3f}" if stopped["cost"] else ""
                say(f"build {one['id']} is stopped{price}")
        return stopped
    except RailyardError as other:
        before = f"{error}. " if isinstance(error, RailyardError) else ""
        raise RailyardError(
            f"{before}AWS was asked to stop the build, and did not confirm it: {other.message}. It ends by itself after {wanted.minutes} "
            "minutes; the next playbooks/pipeline.yml -e do=shell stops what nobody is in"
        ) from other


def say(line: str) -> None:
    Display().display(line)
