# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who deploys web, and whether AWS would let the declared engine take it over now."""

from __future__ import annotations

from typing import Any

from .._ecs import controller_move, service
from .problem import Problem

CONTROLLERS = {"codedeploy": "CODE_DEPLOY", "ecs": "ECS"}
WEB = "web"


def look(client: Any, cluster: str, engine: str) -> list[Problem]:
    """By an ECS client, what stands in the way of `engine` (`codedeploy` or `ecs`). Raises RailyardError when ECS does not say."""
    found = [live for live in service.describe(client, cluster, [WEB]) if live["status"] == "ACTIVE"]
    wrong = controller_move.problem(WEB, found[0], CONTROLLERS[engine]) if found else None
    return [Problem(wrong[0], ("railyard_engine",), wrong[1])] if wrong else []
