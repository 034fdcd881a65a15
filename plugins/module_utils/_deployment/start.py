# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start, continue and stop a deployment. Each can be repeated after a lost reply or a kill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._core.errors import RailyardError
from .._ecs.deployment import Deployment
from .deployment import decide, identity_of, label, lost, name, predicted
from .deployments import Deployments
from .follow import Following, follow, settle, undo

WRITES = ("end_wait", "stop", "start")


@dataclass(frozen=True)
class Outcome:
    """`changed`: something was written, or would be. `deployment` is None when there is none to speak of.

    `before` is what the deployment or the service was like, of what has changed, for a diff.
    """

    changed: bool
    deployment: Deployment | None
    before: dict[str, Any] | None = None

    @property
    def difference(self) -> dict[str, dict[str, Any]]:
        """before and after, of the same members."""
        before = self.before if self.changed and self.before else {}
        return {"before": before, "after": {key: self.deployment.get(key) if self.deployment else None for key in before}}


def start_deployment(
    live: Deployments, wanted: dict[str, Any], if_running: str = "wait", how: Following | None = None, check: bool = False
) -> Outcome:
    """Start what is wanted, or return the deployment that already does or did it.

    A deployment in flight is waited for, refused, or stopped and rolled back (`if_running`). One that only keeps the old tasks is
    ended, or its bake time waited for. Raises RailyardError.
    """
    how, running = how or Following(), live.running()
    steps = decide(running, if_running, wanted, *live.started_as(wanted))
    if check:
        return _predict(live, wanted, steps, running)
    changed = False
    for verb, identity in steps:
        if verb == "adopt":
            how.say(f"{label(identity)} already brings {name(wanted['task_definition'])}")
            return Outcome(changed, live.read(str(identity)))
        changed = _clear(live, verb, str(identity), how) or changed
        if verb == "stop":
            wanted = {**wanted, "supersedes": identity}
    identity = live.start(wanted)
    how.say(f"started {label(identity)} of {name(wanted['task_definition'])} to {live.place}")
    started = live.read(identity)
    return Outcome(True, started, {"task_definition": started["previous_task_definition"]})


def _clear(live: Deployments, verb: str, identity: str, how: Following) -> bool:
    """End or stop the deployments that a new one cannot run beside. Returns whether something was written."""
    if verb == "refuse":
        running = live.read(identity)
        said = f"{live.place} is being deployed by {label(identity)} ({running['status']}, {name(running['task_definition'])})"
        choices = "wait for it (if_running: wait), stop it and roll back (if_running: supersede), or continue it"
        raise RailyardError(f"{said}: {choices}", deployment=running)
    if verb == "end_wait":
        # ECS cannot cut a bake time short, and one that is overtaken never succeeds: a rollback of the next release would pass it by.
        ends = live.proceed(identity)
        how.say(f"{label(identity)} only keeps the old tasks: {'ending its wait' if ends else 'waiting for the end of its bake time'}")
        settle(live, identity, how, rollback=False)
        return ends
    if verb == "follow":
        how.say(f"waiting for {label(identity)}, which is in flight")
        settle(live, identity, how, rollback=False)
    if verb == "stop":
        undo(live, identity, how, "something newer is to be deployed")
    return verb == "stop"


def _predict(live: Deployments, wanted: dict[str, Any], steps: list[tuple[str, str | None]], running: list[Deployment]) -> Outcome:
    for verb, identity in steps:
        if verb == "refuse":
            _clear(live, verb, str(identity), Following())
        if verb == "adopt":
            return Outcome(False, live.read(str(identity)))
    last = next(iter(running or live.recent(1)), None)
    would = predicted(live.name, wanted, _live_then(last, steps) if last else None)
    return Outcome(True, would, {"task_definition": would["previous_task_definition"]})


def _live_then(last: Deployment, steps: list[tuple[str, str | None]]) -> str | None:
    """The task definition that will be live after the steps before the start."""
    gone = lost(last) or ("stop", last["deployment_id"]) in steps
    found: str | None = last["previous_task_definition" if gone else "task_definition"]
    return found


def continue_deployment(live: Deployments, identity: str | None, how: Following | None = None, check: bool = False) -> Outcome:
    """Let the deployment (the one in flight unless named) go on that waits for a person, or for the end of its old tasks."""
    how = how or Following()
    deployment = live.read(identity) if identity else next(iter(live.running() or live.recent(1)), None)
    if deployment is None:
        raise RailyardError(f"{live.place} was never deployed: there is nothing to continue")
    waits = deployment["status"] == "ready" or (deployment["status"] == "waiting" and live.name == "codedeploy")
    before = {"status": deployment["status"]}
    if not waits:
        return Outcome(False, deployment)
    if check:
        return Outcome(True, {**deployment, "status": "shifting" if deployment["status"] == "ready" else "succeeded"}, before)
    changed = live.proceed(identity_of(deployment))
    how.say(f"continued {label(deployment['deployment_id'])}")
    return Outcome(changed, live.read(identity_of(deployment)), before)


def stop_deployment(live: Deployments, identity: str | None, rollback: bool, how: Following | None = None, check: bool = False) -> Outcome:
    """Stop the deployment in flight (or the one named), and follow what that leads to; nothing to do when none is in flight."""
    how, running = how or Following(), live.running()
    found = next((item for item in running if identity in (None, item["deployment_id"])), None)
    if found is None:
        return Outcome(False, live.read(identity) if identity else next(iter(live.recent(1)), None))
    before = {"status": found["status"]}
    if found["status"] == "rolling_back":
        return Outcome(False, found if check else settle(live, identity_of(found), how, rollback=True))
    if check:
        return Outcome(True, {**found, "status": "rolled_back" if rollback else "stopped"}, before)
    if rollback:
        return Outcome(True, undo(live, identity_of(found), how, "somebody wants it"), before)
    live.stop(identity_of(found), rollback=False)
    return Outcome(True, settle(live, identity_of(found), how, rollback=False), before)


def follow_on(live: Deployments, outcome: Outcome, wait_for: str, how: Following | None = None) -> Outcome:
    """Follow a deployment that was started or continued, until it reaches the state that `how` names."""
    if outcome.deployment is None or wait_for == "started":
        return outcome
    return Outcome(outcome.changed, follow(live, identity_of(outcome.deployment), wait_for, how), outcome.before)
