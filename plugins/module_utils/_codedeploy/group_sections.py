# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a deployment group that UpdateDeploymentGroup replaces one by one (rule CD-17), in AWS's members and our shape.

A part that is sent is replaced as a whole, so each is made from what is wanted and, where nothing is wanted, from what is live.
"""

from __future__ import annotations

from typing import Any

from .group_options import ALL_AT_ONCE

STYLE = {"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"}
# Long enough for a person to look at the new release and go back at once, short enough not to hold up the next one: a deployment
# ends only when the old tasks are gone, and a group has one deployment at a time (rules CD-20, CD-28).
KEEP_MINUTES = 5


def wanted_sections(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """Every part of the group as it is to be. `live` is {} for a new group."""
    sections = {
        "deployment_config_name": wanted["deployment_config_name"] or live.get("deployment_config_name") or ALL_AT_ONCE,
        "service_role_arn": wanted["service_role_arn"],
        "deployment_style": STYLE,
        "blue_green_deployment_configuration": _blue_green(wanted, live.get("blue_green_deployment_configuration") or {}),
        "load_balancer_info": _load_balancer(wanted, _pair_info(live)),
        "ecs_services": [{"cluster_name": wanted["ecs"]["cluster"], "service_name": wanted["ecs"]["service"]}],
        "alarm_configuration": _alarms(wanted, live.get("alarm_configuration") or {}),
        "auto_rollback_configuration": _rollback(wanted, live.get("auto_rollback_configuration")),
        "trigger_configurations": _triggers(wanted, live.get("trigger_configurations")),
    }
    return {key: value for key, value in sections.items() if value is not None}


def different(live: dict[str, Any], sections: dict[str, Any]) -> dict[str, Any]:
    """The parts that are not live yet. Order is no difference, nor is what AWS leaves out against its default."""
    return {key: value for key, value in sections.items() if canonical(key, live.get(key)) != canonical(key, value)}


def canonical(section: str, value: Any) -> Any:
    """A part in a form in which equal ones are equal."""
    if section == "load_balancer_info":
        return _canonical_pair(_pair_info({section: value}))
    if section == "blue_green_deployment_configuration":
        ready, terminate = _ready(value or {}), _terminate(value or {})
        minutes = ready.get("wait_time_in_minutes") or 0
        kept = terminate.get("termination_wait_time_in_minutes") or 0
        return ready.get("action_on_timeout"), minutes, terminate.get("action"), kept
    if section == "alarm_configuration":
        names = sorted(alarm["name"] for alarm in (value or {}).get("alarms") or [])
        return bool((value or {}).get("enabled")), bool((value or {}).get("ignore_poll_alarm_failure")), names
    if section == "auto_rollback_configuration":
        return bool((value or {}).get("enabled")), sorted((value or {}).get("events") or [])
    if section == "trigger_configurations":
        triggers = value or []
        return sorted((t["trigger_name"], t["trigger_target_arn"], sorted(t["trigger_events"])) for t in triggers)
    return value


def _canonical_pair(info: dict[str, Any]) -> tuple[list[str], list[str], list[str]]:
    return (
        sorted(group["name"] for group in info.get("target_groups") or []),
        (info.get("prod_traffic_route") or {}).get("listener_arns") or [],
        (info.get("test_traffic_route") or {}).get("listener_arns") or [],
    )


def _pair_info(group: dict[str, Any]) -> dict[str, Any]:
    pairs = (group.get("load_balancer_info") or {}).get("target_group_pair_info_list") or [{}]
    info: dict[str, Any] = pairs[0]
    return info


def _ready(configuration: dict[str, Any]) -> dict[str, Any]:
    return configuration.get("deployment_ready_option") or {}


def _terminate(configuration: dict[str, Any]) -> dict[str, Any]:
    return configuration.get("terminate_blue_instances_on_deployment_success") or {}


def _blue_green(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """Rule CD-3: AWS wants both options whenever it gets one."""
    ready = _ready(live) or {"action_on_timeout": "CONTINUE_DEPLOYMENT"}
    if wanted["ready"]:
        ready = {"action_on_timeout": wanted["ready"]["action"]}
        if wanted["ready"].get("wait_minutes"):
            ready["wait_time_in_minutes"] = wanted["ready"]["wait_minutes"]
    minutes = wanted["terminate_after_minutes"]
    terminate = _terminate(live)
    if minutes is not None or not terminate:
        terminate = {"action": "TERMINATE", "termination_wait_time_in_minutes": KEEP_MINUTES if minutes is None else minutes}
    return {"terminate_blue_instances_on_deployment_success": terminate, "deployment_ready_option": ready}


def _load_balancer(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    names = wanted["target_group_pair"]
    in_order = [group["name"] for group in live.get("target_groups") or []]
    info: dict[str, Any] = {
        "target_groups": [{"name": name} for name in (in_order if sorted(in_order) == sorted(names) else names)],
        "prod_traffic_route": {"listener_arns": [wanted["production_listener_arn"]] if wanted["production_listener_arn"] else []},
    }
    test = wanted["test_listener_arn"]
    if test:
        info["test_traffic_route"] = {"listener_arns": [test]}
    elif test is None and live.get("test_traffic_route"):
        info["test_traffic_route"] = live["test_traffic_route"]
    return {"target_group_pair_info_list": [info]}


def _alarms(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any] | None:
    alarms, ignore = wanted["alarms"], wanted["ignore_poll_alarm_failure"]
    if alarms is None and ignore is None:
        return live or None
    kept = live.get("alarms") or [] if alarms is None else [{"name": name} for name in alarms]
    return {
        "enabled": bool(live.get("enabled")) if alarms is None else bool(alarms),
        "ignore_poll_alarm_failure": bool(live.get("ignore_poll_alarm_failure")) if ignore is None else ignore,
        "alarms": kept,
    }


def _rollback(wanted: dict[str, Any], live: dict[str, Any] | None) -> dict[str, Any] | None:
    events = wanted["auto_rollback"]
    return live if events is None else {"enabled": bool(events), "events": events}


def _triggers(wanted: dict[str, Any], live: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    if wanted["triggers"] is None:
        return live
    return [
        {"trigger_name": trigger["name"], "trigger_target_arn": trigger["topic_arn"], "trigger_events": trigger["events"]}
        for trigger in wanted["triggers"]
    ]
