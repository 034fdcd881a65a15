# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service goes from one deployment controller to the other. Pure.

AWS takes a service from CODE_DEPLOY to ECS in place, and nowhere back (rule ECS-U5):
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/migrate-codedeploy-to-ecs-bluegreen.html
"""

from __future__ import annotations

from typing import Any

from .._core.errors import RailyardError


def problem(name: str, live: dict[str, Any], wanted: str) -> tuple[str, str] | None:
    """What AWS would refuse, and what would be right; None when `wanted` is the controller already, or can become it now."""
    if live["deployment_controller"] == wanted:
        return None
    if (live["deployment_controller"], wanted) != ("CODE_DEPLOY", "ECS"):
        what = f"service {name} is under {live['deployment_controller']}, declared is {wanted}; AWS takes a service from CODE_DEPLOY to ECS"
        return f"{what} only (rule ECS-U5)", "what is live; or delete the service and make it anew, which stops its tasks"
    sets = live.get("task_sets", [])
    if len(sets) == 1 and sets[0].get("status") == "PRIMARY":
        return None
    states = ", ".join(f"{item['id']} {item['status']}" for item in sets) or "none"
    what = f"service {name} has the task sets {states}: a deployment of CodeDeploy goes on or its old tasks still drain, and only the"
    return f"{what} primary one may be there when the controller changes (rule ECS-U5)", "wait for its end, or stop it, and come back"


def check(name: str, live: dict[str, Any], wanted: str) -> None:
    """Raises RailyardError for such a problem."""
    if found := problem(name, live, wanted):
        raise RailyardError("; right would be: ".join(found), live=live)


def facing(balancers: list[dict[str, Any]], active: str | None) -> list[dict[str, Any]]:
    """Load balancers with the group that serves users as target group, and the idle one as its alternate."""
    turned = []
    for item in balancers:
        advanced = item.get("advanced_configuration")
        if advanced and advanced["alternate_target_group_arn"] == active:
            advanced = {**advanced, "alternate_target_group_arn": item["target_group_arn"]}
            item = {**item, "target_group_arn": active, "advanced_configuration": advanced}
        turned.append(item)
    return turned
