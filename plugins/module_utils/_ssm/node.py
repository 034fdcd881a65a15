# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes that a hybrid activation has registered. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_InstanceInformation.html

Only those: EC2 instances are nobody's to deregister here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .._core import aws, shape
from .._core.errors import RailyardError
from .._core.plan import Plan, Step

ID = re.compile(r"mi-[0-9a-f]{17}")
GONE = "InvalidInstanceId"
# What is told of a node; the rest is its operating system, and what Systems Manager would do with it.
SHOWN = (
    "instance_id",
    "name",
    "ping_status",
    "last_ping_date_time",
    "activation_id",
    "iam_role",
    "registration_date",
    "agent_version",
    "computer_name",
    "ip_address",
)
OWNED = ("application", "environment")


def find(
    client: Any,
    ids: Iterable[str] = (),
    activation_id: str | None = None,
    tags: dict[str, Any] | None = None,
    ping_status: str | None = None,
) -> list[dict[str, Any]]:
    """The nodes for which all that is given holds, in our shape, by id. A node that is gone is not among them."""
    chosen = check_ids(ids)
    filters = _filters(activation_id, tags, ping_status)
    if not chosen:
        return sorted(_listed(client, filters), key=lambda node: str(node["instance_id"]))
    # One id that is gone would spoil a request for several.
    return [node for one in chosen for node in _listed(client, [*filters, {"Key": "InstanceIds", "Values": [one]}])]


def check_ids(ids: Iterable[str]) -> list[str]:
    """The ids, each once and sorted. Raises RailyardError for one that is no node's (rule SSM-A5)."""
    chosen = sorted(set(ids))
    wrong = [one for one in chosen if not ID.fullmatch(one)]
    if wrong:
        raise RailyardError(f"{', '.join(wrong)}: the id of a node is mi- and 17 digits or letters a to f")
    return chosen


def _filters(activation_id: str | None, tags: dict[str, Any] | None, ping_status: str | None) -> list[dict[str, Any]]:
    pairs = {"ResourceType": "ManagedInstance", "ActivationIds": activation_id, "PingStatus": ping_status}
    pairs |= {f"tag:{key}": str(value) for key, value in (tags or {}).items()}
    return [{"Key": key, "Values": [value]} for key, value in pairs.items() if value is not None]


def _listed(client: Any, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    listed = aws.pages(client, "DescribeInstanceInformation", "InstanceInformationList", (GONE,), Filters=filters)
    nodes = shape.ours(shape.output_shape(client, "DescribeInstanceInformation", "InstanceInformationList"), listed)
    return [{name: node[name] for name in SHOWN if name in node} for node in nodes]


def select(client: Any, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes that a module may touch: those of the given `ids`, or those with all given `tags`.

    Raises RailyardError when there are neither ids nor the tags application and environment.
    """
    tags = wanted.get("tags") or {}
    missing = [key for key in OWNED if not tags.get(key)]
    if not wanted.get("ids") and missing:
        raise RailyardError(
            f"nodes are named by their ids, or by tags with {' and '.join(OWNED)}; there is no {' and no '.join(missing)}: "
            "a node of somebody else must not be met by chance"
        )
    return find(client, wanted.get("ids") or (), wanted.get("activation_id"), tags, wanted.get("ping_status"))


def make_plan(live: list[dict[str, Any]]) -> Plan:
    """Deregister them all."""
    return Plan(live, [], tuple(Step("DeregisterManagedInstance", {"InstanceId": node["instance_id"]}, already=(GONE,)) for node in live))


def deregister(client: Any, instance_id: str) -> bool:
    """Let go of a node; False when it was gone already. It is for the caller to know that the node is the caller's."""
    return aws.find(client, "DeregisterManagedInstance", {GONE}, InstanceId=instance_id) is not None


def online(client: Any, activation_id: str) -> dict[str, Any] | None:
    """The node that this activation has registered, once its agent is connected."""
    return next(iter(find(client, activation_id=activation_id, ping_status="Online")), None)
