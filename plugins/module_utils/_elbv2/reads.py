# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a listener does at this moment, and how healthy the targets of a group are."""

from __future__ import annotations

from typing import Any, TypedDict

from .._core import aws, shape
from .traffic import Action

Clients = dict[str, Any]


class TargetHealth(TypedDict, total=False):
    """How many targets of a group are healthy, and why others are not, in AWS's words. Empty when there is no such group."""

    healthy: int
    said: str | None


def actions(clients: Clients, arn: str) -> list[Action]:
    """What a listener does by default, or a rule, in our shape; [] when it does not exist any more."""
    client = clients["elbv2"]
    kind, member = ("Listeners", "default_actions") if ":listener/" in arn else ("Rules", "actions")
    asked: dict[str, Any] = {"ListenerArns": [arn]} if kind == "Listeners" else {"RuleArns": [arn]}
    found = aws.find(client, f"Describe{kind}", {"ListenerNotFound", "RuleNotFound"}, **asked) or {}
    described = shape.ours(shape.output_shape(client, f"Describe{kind}", kind), found.get(kind, []))
    return list(described[0].get(member, [])) if described else []


def target_health(clients: Clients, group: str) -> TargetHealth:
    """How many targets of a group are `healthy`, and why others are not (`said`); {} when there is no such group."""
    found = aws.find(clients["elbv2"], "DescribeTargetHealth", {"TargetGroupNotFound"}, TargetGroupArn=group)
    if found is None:
        return {}
    states = [item["TargetHealth"] for item in found["TargetHealthDescriptions"]]
    unhealthy = {state.get("Description") or state.get("Reason") for state in states if state["State"] == "unhealthy"}
    return {"healthy": sum(state["State"] == "healthy" for state in states), "said": ", ".join(sorted(filter(None, unhealthy))) or None}
