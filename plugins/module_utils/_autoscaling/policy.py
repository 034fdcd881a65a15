# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Target tracking policies. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingPolicy.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape
from .._core.errors import RailyardError
from .._core.plan import Propagation, Step

KIND = "TargetTrackingScaling"
BY_REQUESTS = "ALBRequestCountPerTarget"
CONFIGURATION = "target_tracking_scaling_policy_configuration"
METRIC = "predefined_metric_specification"
WHOSE = ("service_namespace", "resource_id", "scalable_dimension")
MANY = 10
COOLDOWNS = ("scale_in_cooldown", "scale_out_cooldown")
CHANGING = Propagation("ConcurrentUpdateException", "", 60)
# A target and AWS's role for it that were made a moment ago are not known everywhere yet (rules AAS-2 and IAM-11).
FRESH = (Propagation("ObjectNotFoundException", "No scalable target registered", 60), Propagation("FailedResourceAccessException", "", 60))


def read(client: Any, target: dict[str, Any]) -> list[dict[str, Any]]:
    """The policies of a scalable target (service_namespace, resource_id, scalable_dimension) in our shape, by name."""
    found = aws.pages(
        client,
        "DescribeScalingPolicies",
        "ScalingPolicies",
        ServiceNamespace=target["service_namespace"],
        ResourceId=target["resource_id"],
        ScalableDimension=target["scalable_dimension"],
    )
    return _ours(client, found)


def read_each(client: Any, targets: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """`read` for each of these targets.

    AWS tells those of one target, or of a whole namespace of the account, ten in a page. From MANY targets on the latter takes fewer calls,
    unless others have a lot of them.
    """
    namespaces = {target["service_namespace"] for target in targets}
    if len(targets) >= MANY and len(namespaces) == 1:
        listed = aws.some_pages(client, "DescribeScalingPolicies", "ScalingPolicies", len(targets) // 2, ServiceNamespace=namespaces.pop())
        if listed is not None:
            found = _ours(client, listed)
            return [[item for item in found if all(item[name] == target[name] for name in WHOSE)] for target in targets]
    return aws.concurrently(lambda target: read(client, target), targets)


def _ours(client: Any, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    members: Any = shape.output_shape(client, "DescribeScalingPolicies", "ScalingPolicies")
    return _sorted(_complete(shape.ours(members.member, item)) for item in found)


def _complete(found: dict[str, Any]) -> dict[str, Any]:
    if found.get(CONFIGURATION):
        found[CONFIGURATION] = {"disable_scale_in": False, **found[CONFIGURATION]}
    return found


def _sorted(policies: Any) -> list[dict[str, Any]]:
    return sorted(policies, key=lambda item: str(item["policy_name"]))


def change(
    client: Any, identity: dict[str, Any], wanted: list[dict[str, Any]], live: list[dict[str, Any]] | None, purge: bool
) -> tuple[list[dict[str, Any]], list[Step]]:
    """All policies afterwards, and the steps that lead there. Pure.

    `wanted`: the option `policies` of the module application_autoscaling_target. `live` is None when the target is registered by the
    same plan. `purge` deletes what is not wanted, and does so first: of two policies by the same metric AWS refuses the second
    (rule AAS-2), so that a policy could not get another name otherwise.
    """
    _check_names(identity, wanted)
    known = {item["policy_name"]: item for item in live or []}
    gone = sorted(set(known) - {policy["name"] for policy in wanted}) if purge else []
    steps = [_deletion(client, {**identity, "policy_name": name}) for name in gone]
    patience = (CHANGING,) if live is not None else (CHANGING, *FRESH)
    after = {name: item for name, item in known.items() if name not in gone}
    for policy in wanted:
        name = policy["name"]
        after[name], params = _put(client, {**identity, "policy_name": name}, policy, known.get(name))
        if params:
            steps.append(Step("PutScalingPolicy", params, propagation=patience))
    return _sorted(after.values()), steps


def _deletion(client: Any, identity: dict[str, Any]) -> Step:
    params = shape.aws(shape.input_shape(client, "DeleteScalingPolicy"), identity)
    return Step("DeleteScalingPolicy", params, ("ObjectNotFoundException",), (CHANGING,))


def _put(
    client: Any, identity: dict[str, Any], wanted: dict[str, Any], live: dict[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The policy afterwards, and the parameters of PutScalingPolicy; {} when it is as declared. A cooldown that is None stays."""
    if live is not None and live["policy_type"] != KIND:
        raise RailyardError(f"policy {wanted['name']} is of type {live['policy_type']}; delete it or choose another name", live=live)
    _check(wanted)
    request = shape.input_shape(client, "PutScalingPolicy")
    old = (live or {}).get(CONFIGURATION, {})
    params: dict[str, Any] = shape.aws(request, {**identity, "policy_type": KIND, CONFIGURATION: _configuration(wanted, old)})
    new = shape.ours(request, params)[CONFIGURATION]
    if live is not None and _normal(new) == _normal(old):
        return live, {}
    return {**(live or {**identity, "policy_type": KIND}), CONFIGURATION: new}, params


def _normal(value: Any) -> Any:
    """The order of metrics and dimensions means nothing, an empty list is none, and a metric returns its data unless it says no."""
    if isinstance(value, list):
        return sorted((_normal(item) for item in value), key=repr)
    if isinstance(value, dict):
        whole = {"return_data": True, **value} if "id" in value else value
        return {name: _normal(item) for name, item in sorted(whole.items()) if item not in (None, [])}
    return value


def _check_names(identity: dict[str, Any], wanted: list[dict[str, Any]]) -> None:
    names = [policy["name"] for policy in wanted]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RailyardError(f"{identity['resource_id']}: more than one policy is called {', '.join(twice)}; each needs a name of its own")


def _check(wanted: dict[str, Any]) -> None:
    """Rule AAS-2."""
    name, label = wanted["name"], wanted["resource_label"]
    if wanted["target_value"] <= 0:
        raise RailyardError(f"policy {name}: target_value {wanted['target_value']} is no value to hold; it must be above 0")
    if label and wanted["predefined_metric"] != BY_REQUESTS:
        raise RailyardError(f"policy {name}: resource_label is for {BY_REQUESTS} only, not for {wanted['predefined_metric']}")
    pair = wanted["resource_label_pair"]
    if pair and label not in pair:
        raise RailyardError(f"policy {name}: resource_label {label} is none of resource_label_pair {', '.join(pair)}")


def _configuration(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"target_value": wanted["target_value"], "disable_scale_in": wanted["disable_scale_in"]}
    found.update({name: live.get(name) if wanted[name] is None else wanted[name] for name in COOLDOWNS})
    if wanted["customized_metric_specification"]:
        return {**found, "customized_metric_specification": wanted["customized_metric_specification"]}
    metric: dict[str, Any] = {"predefined_metric_type": wanted["predefined_metric"]}
    if wanted["resource_label"]:
        metric["resource_label"] = _label(wanted, live.get(METRIC, {}).get("resource_label"))
    return {**found, METRIC: metric}


def _label(wanted: dict[str, Any], live: str | None) -> str:
    """Deployments swap the target groups, so that the label of either is right."""
    pair = wanted["resource_label_pair"] or []
    return live if live in pair and live is not None else wanted["resource_label"]
