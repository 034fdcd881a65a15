# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules of this run have returned, by host. The callback railyard.fargate.plans fills it in the controller."""

from __future__ import annotations

from typing import Any, TypedDict

from ..module_utils._drift import collected

OWN = "railyard.fargate."


class Refused(TypedDict):
    """A task that failed in a comparison, and its message."""

    task: str
    message: str


# Set by the callback: without it nothing is known of any task.
enabled = False
resources: dict[str, list[collected.Collected]] = {}
refused: dict[str, list[Refused]] = {}


def begin() -> None:
    """Of a new run nothing is known yet."""
    global enabled
    enabled = True
    resources.clear()
    refused.clear()


def take(host: str, action: str, result: dict[str, Any]) -> None:
    """Keep what a task says of resources. `action`: its module's full name."""
    if action.startswith(OWN):
        resources.setdefault(host, []).extend(collected.of_result(action.removeprefix(OWN), result))


def take_refusal(host: str, task: str, message: str) -> None:
    refused.setdefault(host, []).append({"task": task, "message": message})
