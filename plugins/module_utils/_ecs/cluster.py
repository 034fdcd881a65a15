# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clusters. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Cluster.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, clock, shape, tags
from .._core.plan import Plan, Propagation, Step
from . import labels

# The first cluster of an account makes the role by which ECS acts; until it is known everywhere CreateCluster is refused (rule ECS-S25).
FRESH_ROLE = Propagation("InvalidParameterException", "service linked role")
# What was told to end a moment ago is still counted.
ENDING = (
    Propagation("ClusterContainsServicesException", "", 60),
    Propagation("ClusterContainsTasksException", "", 600),
    Propagation("ClusterContainsContainerInstancesException", "", 600),
    Propagation("UpdateInProgressException", "", 600),
)
# States that pass by themselves, and seconds for which they are waited for.
PASSING, PASSES = ("PROVISIONING", "DEPROVISIONING"), 120
# The options of one capacity provider in a strategy, of a cluster or of a service.
STRATEGY = {
    "capacity_provider": {"type": "str", "required": True},
    "weight": {"type": "int", "default": 0},
    "base": {"type": "int", "default": 0},
}
FIELDS = ("cluster_name", "cluster_arn", "status", "settings", "capacity_providers", "default_capacity_provider_strategy", "tags")


def find(client: Any, name: str) -> dict[str, Any] | None:
    """The active cluster of this name, or None. Settings and tags are dicts."""
    include = ["SETTINGS", "TAGS"]

    def look() -> list[dict[str, Any]]:
        return list(aws.call(client, "DescribeClusters", clusters=[name], include=include)["clusters"])

    found = clock.look_until(look, lambda seen: all(cluster["status"] not in PASSING for cluster in seen), PASSES)
    active = [cluster for cluster in found if cluster["status"] == "ACTIVE"]
    if not active:
        return None
    ours: dict[str, Any] = shape.ours(shape.output_shape(client, "DescribeClusters", "clusters").member, active[0])  # type: ignore[attr-defined]
    ours["settings"] = {setting["name"]: setting["value"] for setting in ours.get("settings", [])}
    ours["tags"] = tags.as_dict(active[0].get("tags"), "key", "value")
    ours["capacity_providers"] = sorted(ours.get("capacity_providers", []))
    return {name: ours[name] for name in FIELDS if name in ours}


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: name, state, settings, capacity_providers, default_capacity_provider_strategy, tags, purge_tags; None leaves as it is."""
    name = wanted["name"]
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteCluster", {"cluster": name}, propagation=ENDING),) if live else ())
    chosen = {key: wanted[key] for key in ("settings", "default_capacity_provider_strategy") if wanted[key] is not None}
    if wanted["capacity_providers"] is not None:
        chosen["capacity_providers"] = sorted(wanted["capacity_providers"])
    if live is None:
        after = {"cluster_name": name, "tags": wanted["tags"] or {}, **chosen}
        return Plan(None, after, (Step("CreateCluster", _creation(client, after), propagation=(FRESH_ROLE,)),))
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    settings = {**live["settings"], **chosen.get("settings", {})}
    after = {**live, **chosen, "settings": settings, "tags": change.after}
    return Plan(live, after, (*_updates(client, live, after), *labels.steps(live["cluster_arn"], change)))


def _creation(client: Any, after: dict[str, Any]) -> dict[str, Any]:
    given = {**after, "tags": tags.as_pairs(after["tags"], "key", "value"), "settings": _pairs(after.get("settings", {}))}
    converted: dict[str, Any] = shape.aws(shape.input_shape(client, "CreateCluster"), given)
    return converted


def _pairs(settings: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": key, "value": value} for key, value in sorted(settings.items())]


def _updates(client: Any, live: dict[str, Any], after: dict[str, Any]) -> list[Step]:
    steps = []
    name = live["cluster_name"]
    if live["settings"] != after["settings"]:
        steps.append(Step("UpdateClusterSettings", {"cluster": name, "settings": _pairs(after["settings"])}))
    keys = ("capacity_providers", "default_capacity_provider_strategy")
    if any(live.get(key, []) != after.get(key, []) for key in keys):
        given = {"cluster": name, **{key: after.get(key, []) for key in keys}}
        steps.append(Step("PutClusterCapacityProviders", shape.aws(shape.input_shape(client, "PutClusterCapacityProviders"), given)))
    return steps
