# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether AWS would let the declared engine take over the service web now."""

from __future__ import annotations

from typing import Any

from .._ecs import controller_move, service
from .problem import Problem

CONTROLLERS = {"codedeploy": "CODE_DEPLOY", "ecs": "ECS"}
WEB = "web"


def live(client: Any, cluster: str) -> list[dict[str, Any]]:
    """The active service web of a cluster, as a list of none or one. Raises RailyardError when the call fails."""
    return [dict(found) for found in service.describe(client, cluster, [WEB]) if found["status"] == "ACTIVE"]


def problems(web: list[dict[str, Any]], engine: str) -> list[Problem]:
    """A problem when the service cannot come to `engine`, codedeploy or ecs. `web`: what `live` returns. Pure."""
    wrong = controller_move.problem(WEB, web[0], CONTROLLERS[engine]) if web else None
    return [Problem(wrong[0], ("railyard_engine",), wrong[1])] if wrong else []
