# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Target tracking policies. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingPolicy.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step

Item = dict[str, Any]
KIND = "TargetTrackingScaling"
BY_REQUESTS = "ALBRequestCountPerTarget"
CONFIGURATION = "target_tracking_scaling_policy_configuration"
METRIC = "predefined_metric_specification"
COOLDOWNS = ("scale_in_cooldown", "scale_out_cooldown")


def read(client: Any, target: Item) -> list[Item]:
    """The policies of a scalable target (service_namespace, resource_id, scalable_dimension) in our shape."""
    found = aws.pages(
        client,
        "DescribeScalingPolicies",
        "ScalingPolicies",
        ServiceNamespace=target["service_namespace"],
        ResourceId=target["resource_id"],
        ScalableDimension=target["scalable_dimension"],
    )
    members: Any = shape.output_shape(client, "DescribeScalingPolicies", "ScalingPolicies")
    return [_complete(shape.ours(members.member, item)) for item in found]


def find(client: Any, wanted: Item) -> Item | None:
    """The policy of this name in our shape, or None."""
    return next((item for item in read(client, wanted) if item["policy_name"] == wanted["name"]), None)


def _complete(found: Item) -> Item:
    if found.get(CONFIGURATION):
        found[CONFIGURATION] = {"disable_scale_in": False, **found[CONFIGURATION]}
    return found


def make_plan(client: Any, wanted: Item, live: Item | None) -> Plan:
    """`wanted`: the options of the module application_autoscaling_policy. A cooldown that is None is left as it is. Pure."""
    identity = {name: wanted[name] for name in ("service_namespace", "resource_id", "scalable_dimension")}
    identity["policy_name"] = wanted["name"]
    if wanted["state"] == "absent":
        step = Step(
            "DeleteScalingPolicy", shape.aws(shape.input_shape(client, "DeleteScalingPolicy"), identity), ("ObjectNotFoundException",)
        )
        return Plan(live, None, (step,) if live else ())
    if live is not None and live["policy_type"] != KIND:
        raise RailyardError(f"policy {wanted['name']} is of type {live['policy_type']}; delete it or choose another name", live=live)
    _check(wanted)
    request = shape.input_shape(client, "PutScalingPolicy")
    old = (live or {}).get(CONFIGURATION, {})
    params = shape.aws(request, {**identity, "policy_type": KIND, CONFIGURATION: _configuration(wanted, old)})
    configuration = shape.ours(request, params)[CONFIGURATION]
    after = {**(live or {**identity, "policy_type": KIND}), CONFIGURATION: configuration}
    step = Step("PutScalingPolicy", params, propagation=(Propagation("ConcurrentUpdateException", "", 60),))
    return Plan(live, after, (step,) if configuration != old else ())


def _check(wanted: Item) -> None:
    """Rule AAS-2."""
    name, label = wanted["name"], wanted["resource_label"]
    if label and wanted["predefined_metric"] != BY_REQUESTS:
        raise RailyardError(f"policy {name}: resource_label is for {BY_REQUESTS} only, not for {wanted['predefined_metric']}")
    pair = wanted["resource_label_pair"]
    if pair and label not in pair:
        raise RailyardError(f"policy {name}: resource_label {label} is none of resource_label_pair {', '.join(pair)}")


def _configuration(wanted: Item, live: Item) -> Item:
    found: Item = {"target_value": wanted["target_value"], "disable_scale_in": wanted["disable_scale_in"]}
    found.update({name: live.get(name) if wanted[name] is None else wanted[name] for name in COOLDOWNS})
    if wanted["customized_metric_specification"]:
        return {**found, "customized_metric_specification": wanted["customized_metric_specification"]}
    metric: Item = {"predefined_metric_type": wanted["predefined_metric"]}
    if wanted["resource_label"]:
        metric["resource_label"] = _label(wanted, live.get(METRIC, {}).get("resource_label"))
    return {**found, METRIC: metric}


def _label(wanted: Item, live: str | None) -> str:
    """Deployments swap the target groups, so that the label of either is right."""
    pair = wanted["resource_label_pair"] or []
    return live if live in pair and live is not None else wanted["resource_label"]
