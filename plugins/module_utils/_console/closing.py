# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a console: session, task, node and activation go, whatever became of the steps before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import aws
from .._core.clock import REAL, Clock
from .._core.errors import RailyardError
from .._ssm import activation, node
from . import found

Item = dict[str, Any]
Clients = dict[str, Any]
GONE = {"DoesNotExistException", "InvalidParameterException"}
TRIES, PAUSE = 3, 1.0


def close(clients: Clients, cluster: str, identity: str, why: str, clock: Clock = REAL) -> found.Found:
    """Take away what there is of a console; what is left, which is nothing unless AWS refused. Raises nothing of AWS's.

    The activation goes first, so that nothing registers any more. An agent may just have done it: where a task was and no node, it looks
    again.
    """
    left = found.Found()
    for _attempt in range(TRIES):
        try:
            seen = found.look(clients, cluster, identity)
        except RailyardError:
            clock.sleep(PAUSE)
            continue
        left = _take_away(clients, cluster, seen, why)
        if not left and (seen.nodes or not seen.tasks):
            break
        clock.sleep(PAUSE)
    return left


def _take_away(clients: Clients, cluster: str, seen: found.Found, why: str) -> found.Found:
    """What could not be taken away."""
    ssm, ecs = clients["ssm"], clients["ecs"]
    return found.Found(
        activations=_each(seen.activations, lambda name: activation.delete(ssm, name)),
        sessions=_each(seen.sessions, lambda name: aws.find(ssm, "TerminateSession", GONE, SessionId=name)),
        tasks=_each(seen.tasks, lambda name: aws.find(ecs, "StopTask", GONE, cluster=cluster, task=name, reason=why)),
        nodes=_each(seen.nodes, lambda name: node.deregister(ssm, name)),
    )


def _each(names: list[str], take_away: Callable[[str], Any]) -> list[str]:
    left = []
    for name in names:
        try:
            take_away(name)
        except RailyardError:
            left.append(name)
    return left
