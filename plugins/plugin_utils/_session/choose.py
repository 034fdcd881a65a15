# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which client enters a session, with which command line and environment."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

PLUGIN = "session-manager-plugin"
VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
# From this version on the plugin takes the answer of StartSession from its environment.
BY_ENVIRONMENT = (1, 2, 497, 0)


def check() -> None:
    """Raises RailyardError when there is no client at all."""
    if shutil.which(PLUGIN) is None and importlib.util.find_spec("websockets") is None:
        raise RailyardError(
            f"a session needs {PLUGIN} on the PATH, or the Python library websockets beside Ansible: {sys.executable} -m pip install "
            "websockets"
        )


def command(answer: dict[str, str], request: dict[str, Any], options: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """(words, environment) of the client's process.

    `answer`: {SessionId, StreamUrl, TokenValue}; `request`: what StartSession was asked, with its Target; `options`: {region, endpoint_url,
    credentials (AWS's environment variables)}. Credentials and answer go into the environment, not into the command line.
    """
    own = {name: answer[name] for name in ("SessionId", "StreamUrl", "TokenValue")}
    plugin = shutil.which(PLUGIN)
    by_environment = plugin is None or version(plugin) >= BY_ENVIRONMENT
    response = VARIABLE if by_environment else json.dumps(own)
    words = [response, options["region"], "StartSession", "", json.dumps(request), options["endpoint_url"] or ""]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
    environment |= {name: value for name, value in options["credentials"].items() if value}
    if by_environment:
        environment[VARIABLE] = json.dumps(own)
    if plugin is not None:
        return [plugin, *words], environment
    # What Ansible finds its libraries by stays.
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(Path(__file__).resolve().parents[1]), environment.get("PYTHONPATH"))))
    return [sys.executable, "-m", "_session.client", *words], environment


def version(plugin: str) -> tuple[int, ...]:
    """The plugin's version; () when it does not say."""
    try:
        said = subprocess.run([plugin, "--version"], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL, check=False)
        return tuple(int(part) for part in said.stdout.split()[0].split("."))
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired):
        return ()
