# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follows a deployment until it reaches a state, and reports its progress meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .._core.clock import CLOSELY, FIRST_PAUSE, REPORT_EVERY, Clock, next_pause, time_of_day, until_report
from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._core.progress import Say
from .._ecs.deployment import Deployment
from .._environment.description import Traffic
from .deployment import ENDED, arrived, identity_of, label, live_now, lost, name, percent, progress
from .deployments import Deployments

# Seconds that a deployment may stay in each state. CodeDeploy takes up to two days for a shift and for keeping old tasks (`declared`).
TIMEOUTS = {"preparing": 1200, "ready": 3600, "shifting": 4 * 3600, "waiting": 4 * 3600, "rolling_back": 1800}
SLACK = 3600
# A deployment that is stopped and rolled back is `stopped` for a moment before its rollback begins (rule CD-26).
ROLLBACK_BEGINS = 20.0
# CloudWatch Logs shows the last lines of a container, which say why it crashed, seconds after its end.
LINES_COME = 6.0


@dataclass(frozen=True)
class Following:
    """How to follow: what is said to whom, how long each state may last, what is done with every look (the lock's heartbeat), when a
    deployment is seen to go back, and the traffic as declared, which says how long a share of it is kept."""

    say: Say = lambda line: None
    timeouts: dict[str, int] | None = None
    heartbeat: Callable[[], None] = lambda: None
    clock: Clock = field(default_factory=Clock)
    going_back: Callable[[], None] = lambda: None
    traffic: Traffic = field(default_factory=Traffic)

    def limit(self, status: str) -> float:
        return {**TIMEOUTS, **(self.timeouts or {})}.get(status, float("inf"))


def declared(traffic: Traffic) -> dict[str, int]:
    """Seconds that the traffic may move and old tasks be kept when an inventory wants it so.

    An hour more than AWS is told to take, and never fewer than of other traffic, of which a deployment in flight may be. Pure.
    """
    steps = {"canary": 1, "linear": math.ceil(100 / (traffic.get("percent") or 100)) - 1}.get(traffic.get("shift", ""), 0)
    minutes = {"shifting": steps * (traffic.get("minutes") or 0), "waiting": traffic.get("keep_old") or 0}
    return {state: max(TIMEOUTS[state], minutes[state] * 60 + SLACK) for state in minutes}


def lasts(traffic: Traffic, deployment: Deployment) -> float | None:
    """Seconds that a share of the traffic, or the old tasks, are kept where an inventory wants it so; None when AWS decides that. Pure."""
    minutes = {"waiting": traffic.get("keep_old")}
    if traffic.get("shift") in ("canary", "linear") and percent(deployment) != 100:
        minutes["shifting"] = traffic.get("minutes")
    return 60.0 * kept if (kept := minutes.get(deployment["status"])) else None


def follow(live: Deployments, identity: str, wait_for: str, how: Following | None = None) -> Deployment:
    """Read the deployment, at most once a second, until it is at least `wait_for` (ready, traffic_shifted, old_tasks_stopped); returns it.

    Raises RailyardError, with the deployment in its details, when it fails, is stopped, superseded or rolled back (then after the
    rollback has ended), when a state lasts too long, and when its new tasks are in a crash loop: it is stopped and rolled back first.
    """
    how, healthy, noticed = how or Following(), False, None
    for now, seconds in observe(live, identity, how):
        if arrived(now, wait_for):
            return now
        if lost(now):
            raise failure(live, now, "" if healthy else _why_it_crashed(live, now, how))
        healthy = healthy or bool(now["tasks"]["healthy"])
        noticed = now["status_reason"] or noticed
        if now["status"] == "preparing" and not healthy and (crash := live.crash(now)) is not None:
            how.clock.sleep(LINES_COME)
            words = live.crash_report(crash, noticed, how.clock)
            raise failure(live, undo(live, identity, how, words), words)
        if seconds > how.limit(now["status"]):
            raise _too_long(live, now, seconds, how)
    raise AssertionError("unreachable")


def _why_it_crashed(live: Deployments, deployment: Deployment, how: Following) -> str:
    """The crash report of a deployment that the engine has ended; "" without a crash. AWS itself says only that tasks failed to start."""
    crash = live.crash(deployment)
    reason = f"{deployment['status_reason']}; " if deployment["status_reason"] else ""
    if crash:
        how.clock.sleep(LINES_COME)
    return f"{reason}{live.crash_report(crash, None, how.clock)}" if crash else ""


def observe(live: Deployments, identity: str, how: Following) -> Iterator[tuple[Deployment, float]]:
    """Yields each reading of a deployment with the seconds since its state changed. Reports changes; the pauses between readings grow."""
    began = entered = stepped = spoke = how.clock.now()
    status, said, pause, seen = "", "", FIRST_PAUSE, None
    weights: dict[str, int] = {}
    while True:
        how.heartbeat()
        now = live.read(identity)
        moment, line = how.clock.now(), progress(now)
        if now["weights"] != weights or now["status"] != status:
            weights, stepped = now["weights"], moment
        if now["status"] != status:
            status, entered, seen = now["status"], moment, None
            if status == "rolling_back":
                how.going_back()
        if line != said:
            how.say(f"{line}, {moment - began:.0f} s")
            said, pause, spoke = line, FIRST_PAUSE, moment
        elif moment - spoke >= REPORT_EVERY:
            how.say(f"{time_of_day()} still {line}, {moment - began:.0f} s{_link(now) if spoke == entered else ''}")
            spoke = moment
        yield now, moment - entered
        kept = lasts(how.traffic, now)
        due = None if kept is None else stepped + kept - moment
        closely = moment - stepped < CLOSELY if due is None else -CLOSELY < due <= FIRST_PAUSE
        rest = min(pause, until_report(moment - spoke), max(due, FIRST_PAUSE) if due else pause)
        try:
            seen = _rest(live, now, how.clock, rest, seen, closely)
        except Interrupted as end:
            raise Interrupted(goes_on(live, now), deployment=now) from end
        pause = next_pause(pause, moment - entered)


def _rest(live: Deployments, now: Deployment, clock: Clock, seconds: float, before: Any, closely: bool) -> Any:
    """Sleep so many seconds; with a look each second (`closely`) less, when the deployment has left its state. Returns the last look."""
    until, identity = clock.now() + seconds, identity_of(now)
    while (left := until - clock.now()) > 0:
        clock.sleep(min(left, FIRST_PAUSE) if closely else left)
        if not closely or clock.now() >= until:
            continue
        seen = live.glance(identity, now["status"])
        if before is not None and seen != before:
            return seen
        before = seen
    return before


def goes_on(live: Deployments, deployment: Deployment) -> str:
    """The sentence that says that a deployment continues after the process that followed it has ended."""
    status = deployment["status"].replace("_", " ")
    return f"deployment {label(deployment['deployment_id'])} to {live.place} is {status} and goes on by itself{_link(deployment)}"


def _link(deployment: Deployment) -> str:
    return f": {deployment['console_url']}" if deployment.get("console_url") else ""


def undo(live: Deployments, identity: str, how: Following, why: str) -> Deployment:
    """Stop a deployment with rollback, and follow it to its end. Returns the deployment as it ended."""
    how.say(f"stopping {label(identity)} and going back: {why.splitlines()[0]}")
    live.stop(identity, rollback=True)
    return settle(live, identity, how, rollback=True)


def settle(live: Deployments, identity: str, how: Following, rollback: bool) -> Deployment:
    """Follow a deployment to its end and return it. `rollback`: it is rolling back, which AWS may show some seconds later."""
    for now, seconds in observe(live, identity, how):
        awaited = rollback and now["status"] == "stopped" and seconds < ROLLBACK_BEGINS
        if now["status"] in ENDED and not awaited:
            return now
        if seconds > how.limit(now["status"]):
            raise _too_long(live, now, seconds, how)
    raise AssertionError("unreachable")


def failure(live: Deployments, deployment: Deployment, why: str = "") -> RailyardError:
    """The error for a deployment that ended without success: what happened to it, the reason, and what is live now."""
    back, status = deployment["rollback"], deployment["status"].replace("_", " ")
    said = f"deployment {label(deployment['deployment_id'])} of {name(deployment['task_definition'])} to {live.place} "
    said += f"was {status}" if status in ("stopped", "superseded", "rolled back") else status
    reasons = [why or deployment["status_reason"] or "AWS gives no reason"]
    if back is not None:
        reasons.append(f"rollback {label(back['deployment_id'])}: {back['status']}")
    return RailyardError(f"{said}: {'; '.join(reasons)}. {live_now(deployment).capitalize()}.", deployment=deployment)


def _too_long(live: Deployments, deployment: Deployment, seconds: float, how: Following) -> RailyardError:
    """The error for a state that lasts too long. Tasks that never became healthy have served no users: that deployment is rolled back."""
    status = deployment["status"]
    why = f"it is {status.replace('_', ' ')} for {seconds:.0f} s, {how.limit(status):.0f} are allowed (timeouts.{status})"
    if status == "preparing":
        return failure(live, undo(live, identity_of(deployment), how, why), why)
    said = f"deployment {label(deployment['deployment_id'])} to {live.place} goes on without us: {why}"
    return RailyardError(f"{said}. {live_now(deployment).capitalize()}.", deployment=deployment)
