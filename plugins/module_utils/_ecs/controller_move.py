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

Item = dict[str, Any]


def check(name: str, live: Item, wanted: str) -> None:
    """Raises RailyardError where AWS would refuse the other controller."""
    if (live["deployment_controller"], wanted) != ("CODE_DEPLOY", "ECS"):
        message = (
            f"service {name} is under {live['deployment_controller']}, declared is {wanted}; AWS takes a service from CODE_DEPLOY to ECS "
            "only (rule ECS-U5): declare what is live (railyard_engine), or delete it and make it anew, which stops its tasks"
        )
        raise RailyardError(message, live=live)
    sets = live.get("task_sets", [])
    if len(sets) != 1 or sets[0].get("status") != "PRIMARY":
        states = ", ".join(f"{item['id']} {item['status']}" for item in sets) or "none"
        message = (
            f"service {name} has the task sets {states}: a deployment of CodeDeploy goes on, and AWS changes the controller only while "
            "there is one task set, the primary (rule ECS-U5). Wait for its end, or stop it, and come back"
        )
        raise RailyardError(message, live=live)


def facing(balancers: list[Item], active: str | None) -> list[Item]:
    """Load balancers with the group that serves users as target group, and the idle one as its alternate."""
    turned = []
    for item in balancers:
        advanced = item.get("advanced_configuration")
        if advanced and advanced["alternate_target_group_arn"] == active:
            advanced = {**advanced, "alternate_target_group_arn": item["target_group_arn"]}
            item = {**item, "target_group_arn": active, "advanced_configuration": advanced}
        turned.append(item)
    return turned
