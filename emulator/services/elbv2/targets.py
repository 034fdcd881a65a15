"""Targets and their health, which takes time.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from ..ec2 import reach
from . import store

REASONS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.Timeout": "Request timed out",
    "Target.ResponseCodeMismatch": "Health checks failed with these codes: [{status}]",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.HealthCheckDisabled": "Health checks are not enabled for this target",
}
# The same reason in other words, for a target that no load balancer of its group reaches.
ELSEWHERE = "Target is in an Availability Zone that is not enabled for the load balancer"


@dataclass
class Target:
    """One registered target. `healthy`: whether it passes health checks, `status`: what it answers to them, 0 without an answer; `arrives`:
    whether they reach it.

    `before` is the state that lasts until enough health checks have agreed on another one.
    """

    address: str
    port: int | None
    zone: str | None
    registered: float
    since: float
    before: str = "initial"
    healthy: bool = True
    status: int = 0
    arrives: bool = True
    leaving: bool = False

    @property
    def passes(self) -> bool:
        return self.healthy and self.arrives


# Each is told of a target group of which a target has another state.
on_change: list[Callable[[Call, str], None]] = []


def _targets(call: Call, group_arn: str) -> dict[tuple[str, int | None], Target]:
    found: dict[tuple[str, int | None], Target] = world.store("elbv2", call).setdefault(group_arn, {})
    return found


def _used_since(call: Call, group: Any) -> float | None:
    """When the first active load balancer began to use a group; None while none does."""
    balancers = [store.backend(call).load_balancers[arn] for arn in store.users(call, group.arn)]
    if not balancers:
        group.used_since = None
        return None
    if getattr(group, "used_since", None) is None:
        group.used_since = world.clock.now()
    moment: float = group.used_since
    return moment


def notice(call: Call) -> None:
    """After a change of listeners: from now on, some groups are in use and others are not."""
    for group in store.backend(call).target_groups.values():
        _used_since(call, group)
    look(call)


def look(call: Call) -> None:
    """After a change of what reaches what: health checks arrive, or no longer."""
    for group in store.backend(call).target_groups.values():
        for target in _targets(call, group.arn).values():
            _change(call, group, target, target.healthy)


def _arrives(call: Call, group: Any, target: Target) -> bool:
    """Whether health checks of each load balancer arrive. An address that no network interface has is not judged."""
    end = reach.interface(call, target.address)
    if end is None:
        return True
    port = int((target.port or group.port) if group.health_check_port == "traffic-port" else group.health_check_port)
    balancers = [store.backend(call).load_balancers[arn] for arn in store.users(call, group.arn)]
    return all(reach.connects(call, reach.load_balancer(each), end, port) for each in balancers)


def _change(call: Call, group: Any, target: Target, healthy: bool) -> None:
    """From now on health checks pass, or fail; the state follows after the thresholds."""
    arrives = _arrives(call, group, target)
    if (healthy and arrives) != target.passes:
        state, _ = _state(call, group, target)
        target.before = state if state in ("healthy", "unhealthy") else "initial"
        target.since = world.clock.now()
        checks = _checks(group, target.before, healthy and arrives)
        world.clock.after(checks * float(group.health_check_interval_seconds), partial(_changed, call, group.arn))
    target.healthy, target.arrives = healthy, arrives


def _changed(call: Call, group: str) -> None:
    for hook in on_change:
        hook(call, group)


def _enabled_since(call: Call, group: Any, zone: str | None) -> float | None:
    """When the first load balancer that uses a group began to reach a zone; None for a zone that none of them reaches."""
    balancers = [store.backend(call).load_balancers[arn] for arn in store.users(call, group.arn)]
    if zone is None:
        return 0.0
    return min((balancer.zones[zone] for balancer in balancers if zone in balancer.zones), default=None)


def _state(call: Call, group: Any, target: Target) -> tuple[str, str]:
    """State and reason of a registered target, at this moment."""
    if target.leaving:
        return "draining", "Target.DeregistrationInProgress"
    used = _used_since(call, group)
    enabled = _enabled_since(call, group, target.zone)
    if used is None or enabled is None:
        return "unused", "Target.NotInUse"
    used = max(used, enabled)
    if not group.health_check_enabled:
        return "unavailable", "Target.HealthCheckDisabled"
    balancers = [store.backend(call).load_balancers[arn] for arn in store.users(call, group.arn)]
    active = [balancer.active_since for balancer in balancers if balancer.state == "active"]
    if not active:
        return "initial", "Elb.RegistrationInProgress"
    start = max(target.since, used, min(active))
    state = target.before if target.since >= used else "initial"
    needed = _checks(group, state, target.passes) * float(group.health_check_interval_seconds)
    if (world.clock.now() - start) * world.clock.speed >= needed - 1e-6:
        state = "healthy" if target.passes else "unhealthy"
    reasons = {"initial": "Elb.InitialHealthChecking"}
    answered = "Target.ResponseCodeMismatch" if target.status else "Target.FailedHealthChecks"
    reasons["unhealthy"] = answered if target.arrives else "Target.Timeout"
    return state, reasons.get(state, "")


def _checks(group: Any, state: str, healthy: bool) -> int:
    """How many health checks have to agree: a new target passes one, any other change takes its threshold."""
    if not healthy:
        return int(group.unhealthy_threshold_count)
    return 1 if state == "initial" else int(group.healthy_threshold_count)


def set_health(call: Call, target_group_arn: str, address: str, healthy: bool, status: int = 0) -> None:
    """From now on the health checks of `address` pass or fail, with this status; the target's state follows after its thresholds.

    A target that is not registered is left alone.
    """
    group = store.target_group(call, target_group_arn)
    for target in _targets(call, target_group_arn).values():
        if target.address == address:
            target.status = status
            _change(call, group, target, healthy)


def matcher(codes: str) -> Callable[[int], bool]:
    """Whether a status passes a health check: `codes` is a value, a list with commas, or ranges."""
    ranges = [tuple(int(code) for code in part.split("-")) for part in codes.split(",")]
    return lambda status: any(each[0] <= status <= each[-1] for each in ranges)


@operation("elbv2", "RegisterTargets")
def register_targets(call: Call) -> dict[str, Any]:
    """Registering a target again changes nothing, unless it is draining: then it is a new one."""
    group = store.target_group(call, call.params["TargetGroupArn"])
    targets = _targets(call, group.arn)
    for given in call.params["Targets"]:
        key = (given["Id"], given.get("Port", group.port))
        if key not in targets or targets[key].leaving:
            now = world.clock.now()
            targets[key] = Target(*key, given.get("AvailabilityZone") or _zone(call, group, given["Id"]), now, now)
            targets[key].arrives = _arrives(call, group, targets[key])
    return {}


def _zone(call: Call, group: Any, address: str) -> str | None:
    """The Availability Zone of the subnet that an address is in; other kinds of target are shown without one."""
    if group.target_type != "ip":
        return None
    subnets = [subnet for zone in world.backend("ec2", call).subnets.values() for subnet in zone.values()]
    inside = (each for each in subnets if each.vpc_id == group.vpc_id and ipaddress.ip_address(address) in each.cidr)
    found = next(inside, None)
    return str(found.availability_zone) if found else None


@operation("elbv2", "DeregisterTargets")
def deregister_targets(call: Call) -> dict[str, Any]:
    """A target in use drains for the deregistration delay; without Port, every port of the address goes."""
    group = store.target_group(call, call.params["TargetGroupArn"])
    targets = _targets(call, group.arn)
    chosen = []
    for given in call.params["Targets"]:
        port = given.get("Port")
        keys = [key for key in targets if key[0] == given["Id"] and port in (None, key[1]) and not targets[key].leaving]
        if not keys:
            raise Refusal("InvalidTarget", f"The following targets are not registered: '{given['Id']}'")
        chosen += keys
    delay = float(group.attributes.get("deregistration_delay.timeout_seconds", 0))
    for key in chosen:
        if _used_since(call, group) is None or not delay:
            del targets[key]
            continue
        targets[key].leaving = True
        world.clock.after(delay, _forget(targets, key, targets[key]))
    return {}


def _forget(targets: dict[tuple[str, int | None], Target], key: tuple[str, int | None], gone: Target) -> Any:
    def forget() -> None:
        if targets.get(key) is gone:
            del targets[key]

    return forget


def _described(group: Any, address: str, port: int | None, zone: str | None, state: str, reason: str, status: int = 0) -> dict[str, Any]:
    target = {"Id": address, **({"Port": port} if port else {}), **({"AvailabilityZone": zone} if zone else {})}
    text = ELSEWHERE if reason == "Target.NotInUse" and getattr(group, "used_since", None) is not None else REASONS.get(reason, "")
    text = text.format(status=status)
    health = {"State": state, **({"Reason": reason, "Description": text} if reason else {})}
    check = str(port) if group.health_check_port == "traffic-port" else group.health_check_port
    return {"Target": target, "TargetHealth": health, **({"HealthCheckPort": check} if check and port else {})}


@operation("elbv2", "DescribeTargetHealth")
def describe_target_health(call: Call) -> dict[str, Any]:
    group = store.target_group(call, call.params["TargetGroupArn"])
    targets = _targets(call, group.arn)
    wanted = call.params.get("Targets") or [{"Id": key[0], "Port": key[1]} for key in targets]
    descriptions = []
    for given in wanted:
        key = (given["Id"], given.get("Port") or group.port)
        if key in targets:
            target = targets[key]
            descriptions.append(_described(group, *key, target.zone, *_state(call, group, target), target.status))
        else:
            descriptions.append(_described(group, *key, None, "unused", "Target.NotRegistered"))
    return {"TargetHealthDescriptions": descriptions}


reach.changed.append(look)
