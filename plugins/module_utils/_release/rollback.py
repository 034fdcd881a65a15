# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollback: stop the deployment in flight, or release an earlier image again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .._core.clock import REAL, Clock
from .._core.errors import RailyardError
from .._core.progress import Say
from .._deployment import start
from .._deployment.deployment import ENDED, label, lost
from .._deployment.follow import Following
from .._ecs.deployment import Deployment
from . import flow, preconditions, record, schema_changes
from .deploy import web_deployments
from .environment import Clients, Environment
from .record import Record
from .release_run import Order

# Seconds in which the release whose deployment was stopped has to write its record and release the lock.
LOCK_TIMEOUT = 120


def roll_back(env: Environment, clients: Clients, order: Order, say: Say, clock: Clock = REAL) -> dict[str, Any]:
    """Roll back to release `order.back_to`, or to the last good one before the live one.

    First a deployment in flight is stopped and rolled back, without the lock: its release holds the lock, notices the rollback, and
    releases the lock. A deployment that only keeps its old tasks is stopped as well, if the target is the release of these tasks.
    Then the target is chosen again, because a deployment that has ended meanwhile was not rolled back, and `flow.release` deploys the
    workers of the target. Returns what `flow.release` does, with `stopped` and `back_to`.
    Raises RailyardError across destructive migrations, unless `order.allow_destructive_migrations`.
    """
    target, running = _decide(env, clients, order)
    stopped = stop(env, clients, running, Following(say, order.limits(env), clock=clock))
    if running:
        target, stopped = again(env, clients, order, stopped, say)
    waiting = LOCK_TIMEOUT if stopped else 0
    image = target["digest"] if target else None
    order = replace(order, image=image, back_to=_number(target), migrate=False, lock_timeout=max(order.lock_timeout, waiting))
    done = flow.release(env, clients, order, say, clock)
    return {**done, "changed": done["changed"] or stopped is not None, "stopped": stopped, "back_to": order.back_to}


def again(
    env: Environment, clients: Clients, order: Order, stopped: Deployment | None, say: Say
) -> tuple[Record | None, Deployment | None]:
    """The target, chosen again after `stop`, and the deployment if it was stopped: (target, stopped)."""
    records = _records(env, clients, order)
    if stopped is None or not lost(stopped):
        say("it has ended before it could be stopped, with all traffic on its tasks")
        return choose(env, clients, order, records, []), None
    if order.back_to:
        return choose(env, clients, order, records, []), stopped
    live = preconditions.read(env, clients).digest
    good = (item for item in record.releases(records) if item["status"] == "succeeded" and item["digest"] == live)
    return next(good, None), stopped


def in_flight(env: Environment, clients: Clients) -> list[Deployment]:
    """Deployments in flight. One may have ended since it was listed."""
    return [item for item in web_deployments(env, clients).running() if item["status"] not in ENDED]


def _records(env: Environment, clients: Clients, order: Order) -> list[Record]:
    return record.recent(clients["s3"], env.bucket, 0 if order.back_to else 100)


def preview(env: Environment, clients: Clients, order: Order) -> dict[str, Any]:
    """What `roll_back` would do, without a write."""
    target, running = _decide(env, clients, order)
    would = flow.preview(env, clients, replace(order, image=target["digest"] if target else None, migrate=False))
    changed = would["changed"] or bool(running)
    return {**would, "changed": changed, "stopped": running[0] if running else None, "back_to": _number(target)}


def _decide(env: Environment, clients: Clients, order: Order) -> tuple[Record | None, list[Deployment]]:
    """The target, and the deployments that are stopped to reach it."""
    running, records = in_flight(env, clients), _records(env, clients, order)
    target = choose(env, clients, order, records, running)
    return target, [item for item in running if leads_back(item, target, records)]


def leads_back(deployment: Deployment, target: Record | None, records: list[Record]) -> bool:
    """Whether stopping a deployment leads to `target` (None: to a state without a record). Pure.

    A deployment that has all traffic is stopped only if the target was live before it.
    """
    if deployment["status"] != "waiting":
        return True
    known = [target] if target else records
    came_from = any(deployment.get("previous_task_definition") in item["task_definitions"].values() for item in known)
    return came_from if target else not came_from


def choose(env: Environment, clients: Clients, order: Order, records: list[Record], running: list[Deployment]) -> Record | None:
    """The record of the release to return to; None when there is no record of what was live before a deployment in flight.

    Raises RailyardError when there is none, and when destructive migrations lie between.
    """
    digest = preconditions.read(env, clients).digest
    if order.back_to:
        releases = record.releases(records)
        target = next((item for item in releases if item["number"] == order.back_to), None)
        if target is None or target["status"] != "succeeded":
            known = ", ".join([str(item["number"]) for item in releases if item["status"] == "succeeded"][:20]) or "none"
            became = f"release {order.back_to} is {target['status']}" if target else f"there is no release {order.back_to}"
            raise RailyardError(f"{became}; those that succeeded: {known}")
    else:
        target = last_but_one(records, digest, [str(item["task_definition"]) for item in running if item["status"] != "waiting"])
        if target is None and not any(leads_back(item, None, records) for item in running):
            raise RailyardError(f"no release of {env.name} succeeded before the live one; playbooks/releases.yml lists them")
    guard(order, records, target)
    return target


def guard(order: Order, records: list[Record], target: Record | None) -> None:
    """Raises RailyardError if migrations since the target have dropped or renamed something, or may have. Pure."""
    number, digest = (target["number"], target["digest"]) if target else (0, None)
    crossed, unknown = record.destructive_since(records, number, digest), record.unknown_since(records, number, digest)
    if order.allow_destructive_migrations or not (crossed or unknown):
        return
    whom = f"release {number}" if target else "what was there before"
    said = [f"{whom} does not know migrations {', '.join(crossed)}, which drop or rename what its code may use"] if crossed else []
    said += [f"what {_described(item)} has dropped or renamed since {whom} is not known" for item in unknown]
    raise RailyardError(
        f"{'; '.join(said)}. Nothing was done; -e allow_destructive_migrations=yes rolls back anyway", destructive_migrations=crossed
    )


def _described(item: Record) -> str:
    what = item["reason"] if item.get("kind") == record.MIGRATION and item["digest"] is None else item["result"] or item["status"]
    return f"{schema_changes.label(item)} of {item['requested_by']} ({what})"


def _number(target: Record | None) -> int | None:
    return target["number"] if target else None


def last_but_one(records: list[Record], digest: str | None, running: list[str]) -> Record | None:
    """The newest good release with another image than the one to leave: that of the deployment in flight, else the live one. Pure.

    After a rollback, the next rollback returns to the release before the target of the first one.
    """
    records = record.releases(records)
    leaving = {item["digest"] for item in records if set(item["task_definitions"].values()) & set(running)} or {digest}
    live = next((item["back_to"] or item["number"] for item in records if item["digest"] in leaving), None)
    good = (item for item in records if item["status"] == "succeeded" and item["digest"] not in leaving)
    return next((item for item in good if live is None or item["number"] < live), None)


def stop(env: Environment, clients: Clients, running: list[Deployment], how: Following) -> Deployment | None:
    """The deployment that was stopped, as it ended; None when none was in flight."""
    if not running:
        return None
    how.say(f"a deployment is in flight: {label(running[0]['deployment_id'])} is {running[0]['status']}")
    return start.stop_deployment(web_deployments(env, clients), running[0]["deployment_id"], True, how).deployment
