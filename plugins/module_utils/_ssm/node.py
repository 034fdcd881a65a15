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
from .._core import tags as labels
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
    """The nodes for which all that is given holds, in our shape, by id. A node that is gone is not among them.

    One filter is sent and the rest is compared here: Systems Manager refuses a tag together with any other filter.
    """
    chosen = check_ids(ids)
    texts = {key: str(text) for key, text in (tags or {}).items()}
    # One id that is gone would spoil a request for several.
    sent = [("InstanceIds", one) for one in chosen] or [_filter(activation_id, texts)]
    found = [node for key, text in sent for node in _listed(client, key, text)]
    compared = {"resource_type": "ManagedInstance", "activation_id": activation_id, "ping_status": ping_status}
    kept = [node for node in found if all(text in (None, node.get(name)) for name, text in compared.items())]
    if texts and sent != [(f"tag:{key}", text) for key, text in texts.items()]:
        kept = [node for node in kept if texts.items() <= tags_of(client, node["instance_id"]).items()]
    shown = [{name: node[name] for name in SHOWN if name in node} for node in kept]
    return sorted(shown, key=lambda node: str(node["instance_id"]))


def _filter(activation_id: str | None, tags: dict[str, str]) -> tuple[str, str]:
    """The one that finds the fewest nodes. Pure."""
    if activation_id:
        return "ActivationIds", activation_id
    return next(((f"tag:{key}", text) for key, text in tags.items() if text), ("ResourceType", "ManagedInstance"))


def tags_of(client: Any, instance_id: str) -> dict[str, str]:
    """The tags of a node; {} when it is gone."""
    answer = aws.find(client, "ListTagsForResource", {"InvalidResourceId"}, ResourceType="ManagedInstance", ResourceId=instance_id)
    return labels.as_dict((answer or {}).get("TagList"))


def check_ids(ids: Iterable[str]) -> list[str]:
    """The ids, each once and sorted. Raises RailyardError for one that is no node's (rule SSM-A5)."""
    chosen = sorted(set(ids))
    wrong = [one for one in chosen if not ID.fullmatch(one)]
    if wrong:
        raise RailyardError(f"{', '.join(wrong)}: the id of a node is mi- and 17 digits or letters a to f")
    return chosen


def _listed(client: Any, key: str, text: str) -> list[dict[str, Any]]:
    filters = [{"Key": key, "Values": [text]}]
    listed = aws.pages(client, "DescribeInstanceInformation", "InstanceInformationList", (GONE,), Filters=filters)
    return list(shape.ours(shape.output_shape(client, "DescribeInstanceInformation", "InstanceInformationList"), listed))


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
    """The node that this activation has registered, once its agent has reported."""
    return next(iter(find(client, activation_id=activation_id, ping_status="Online")), None)


def connected(client: Any, instance_id: str) -> bool:
    """Whether its agent holds its channel to Session Manager, which it opens after it has reported. Whoever may not ask has to try."""
    answer = aws.find(client, "GetConnectionStatus", {"AccessDeniedException"}, Target=instance_id)
    return answer is None or answer.get("Status") == "connected"
