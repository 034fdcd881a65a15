# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release carries of a service, and what none can: one list, read by the converge that promises it and by the release. Pure.

CodeDeploy takes it in the AppSpec, ECS itself in UpdateService:
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html (rules ECS-U2 to ECS-U4)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._core.difference import differences
from .._core.errors import RailyardError
from .fargate import LATEST
from .service import same_revision

# Of the live service, and of the target group that users reach (`health_check`).
RELEASED = ("task_definition", "network_configuration", "platform_version", "load_balancers", "launch_type", "capacity_provider_strategy")
HEALTH_CHECK = "health_check"
# What a converge keeps for the next release; the task definition has a place of its own, its family, and groups belong to releases.
KEPT = ("network_configuration", "platform_version", "load_balancers", "capacity_provider_strategy")
GROUPS = ("target_group_arn", "alternate_target_group_arn")
# The value of a field that is absent from AWS's answer.
ABSENT_MEANS = {
    "health_check_grace_period_seconds": 0,
    "enable_ecs_managed_tags": False,
    "enable_execute_command": False,
    "propagate_tags": "NONE",
    "load_balancers": [],
}


def differing(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """What belongs to the deployer and is live in another form than declared, as declared."""
    declared = given(wanted, RELEASED)
    if {item["capacity_provider"] for item in live.get("capacity_provider_strategy", [])} == {declared.get("launch_type")}:
        # The capacity provider FARGATE alone is the launch type FARGATE.
        del declared["launch_type"]
    return {name: value for name, value in declared.items() if not _same(name, live.get(name, ABSENT_MEANS.get(name)), value, wanted)}


def _same(name: str, live: Any, value: Any, wanted: dict[str, Any]) -> bool:
    if name == "task_definition":
        return same_revision(live, value)
    if name == "platform_version":
        return _same_platform(live or "LATEST", value)
    if name == "load_balancers":
        pair = wanted["target_group_pair"] or []
        return _registrations(live, pair) == _registrations(value, pair)
    if name == "capacity_provider_strategy":
        return _strategy(live or []) == _strategy(value)
    return bool(live == value)


def _same_platform(live: str, wanted: str) -> bool:
    """Whether tasks run on the declared platform. LATEST is whatever AWS makes of it by now, and no earlier one than it was."""
    if wanted == "LATEST":
        return live == "LATEST" or _number(live) >= _number(LATEST)
    return live.replace("LATEST", LATEST) == wanted


def _number(version: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", version)]


def _registrations(balancers: list[dict[str, Any]], pair: list[str]) -> list[str]:
    """Load balancers as comparable texts, with both groups of a pair as one (rule ECS-L4)."""
    plain = [{**item, **_either(item, pair, "target_group_arn")} for item in balancers]
    for item in plain:
        if item.get("advanced_configuration"):
            advanced = {key: value for key, value in item["advanced_configuration"].items() if value is not None}
            item["advanced_configuration"] = sorted({**advanced, **_either(advanced, pair, "alternate_target_group_arn")}.items())
    return sorted(repr(sorted((key, repr(item)) for key, item in one.items() if item is not None)) for one in plain)


def _either(item: dict[str, Any], pair: list[str], member: str) -> dict[str, Any]:
    return {member: pair[0]} if item.get(member) in pair and pair else {}


def _strategy(items: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return sorted((item["capacity_provider"], item.get("weight", 0), item.get("base", 0)) for item in items)


def given(wanted: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The chosen options that are given, in the form of the live service."""
    found = {name: wanted[name] for name in names if wanted.get(name) is not None}
    if "network_configuration" in found:
        net = found["network_configuration"]
        found["network_configuration"] = {**net, **{key: sorted(set(net[key])) for key in ("subnets", "security_groups")}}
    if "load_balancers" in found:
        found["load_balancers"] = [{key: item for key, item in one.items() if item is not None} for one in found["load_balancers"]]
    return found


def difference(live: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    return differences({name: live.get(name, ABSENT_MEANS.get(name)) for name in changed}, changed)


def refuse(wanted: dict[str, Any], live: dict[str, Any], differing: dict[str, Any]) -> None:
    """Raises RailyardError for what no release can carry: it is never promised."""
    if "launch_type" in differing:
        has = live.get("launch_type") or "capacity providers"
        said = (
            f"service {wanted['name']} runs on {has}, declared is launch_type {differing['launch_type']}: UpdateService cannot change the"
        )
        raise RailyardError(f"{said} launch type, and no AppSpec either; use capacity_provider_strategy, or delete the service first")


def kept(declared: dict[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """Of what a converge has kept for the next release, what is live in another form."""
    wanted = {**dict.fromkeys(RELEASED), "target_group_pair": None, **{name: declared[name] for name in KEPT if name in declared}}
    chosen = [_without_groups(item) for item in wanted["load_balancers"] or []]
    members = {member for item in chosen for member in item}
    has = [{key: value for key, value in _without_groups(item).items() if key in members} for item in live.get("load_balancers", [])]
    return differing({**wanted, "load_balancers": chosen or None}, {**live, "load_balancers": has})


def _without_groups(balancer: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in balancer.items() if key not in GROUPS and value is not None}
    advanced = _without_groups(balancer["advanced_configuration"]) if plain.get("advanced_configuration") else None
    return {**plain, "advanced_configuration": advanced} if advanced else plain


def settings(declared: dict[str, Any]) -> dict[str, Any]:
    """What a converge has kept for the next release, in the words of both engines (`_deployment/deployment.Engine`)."""
    (balancer,) = declared.get("load_balancers") or [{}]
    found = {
        "network": declared.get("network_configuration"),
        "platform_version": declared.get("platform_version"),
        "capacity_provider_strategy": declared.get("capacity_provider_strategy"),
        "load_balancer": balancer,
        "container": balancer.get("container_name"),
        "port": balancer.get("container_port"),
        HEALTH_CHECK: declared.get(HEALTH_CHECK),
    }
    return {name: value for name, value in found.items() if value}
