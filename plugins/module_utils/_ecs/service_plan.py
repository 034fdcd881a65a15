# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services: what leads from live to wanted, and what is left to the deployer and the scaler. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._core import shape, tags
from .._core.difference import differences
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import carried, controller_move, labels
from .normal import declared
from .service import active_target_group
from .task_definition import images

INVALID = "InvalidParameterException"
NOTES: dict[str, Any] = {"needs_release": False, "release_difference": {}, "recreation_difference": {}}
# What UpdateService takes under either controller (rule ECS-U1), and what it takes from ECS's own controller only (rule ECS-U4).
UPDATED = ("deployment_configuration", "health_check_grace_period_seconds", "enable_ecs_managed_tags", "propagate_tags")
UPDATED_BY_ECS = ("enable_execute_command", "availability_zone_rebalancing")
CREATED = (*carried.RELEASED, *UPDATED, *UPDATED_BY_ECS, "desired_count", "deployment_controller", "cluster")


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None, definitions: Sequence[dict[str, Any]] = ()) -> Plan:
    """`wanted`: the options of the module ecs_service. `definitions`: the live and the declared task definition where they differ.

    Raises RailyardError for what can never be.
    """
    name = wanted["name"]
    if wanted["state"] == "absent":
        step = Step("DeleteService", {"cluster": wanted["cluster"], "service": name, "force": True})
        return Plan(live, None, (step,) if live else (), NOTES)
    _check(wanted)
    wanted = {**wanted, "deployment_configuration": _typed(client, wanted["deployment_configuration"])}
    if live is None:
        return _creation(client, wanted)
    controller_move.check(name, live, wanted["deployment_controller"])
    return _change(client, wanted, live, definitions)


def _check(wanted: dict[str, Any]) -> None:
    name, low, high = wanted["name"], wanted["desired_count_min"], wanted["desired_count_max"]
    if low is not None and high is not None and low > high:
        raise RailyardError(f"service {name}: desired_count_min {low} is above desired_count_max {high}")
    pair = wanted["target_group_pair"]
    if pair is not None and len(set(pair)) != 2:
        raise RailyardError(f"service {name}: target_group_pair has {len(set(pair))} target groups; it must be two")
    balancers = wanted["load_balancers"]
    if wanted["deployment_controller"] == "CODE_DEPLOY" and balancers is not None and len(balancers) != 1:
        raise RailyardError(f"service {name}: CODE_DEPLOY needs exactly one load balancer, not {len(balancers)} (rule ECS-S2)")
    foreign = [item["target_group_arn"] for item in balancers or [] if pair and item["target_group_arn"] not in pair]
    if foreign:
        raise RailyardError(f"service {name}: {foreign[0]} in load_balancers is none of target_group_pair {', '.join(pair)}")


def _typed(client: Any, configuration: dict[str, Any] | None) -> dict[str, Any] | None:
    """The members in AWS's types, so that a template's "200" is the live 200."""
    members = shape.input_shape(client, "UpdateService", "deploymentConfiguration")
    found: dict[str, Any] | None = configuration and shape.ours(members, shape.aws(members, configuration, "deployment_configuration"))
    return found


def _creation(client: Any, wanted: dict[str, Any]) -> Plan:
    name = wanted["name"]
    if not wanted["task_definition"]:
        raise RailyardError(f"service {name} does not exist in cluster {wanted['cluster']}; task_definition is needed to create it")
    if wanted["deployment_controller"] == "CODE_DEPLOY" and not wanted["load_balancers"]:
        raise RailyardError(f"service {name}: CODE_DEPLOY needs a load balancer (rule ECS-S1)")
    given = carried.given(wanted, CREATED)
    if "capacity_provider_strategy" not in given:
        given.setdefault("launch_type", "FARGATE")
    params = {**_request(client, "CreateService", given), "serviceName": name}
    if wanted["tags"]:
        params["tags"] = tags.as_pairs(wanted["tags"], "key", "value")
    after = {"service_name": name, **{key: value for key, value in given.items() if key != "cluster"}, "tags": wanted["tags"] or {}}
    after["load_balancers"] = given.get("load_balancers", [])
    after["active_target_group_arn"] = active_target_group(after["load_balancers"])
    step = Step("CreateService", params, (f"{INVALID}: not idempotent",), _propagations(wanted["wait_timeout"]))
    return Plan(None, after, (step,), NOTES)


def _propagations(draining: int) -> tuple[Propagation, ...]:
    return (
        Propagation(INVALID, "Unable to assume the service linked role"),  # rule ECS-S25
        Propagation(INVALID, "still Draining", draining),  # rule ECS-S24
        Propagation(INVALID, "does not have an associated load balancer", 20),  # rule ECS-S10, right after the listener was made
        Propagation(INVALID, "verify that the ECS service role being passed has the proper permissions"),  # rule IAM-11
        Propagation("ClusterNotFoundException", "", 10),  # rule ECS-D8, right after the cluster was made
    )


def _change(client: Any, wanted: dict[str, Any], live: dict[str, Any], definitions: Sequence[dict[str, Any]]) -> Plan:
    managed = wanted["deployment_controller"] == "ECS"
    released = carried.differing(wanted, live)
    own = {name: _merged(live.get(name), value) for name, value in carried.given(wanted, (*UPDATED, *UPDATED_BY_ECS)).items()}
    own = {name: value for name, value in own.items() if live.get(name, carried.ABSENT_MEANS.get(name)) != value}
    locked = {} if managed else {name: own.pop(name) for name in UPDATED_BY_ECS if name in own}
    count = _count(wanted, live["desired_count"])
    if count != live["desired_count"]:
        own["desired_count"] = count
    notes = {**NOTES, "recreation_difference": carried.difference(live, locked)}
    if live["deployment_controller"] != wanted["deployment_controller"]:
        own |= _move(wanted, live)
        released = {key: value for key, value in released.items() if key not in own}
    carried.refuse(wanted, live, released)
    if wanted["release"]:
        _refuse_foreign_release(wanted, managed, live, released)
        own.update(released)
    else:
        awaited = _awaited(wanted, live, released, definitions)
        notes.update(needs_release=bool(awaited), release_difference=awaited)
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    steps = labels.steps(live["service_arn"], change)
    if own:
        steps.insert(0, Step("UpdateService", {**_request(client, "UpdateService", _sent(wanted, own)), "service": wanted["name"]}))
    return Plan(live, {**live, **own, "tags": change.after}, tuple(steps), notes)


def _move(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """What goes with another controller: ECS begins a deployment of what is live, between the groups that it is told here.

    Of what is live: another container or port waits for a release, which brings the task definition that has it.
    """
    declared = {"load_balancers": live["load_balancers"], **carried.given(wanted, ("load_balancers",))}
    as_live = [{name: item[name] for name in ("container_name", "container_port") if name in item} for item in live["load_balancers"]]
    kept = [{**item, **own} for item, own in zip(declared["load_balancers"], as_live or declared["load_balancers"], strict=False)]
    turned = controller_move.facing(kept, live["active_target_group_arn"])
    return {"deployment_controller": wanted["deployment_controller"], "load_balancers": turned}


def _refuse_foreign_release(wanted: dict[str, Any], managed: bool, live: dict[str, Any], released: dict[str, Any]) -> None:
    if not released:
        return
    if not managed:
        message = f"service {wanted['name']} is released by CodeDeploy; make a deployment instead of release: true (rule ECS-U2)"
        raise RailyardError(message, release_difference=carried.difference(live, released))


def _awaited(
    wanted: dict[str, Any], live: dict[str, Any], released: dict[str, Any], definitions: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """What a release will bring. Another image alone is the deployer's own business, after a rollback for example."""
    found = carried.difference(live, released)
    if "task_definition" not in released or len(definitions) != 2:
        return found
    inner = differences(declared(definitions[0]), declared(definitions[1]))
    deployed = images(definitions[0]) if wanted["keep_image_of"] is None else wanted["keep_image_of"]
    if set(inner) <= {f"containers.{name}.image" for name in deployed}:
        del found["task_definition"]
        return found
    return {**found, **{f"task_definition.{path}": change for path, change in inner.items()}}


def _merged(live: Any, wanted: Any) -> Any:
    """A dict with the members that were not given as they are live."""
    if not isinstance(live, dict) or not isinstance(wanted, dict):
        return wanted
    return {**live, **{name: _merged(live.get(name), value) for name, value in wanted.items() if value is not None}}


def _count(wanted: dict[str, Any], live: int) -> int:
    """The scaler's number, brought back between the limits (rule ECS-U7: otherwise it is left alone)."""
    low, high = wanted["desired_count_min"], wanted["desired_count_max"]
    lowered = live if high is None else min(live, high)
    return lowered if low is None else max(lowered, low)


def _request(client: Any, operation: str, given: dict[str, Any]) -> dict[str, Any]:
    """Options in the parameters of AWS's operation."""
    nested = dict(given)
    if "network_configuration" in given:
        net = given["network_configuration"]
        public = "ENABLED" if net["assign_public_ip"] else "DISABLED"
        nested["network_configuration"] = {"awsvpc_configuration": {**net, "assign_public_ip": public}}
    if "deployment_controller" in given:
        nested["deployment_controller"] = {"type": given["deployment_controller"]}
    converted: dict[str, Any] = shape.aws(shape.input_shape(client, operation), nested)
    return converted


def _sent(wanted: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """What changes, for UpdateService; of the deployment configuration what was given, because AWS keeps the rest."""
    chosen = wanted["deployment_configuration"] or {}
    return {
        "cluster": wanted["cluster"],
        **{name: {key: value[key] for key in chosen} if name == "deployment_configuration" else value for name, value in own.items()},
    }
