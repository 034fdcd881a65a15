# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an environment is healthy, degraded or down, and what is wrong with the command that repairs it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from .parts import READ, UNREADABLE, Part

HEALTHY, DEGRADED, DOWN, UNKNOWN = "healthy", "degraded", "down", "unknown"
# Without one of these nobody can say whether users are served.
NEEDED = ("services", "load_balancer")
SETTLED = ("available", "backing-up", "storage-optimization", "configuring-enhanced-monitoring", "configuring-log-exports", "maintenance")
CERTIFICATE_DAYS = 14
FREE_SHARE = 0.1
GIB = 1024**3
WEB = "web"


class Problem(TypedDict):
    """`health`: degraded or down. `next`: the command that repairs it or tells more, "" without one."""

    health: str
    what: str
    next: str


def judge(parts: Mapping[str, Part]) -> tuple[str, list[Problem]]:
    """The worst of what is wrong, and all of it, the worst first. `unknown` where what users reach cannot be read."""
    found = {name: part["found"] for name, part in parts.items() if part["state"] == READ}
    problems = [problem for look in LOOKS for problem in look(found)]
    problems.sort(key=lambda problem: problem["health"] != DOWN)
    unreadable = [name for name in NEEDED if parts[name]["state"] == UNREADABLE]
    if any(problem["health"] == DOWN for problem in problems) and not unreadable:
        return DOWN, problems
    return (UNKNOWN if unreadable else DEGRADED if problems else HEALTHY), problems


def _problem(health: str, what: str, following: str = "") -> Problem:
    return {"health": health, "what": what, "next": following}


def _users(found: Mapping[str, Any]) -> Iterator[Problem]:
    """Whether somebody answers users."""
    if "services" not in found or "load_balancer" not in found:
        missing = "services" if "services" not in found else "load balancer"
        yield _problem(DOWN, f"there is no {missing} that could answer", "site.yml")
        return
    balancer = found["load_balancer"]
    if balancer["maintenance"]:
        yield _problem(DEGRADED, "users see the maintenance page", "playbooks/maintenance.yml -e do=off")
    serving = [group for group in balancer["groups"] if group["weight"]]
    if balancer["answers"]:
        yield _problem(DEGRADED, f"the listener {balancer['answers']}", "playbooks/repair.yml")
        return
    if not any(group["targets"].get("healthy") for group in serving):
        web = next((one for one in found["services"] if one["name"] == WEB), None)
        released = web is not None and web["desired"]
        yield (
            _problem(DOWN, "no target that gets traffic is healthy", "playbooks/why.yml")
            if released
            else _problem(DOWN, "nothing runs that could answer: web wants no task", "playbooks/deploy.yml")
        )
        return
    for group in serving:
        if number := group["targets"].get("unhealthy", 0):
            yield _problem(DEGRADED, f"{number} of {group['name']} unhealthy: {', '.join(group['reasons'])}", "playbooks/why.yml")


def _tasks(found: Mapping[str, Any]) -> Iterator[Problem]:
    """Fewer tasks than wanted. While a deployment is in flight that is how it goes."""
    for one in found.get("services", []):
        short = one["desired"] - one["running"]
        if short > 0 and not (one["name"] == WEB and found.get("deployment")):
            yield _problem(DEGRADED, f"{one['name']} runs {one['running']} of {one['desired']} tasks", "playbooks/why.yml")


def _deployment(found: Mapping[str, Any]) -> Iterator[Problem]:
    going = found.get("deployment")
    if going and going["rollback"]:
        yield _problem(DEGRADED, f"a deployment is being rolled back: {going['progress']}", "playbooks/deployment.yml")


def _alarms(found: Mapping[str, Any]) -> Iterator[Problem]:
    for one in found.get("alarms", []):
        if one["state"] == "ALARM":
            yield _problem(DEGRADED, f"alarm {one['name']}: {one['reason']}")


def _scaling(found: Mapping[str, Any]) -> Iterator[Problem]:
    releasing = found.get("deployment") or (found.get("lock") or {}).get("alive")
    for one in found.get("scaling", []):
        if one["suspended"] and not releasing:
            yield _problem(DEGRADED, f"scaling of {one['process']} is suspended, and nobody releases", "playbooks/repair.yml")
        if one["floor"] and not one["floor_holds"]:
            over = f"the floor of {one['process']} should have ended at {one['floor']['until']}"
            yield _problem(DEGRADED, over, f"playbooks/scale.yml -e until=now -e process={one['process']}")


def _database(found: Mapping[str, Any]) -> Iterator[Problem]:
    live = found.get("database")
    if not live:
        return
    if live["status"] not in SETTLED:
        yield _problem(DEGRADED, f"the database is {live['status']}")
    if live["storage"] and live["free_bytes"] is not None and live["free_bytes"] < FREE_SHARE * live["storage"] * GIB:
        yield _problem(DEGRADED, f"the database has {live['free_bytes'] / GIB:.1f} of {live['storage']} GiB left")


def _certificates(found: Mapping[str, Any]) -> Iterator[Problem]:
    for one in found.get("certificates", []):
        if one["days"] is None or one["status"] not in ("ISSUED",):
            yield _problem(DEGRADED, f"the certificate of {one['domain']} is {one['status']}")
        elif one["days"] < CERTIFICATE_DAYS:
            yield _problem(DEGRADED, f"the certificate of {one['domain']} ends in {one['days']} days")


def _lock(found: Mapping[str, Any]) -> Iterator[Problem]:
    held = found.get("lock")
    if held and not held["alive"] and held["status"] != "abandoned":
        what = f"{held['requested_by']} has left the lock ({held['reason']}), and is gone"
        yield _problem(DEGRADED, what, "playbooks/unlock.yml")


LOOKS = (_users, _tasks, _deployment, _alarms, _scaling, _database, _certificates, _lock)
