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


def live(client: Any, cluster: str) -> list[dict[str, Any]]:
    """The active service web by an ECS client, none or one. Raises RailyardError when ECS does not say."""
    return [dict(found) for found in service.describe(client, cluster, [WEB]) if found["status"] == "ACTIVE"]


def problems(web: list[dict[str, Any]], engine: str) -> list[Problem]:
    """What stands in the way of `engine`, codedeploy or ecs. Pure."""
    wrong = controller_move.problem(WEB, web[0], CONTROLLERS[engine]) if web else None
    return [Problem(wrong[0], ("railyard_engine",), wrong[1])] if wrong else []
