# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scalable targets. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core import aws, shape, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import policy

IDENTITY = {
    "resource_id": {"type": "str", "required": True},
    "service_namespace": {"type": "str", "default": "ecs"},
    "scalable_dimension": {"type": "str", "default": "ecs:service:DesiredCount"},
}
ACTIVITIES = ("dynamic_scaling_in_suspended", "dynamic_scaling_out_suspended", "scheduled_scaling_suspended")
GONE = ("ObjectNotFoundException",)


def find(client: Any, wanted: dict[str, Any]) -> dict[str, Any] | None:
    """The scalable target in our shape with its tags and `policies`, or None. `suspended_state` is complete."""
    with ThreadPoolExecutor(1) as pool:
        policies = pool.submit(policy.read, client, wanted)
        found = aws.pages(
            client,
            "DescribeScalableTargets",
            "ScalableTargets",
            ServiceNamespace=wanted["service_namespace"],
            ResourceIds=[wanted["resource_id"]],
            ScalableDimension=wanted["scalable_dimension"],
        )
        target = _ours(client, found[0], _tags(client, found[0])) if found else None
    return {**target, "policies": policies.result()} if target else None


def read(client: Any, namespace: str, resource_ids: list[str] | None) -> list[dict[str, Any]]:
    """Scalable targets of these resources (None: all of the namespace) with their tags and `policies`, read at the same time."""
    found = [
        item
        for some in (aws.batches(resource_ids, 50) if resource_ids is not None else [None])
        for item in aws.pages(
            client, "DescribeScalableTargets", "ScalableTargets", ServiceNamespace=namespace, **({"ResourceIds": some} if some else {})
        )
    ]
    with ThreadPoolExecutor(8) as pool:
        labels = [pool.submit(_tags, client, item) for item in found]
        targets = [_ours(client, item, {}) for item in found]
        policies = [pool.submit(policy.read, client, target) for target in targets]
    return [
        {**target, "tags": label.result(), "policies": some.result()} for target, label, some in zip(targets, labels, policies, strict=True)
    ]


def _ours(client: Any, found: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    members: Any = shape.output_shape(client, "DescribeScalableTargets", "ScalableTargets")
    target: dict[str, Any] = shape.ours(members.member, found)
    target["suspended_state"] = {name: bool((target.get("suspended_state") or {}).get(name)) for name in ACTIVITIES}
    return {**target, "tags": labels}


def _tags(client: Any, found: dict[str, Any]) -> dict[str, str]:
    """A target's tags. AWS's model does not promise an ARN, and without one there is nothing to ask."""
    arn = found.get("ScalableTargetARN")
    answer = aws.call(client, "ListTagsForResource", ResourceARN=arn) if arn else {}
    return {key: value for key, value in answer.get("Tags", {}).items() if not key.startswith("aws:")}


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: the options of the module application_autoscaling_target. What is None is left as it is. Pure."""
    identity = {name: wanted[name] for name in IDENTITY}
    request = shape.input_shape(client, "RegisterScalableTarget")
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeregisterScalableTarget", shape.aws(request, identity), already=GONE),) if live else ())
    limits = {name: _chosen(wanted, live, name) for name in ("min_capacity", "max_capacity")}
    _check(wanted["resource_id"], limits)
    state = _suspended(wanted, (live or {}).get("suspended_state") or dict.fromkeys(ACTIVITIES, False))
    change = tags.change((live or {}).get("tags", {}), wanted["tags"], wanted["purge_tags"])
    policies, policy_steps = _policies(client, wanted, live, identity)
    after = {**(live or identity), **limits, "suspended_state": state, "tags": change.after, "policies": policies}
    steps = []
    if live is None or any(live[name] != after[name] for name in (*limits, "suspended_state")):
        # What is left out AWS keeps. A state that was only read may be old by now: a release suspends scaling meanwhile, and resumes it.
        said = live is None or wanted["suspended"] is not None or wanted["suspended_state"] is not None
        params = shape.aws(request, {**identity, **limits, **({"suspended_state": state} if said else {})})
        if live is None and change.put:
            params["Tags"] = change.put
        steps.append(Step("RegisterScalableTarget", params, propagation=_patience(fresh=live is None)))
    return Plan(live, after, (*steps, *(_tagging(live, change) if live else ()), *policy_steps))


def _policies(
    client: Any, wanted: dict[str, Any], live: dict[str, Any] | None, identity: dict[str, Any]
) -> tuple[list[dict[str, Any]], list[Step]]:
    found = live["policies"] if live else None
    if wanted["policies"] is None:
        return found or [], []
    return policy.change(client, identity, wanted["policies"], found, wanted["purge_policies"])


def _patience(fresh: bool) -> tuple[Propagation, ...]:
    """Rule AAS-3: two changes at once; rule ECS-D8: a service that was made a moment ago."""
    changing = Propagation("ConcurrentUpdateException", "", 60)
    return (changing, Propagation("ValidationException", "ECS service doesn't exist", 10)) if fresh else (changing,)


def _chosen(wanted: dict[str, Any], live: dict[str, Any] | None, name: str) -> int | None:
    return wanted[name] if wanted[name] is not None else (live or {}).get(name)


def _check(resource: str, limits: dict[str, Any]) -> None:
    missing = [name for name, value in limits.items() if value is None]
    if missing:
        raise RailyardError(f"{resource} is no scalable target yet; {' and '.join(missing)} must be given to register it")
    low, high = limits["min_capacity"], limits["max_capacity"]
    if low < 0 or low > high:
        raise RailyardError(f"{resource}: min_capacity {low} and max_capacity {high} are no limits; 0 <= min_capacity <= max_capacity")


def _suspended(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    if wanted["suspended"] is not None:
        return dict.fromkeys(ACTIVITIES, wanted["suspended"])
    return {**live, **{name: value for name, value in (wanted["suspended_state"] or {}).items() if value is not None}}


def _tagging(live: dict[str, Any], change: tags.TagChange) -> list[Step]:
    steps = []
    if change.put:
        steps.append(Step("TagResource", {"ResourceARN": live["scalable_target_arn"], "Tags": change.put}))
    if change.remove:
        steps.append(Step("UntagResource", {"ResourceARN": live["scalable_target_arn"], "TagKeys": change.remove}))
    return steps
