# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which client enters a session, with which command line and environment."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

PLUGIN = "session-manager-plugin"
# Which client: the plugin where it can be run, or our own in any case.
AUTO, OWN = "auto", "own"
VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
# From this version on the plugin takes the answer of StartSession from its environment.
BY_ENVIRONMENT = (1, 2, 497, 0)


def check(client: str = AUTO, say: Callable[[str], None] = lambda _line: None) -> None:
    """Raises RailyardError when there is no client at all. A plugin that cannot be run is told, and is not used."""
    path = shutil.which(PLUGIN) if client == AUTO else None
    why = broken(path) if path else ""
    if path and not why:
        return
    if why:
        say(f"{path} cannot be run ({why}); this collection's own client is used instead, as it is with -e client=own")
    if importlib.util.find_spec("websockets") is None:
        raise RailyardError(
            f"a session needs {PLUGIN} on the PATH{f' ({path} is there and cannot be run: {why})' if why else ''}, or the Python library "
            f"websockets beside Ansible: {sys.executable} -m pip install websockets"
        )


def command(answer: dict[str, str], request: dict[str, Any], options: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """(words, environment) of the client's process.

    `answer`: {SessionId, StreamUrl, TokenValue}; `request`: what StartSession was asked, with its Target; `options`: {region, endpoint_url,
    credentials (AWS's environment variables), client, network (environment variables for proxy and certificates)}. Credentials and answer
    go into the environment, not into the command line.
    """
    own = {name: answer[name] for name in ("SessionId", "StreamUrl", "TokenValue")}
    plugin = shutil.which(PLUGIN) if options.get("client", AUTO) == AUTO else None
    if plugin is not None and broken(plugin):
        plugin = None
    by_environment = plugin is None or version(plugin) >= BY_ENVIRONMENT
    response = VARIABLE if by_environment else json.dumps(own)
    words = [response, options["region"], "StartSession", "", json.dumps(request), options["endpoint_url"] or ""]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
    given = {**options["credentials"], **options.get("network", {})}
    environment |= {name: value for name, value in given.items() if value}
    if by_environment:
        environment[VARIABLE] = json.dumps(own)
    if plugin is not None:
        return [plugin, *words], environment
    # What Ansible finds its libraries by stays.
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(Path(__file__).resolve().parents[1]), environment.get("PYTHONPATH"))))
    return [sys.executable, "-m", "_session.client", *words], environment


def blame(words: Sequence[str], code: int | None) -> str:
    """That it was the plugin which ended with an exit code, and what helps; "" for our own client. Pure."""
    if not code or os.path.basename(words[0]) != PLUGIN:
        return ""
    return f" That was {words[0]}, which {_ended(code)}. This collection's own client instead: -e client=own"


def _ended(code: int) -> str:
    """Pure."""
    number = -code if code < 0 else code - 128
    name = signal.Signals(number).name if number in set(signal.Signals) else ""
    return f"was killed by {name}" if name else f"ended with exit code {code}"


def broken(plugin: str) -> str:
    """Why the plugin cannot be run; "" when it can."""
    said = _asked(plugin)
    if isinstance(said, str):
        return said
    return f"`--version` {_ended(said.returncode)}" if said.returncode else ""


def version(plugin: str) -> tuple[int, ...]:
    """The plugin's version; () when it does not say."""
    said = _asked(plugin)
    try:
        return () if isinstance(said, str) else tuple(int(part) for part in said.stdout.split()[0].split("."))
    except (ValueError, IndexError):
        return ()


def _asked(plugin: str) -> subprocess.CompletedProcess[str] | str:
    try:
        return subprocess.run([plugin, "--version"], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL, check=False)
    except (OSError, ValueError) as error:
        return str(error)
    except subprocess.TimeoutExpired:
        return "it does not answer `--version` within 10 s"
