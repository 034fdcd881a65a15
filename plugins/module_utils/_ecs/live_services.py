# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is live in the services of a cluster."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core import aws
from . import service, task_definition
from .service import Service


def read(client: Any, cluster: str, names: list[str] | None, images: bool) -> list[Service]:
    """The active services of these names (None: all), sorted. Reads at the same time.

    With `images` also `live_images` by container, and `secrets_in_use`: references to the secrets of all their task sets and deployments.
    """
    if names is None:
        arns = aws.pages(client, "ListServices", "serviceArns", {"ClusterNotFoundException"}, cluster=cluster)
        names = [arn.rpartition("/")[2] for arn in arns]
    with ThreadPoolExecutor(8) as pool:
        active = [item for item in service.describe(client, cluster, names) if item["status"] == "ACTIVE"]
        if images:
            used = sorted({name for item in active for name in service.used_definitions(item)})
            definitions = dict(zip(used, pool.map(lambda name: task_definition.describe(client, name), used), strict=True))
            for item in active:
                item["live_images"] = task_definition.images(definitions.get(str(item.get("live_task_definition"))))
                references = (task_definition.secrets(definitions[name]) for name in service.used_definitions(item))
                item["secrets_in_use"] = sorted(set().union(*references))
    return sorted(active, key=lambda item: str(item["service_name"]))
