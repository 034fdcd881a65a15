# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scalable targets. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core import aws, shape, tag_list, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import floor, policy

IDENTITY = {
    "resource_id": {"type": "str", "required": True},
    "service_namespace": {"type": "str", "default": "ecs"},
    "scalable_dimension": {"type": "str", "default": "ecs:service:DesiredCount"},
}
ACTIVITIES = ("dynamic_scaling_in_suspended", "dynamic_scaling_out_suspended", "scheduled_scaling_suspended")
GONE = ("ObjectNotFoundException",)


def find_each(client: Any, wanted: list[dict[str, Any]], known_tags: tag_list.Known = tag_list.nothing) -> list[dict[str, Any] | None]:
    """The scalable targets in our shape with their tags and `policies`, None where there is none. `suspended_state` is complete.

    AWS describes many targets in a call, but policies and tags of one.
    """
    namespaces = sorted({one["service_namespace"] for one in wanted})
    with ThreadPoolExecutor(1) as pool:
        policies = pool.submit(policy.read_each, client, wanted)
        listed = [
            target
            for namespace in namespaces
            for target in _listed(client, namespace, [one["resource_id"] for one in wanted if one["service_namespace"] == namespace])
        ]
        targets = {_identity(target): target for target in _with_tags(client, listed, known_tags)}
        return [
            {**targets[_identity(one)], "policies": some} if _identity(one) in targets else None
            for one, some in zip(wanted, policies.result(), strict=True)
        ]


def _identity(target: dict[str, Any]) -> tuple[str, ...]:
    return tuple(target[name] for name in IDENTITY)


def read(client: Any, namespace: str, resource_ids: list[str] | None) -> list[dict[str, Any]]:
    """Scalable targets of these resources (None: all of the namespace) with their tags and `policies`, read at the same time."""
    targets = _with_tags(client, _listed(client, namespace, resource_ids), tag_list.nothing)
    policies = policy.read_each(client, targets)
    return [{**target, "policies": some} for target, some in zip(targets, policies, strict=True)]


def _listed(client: Any, namespace: str, resource_ids: list[str] | None) -> list[dict[str, Any]]:
    """In AWS's shape, in the order of `resource_ids`. One call takes fifty."""
    asked: list[dict[str, Any]] = [{}] if resource_ids is None else [{"ResourceIds": some} for some in aws.batches(resource_ids, 50)]
    pages = aws.concurrently(
        lambda some: aws.pages(client, "DescribeScalableTargets", "ScalableTargets", ServiceNamespace=namespace, **some), asked
    )
    found = [target for page in pages for target in page]
    return found if resource_ids is None else sorted(found, key=lambda target: resource_ids.index(target["ResourceId"]))


def _with_tags(client: Any, found: list[dict[str, Any]], known_tags: tag_list.Known) -> list[dict[str, Any]]:
    known = known_tags([arn for target in found if (arn := target.get("ScalableTargetARN"))])
    labels = aws.concurrently(lambda target: known.get(target.get("ScalableTargetARN", "")) or _tags(client, target), found)
    return [_ours(client, target, some) for target, some in zip(found, labels, strict=True)]


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
    """`wanted`: the options of the module application_autoscaling_target. What is None is left as it is, and so is a floor that holds."""
    identity = {name: wanted[name] for name in IDENTITY}
    request = shape.input_shape(client, "RegisterScalableTarget")
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeregisterScalableTarget", shape.aws(request, identity), already=GONE),) if live else ())
    limits = {name: _chosen(wanted, live, name) for name in ("min_capacity", "max_capacity")}
    _check(wanted["resource_id"], limits)
    held = _held(limits, live)
    state = _suspended(wanted, (live or {}).get("suspended_state") or dict.fromkeys(ACTIVITIES, False))
    known = (live or {}).get("tags", {})
    noted = {key: known[key] for key in floor.TAGS if key in known}
    change = tags.change({key: value for key, value in known.items() if key not in noted}, wanted["tags"], wanted["purge_tags"])
    policies, policy_steps = _policies(client, wanted, live, identity)
    after = {**(live or identity), **limits, "suspended_state": state, "tags": {**change.after, **noted}, "policies": policies}
    steps = []
    if live is None or any(live[name] != after[name] for name in (*limits, "suspended_state")):
        # What is left out AWS keeps. A state that was only read may be old by now: a release suspends scaling meanwhile, and resumes it.
        said = live is None or wanted["suspended"] is not None or wanted["suspended_state"] is not None
        params = shape.aws(request, {**identity, **limits, **({"suspended_state": state} if said else {})})
        if live is None and change.put:
            params["Tags"] = change.put
        steps.append(Step("RegisterScalableTarget", params, propagation=_patience(fresh=live is None)))
    return Plan(live, after, (*steps, *(_tagging(live, change) if live else ()), *policy_steps), {"floor": held} if held else {})


def _held(limits: dict[str, Any], live: dict[str, Any] | None) -> floor.Floor | None:
    """The floor that holds, if there is one: then `limits` keep the bound that a person has raised, within the declared maximum."""
    noted = floor.of_tags((live or {}).get("tags"))
    if live is None or noted is None or not floor.holds(noted) or live["min_capacity"] != noted["min"]:
        return None
    limits["min_capacity"] = max(limits["min_capacity"], min(noted["min"], limits["max_capacity"]))
    return noted


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
