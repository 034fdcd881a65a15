# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closes a console: deletes its session, task, node and activation, also after an error in an earlier step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import aws
from .._core.clock import REAL, Clock
from .._core.errors import RailyardError
from .._ssm import activation, node
from . import queries

Clients = dict[str, Any]
GONE = {"DoesNotExistException", "InvalidParameterException", "ClusterNotFoundException"}
GONE_DEFINITION = {"ClientException", "InvalidParameterException"}
TRIES, PAUSE = 3, 1.0


def close(
    clients: Clients,
    cluster: str,
    identity: str,
    why: str,
    clock: Clock = REAL,
    known: queries.Resources | None = None,
    hybrid: bool = True,
) -> queries.Resources:
    """Take away what there is of a console. Returns what is left, or could not be looked for; raises nothing of AWS's.

    What is `known` of it is taken away without looking. An agent may just have registered: where a task was and no node, it looks again.
    """
    left = known or queries.Resources()
    for attempt in range(TRIES):
        if attempt:
            clock.sleep(PAUSE)
        seen = queries.read(clients, cluster, identity, left, hybrid)
        left = _take_away(clients, cluster, seen, why)
        if not left and (seen.nodes or not seen.tasks or not hybrid):
            break
    return left


def _take_away(clients: Clients, cluster: str, seen: queries.Resources, why: str) -> queries.Resources:
    """The resources that could not be deleted or read."""
    ssm, ecs = clients["ssm"], clients["ecs"]
    take_away: dict[str, Callable[[str], Any]] = {
        "activations": lambda name: activation.delete(ssm, name),
        "parameters": lambda name: aws.find(ssm, "DeleteParameter", {"ParameterNotFound"}, Name=name),
        "sessions": lambda name: aws.find(ssm, "TerminateSession", GONE, SessionId=name),
        "tasks": lambda name: aws.find(ecs, "StopTask", GONE, cluster=cluster, task=name, reason=why),
        "nodes": lambda name: node.deregister(ssm, name),
        "definitions": lambda name: aws.find(ecs, "DeregisterTaskDefinition", GONE_DEFINITION, taskDefinition=name),
    }
    left = queries.Resources(unseen=seen.unseen)
    for kind in queries.KINDS:
        for name in getattr(seen, kind):
            try:
                take_away[kind](name)
            except RailyardError as error:
                getattr(left, kind).append(name)
                left.refused[name] = error.message
    return left
