# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is live in the services of a cluster."""

from __future__ import annotations

from typing import Any

from .._core import aws
from . import service, task_definition
from .service import Service

# What `read` can tell beside AWS's own members.
MORE = ("live_images", "secrets_in_use", "newest_task_definition")


def read(client: Any, cluster: str, names: list[str] | None, images: bool, newest: bool = False) -> list[Service]:
    """The active services of these names (None: all), sorted. Reads at the same time.

    With `images` also `live_images` by container, and `secrets_in_use`: references to the secrets of all their task sets and deployments.
    With `newest` then also `newest_task_definition`, the latest revision of the live one's family, which is mostly the live one.
    """
    if names is None:
        arns = aws.pages(client, "ListServices", "serviceArns", {"ClusterNotFoundException"}, cluster=cluster)
        names = [arn.rpartition("/")[2] for arn in arns]
    active = [item for item in service.describe(client, cluster, names) if item["status"] == "ACTIVE"]
    if images:
        latest = _described(client, sorted({_family(item) for item in active} - {""})) if newest else {}
        known = {str(found["task_definition_arn"]): found for found in latest.values() if found}
        used = sorted({name for item in active for name in service.used_definitions(item)} - set(known))
        definitions = known | _described(client, used)
        for item in active:
            item["live_images"] = task_definition.images(definitions.get(str(item.get("live_task_definition"))))
            references = (task_definition.secrets(definitions[name]) for name in service.used_definitions(item))
            item["secrets_in_use"] = sorted(set().union(*references))
            if found := latest.get(_family(item)):
                item["newest_task_definition"] = found
    return sorted(active, key=lambda item: str(item["service_name"]))


def _family(item: Service) -> str:
    return str(item.get("live_task_definition") or "").rpartition("/")[2].partition(":")[0]


def _described(client: Any, names: list[str]) -> dict[str, dict[str, Any] | None]:
    """Task definitions by family or ARN."""
    return dict(zip(names, aws.concurrently(lambda name: task_definition.describe(client, name), names), strict=True))
