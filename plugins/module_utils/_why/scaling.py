# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a process is not scaled."""

from __future__ import annotations

from typing import Any

from .._autoscaling import target
from .._core import aws
from .._environment.naming import Names
from .._status.scaling import Scaling, wanted_of
from .findings import Finding, finding

Clients = dict[str, Any]
AT_ONCE = 100
NO_DATA = "INSUFFICIENT_DATA"
RELEASE = "a release suspends scaling and resumes it at its end"
LEFT = "nobody releases: a run that was killed has left it; playbooks/repair.yml resumes it"


def read(clients: Clients, names: Names, scaled: list[Scaling], releasing: bool) -> list[Finding]:
    """What keeps each process from being scaled. `releasing`: a deployment is in flight, or somebody has the lock."""
    wanted = [wanted_of(names.cluster, one["process"]) for one in scaled]
    live = target.find_each(clients["application-autoscaling"], wanted)
    used = {one["process"]: _alarms(found) for one, found in zip(scaled, live, strict=True)}
    every = sorted({alarm for by_policy in used.values() for some in by_policy.values() for alarm in some})
    states: dict[str, str] = {}
    for some in aws.batches(every, AT_ONCE):
        found = aws.pages(clients["cloudwatch"], "DescribeAlarms", "MetricAlarms", AlarmNames=some)
        states |= {one["AlarmName"]: one["StateValue"] for one in found}
    return [told for one in scaled if (told := why(one, used[one["process"]], states, releasing)) is not None]


def _alarms(live: dict[str, Any] | None) -> dict[str, list[str]]:
    """Names of alarms by policy."""
    policies = (live or {}).get("policies") or []
    return {one["policy_name"]: [alarm["alarm_name"] for alarm in one.get("alarms", [])] for one in policies}


def why(one: Scaling, used: dict[str, list[str]], states: dict[str, str], releasing: bool) -> Finding | None:
    """The first thing that keeps a process from being scaled, in the order in which AWS asks; None where nothing does.

    `used`: names of alarms by policy; `states`: of alarms by name. Pure.
    """
    process, size = one["process"], f"{one['desired']} of {one['min']}..{one['max']} tasks"
    last = next(iter(one["activities"]), None)
    words = [f"{last['cause']} {last['message']}".strip()] if last else []
    if one["suspended"]:
        return finding("scaling", process, f"scaling of {process} is suspended ({size})", [], RELEASE if releasing else LEFT)
    if last and last["status"] == "Failed":
        return finding("scaling", process, f"the last scaling of {process} failed ({size})", words, "", "playbooks/status.yml")
    raised = [policy for policy, alarms in used.items() if any(states.get(name) == "ALARM" for name in alarms if "AlarmHigh" in name)]
    if raised and one["desired"] is not None and one["desired"] >= one["max"]:
        hint = f"raise max of {process} in railyard_sizes, or what one task does at a time; then site.yml"
        return finding("scaling", process, f"{process} is at its upper bound, and {', '.join(raised)} asks for more ({size})", words, hint)
    if last and last["not_scaled"]:
        return finding("scaling", process, f"{process} was not scaled: {', '.join(last['not_scaled'])} ({size})", words, "", "")
    if not used:
        hint = f"scale of {process} in railyard_processes names what it is scaled by; then site.yml"
        return None if one["min"] == one["max"] else finding("scaling", process, f"{process} has no scaling policy ({size})", [], hint)
    dark = [policy for policy, alarms in used.items() if all(states.get(name, NO_DATA) == NO_DATA for name in alarms)]
    # Without requests there is no number of requests: one policy without data is no fault as long as another one has some.
    if dark and len(dark) == len(used):
        hint = "in the first minutes, and without running tasks, there is no metric; alarms that are gone are made anew by site.yml"
        return finding("scaling", process, f"{', '.join(dark)} of {process} has no data ({size})", [], hint)
    if raised and releasing:
        return finding(
            "scaling", process, f"{', '.join(raised)} asks for more tasks of {process} while somebody releases ({size})", words, RELEASE
        )
    return None
