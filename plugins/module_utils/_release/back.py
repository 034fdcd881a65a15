# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back: stop the deployment that goes on, or release an earlier image again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .._core.clock import REAL, Clock
from .._core.errors import RailyardError
from . import before, begin, flow, record, shifting
from .at_work import Order
from .deployment import label
from .environment import Clients, Environment, Item
from .follow import Following, Say

# Seconds for which the release whose deployment was stopped may write down what became of it.
LETS_GO = 120


def back(env: Environment, clients: Clients, order: Order, say: Say, clock: Clock = REAL) -> Item:
    """Go back to release `order.back_to`, or to the last good one before the live one.

    A deployment in flight is stopped with the way back first, without the lock: its release has it, sees what happened, and lets go.
    Then what users are back on is what the workers follow. Returns what `flow.release` does, with `stopped` and `back_to`.
    Raises RailyardError across contract migrations, unless `order.contract`.
    """
    running = shifting.of(env, clients).running()
    records = record.recent(clients["s3"], env.bucket, 0 if order.back_to else 100)
    target = choose(env, clients, order, records, running)
    stopped = stop(env, clients, running, Following(say, order.timeouts, clock=clock))
    waiting = LETS_GO if stopped else 0
    image = target["digest"] if target else None
    order = replace(order, image=image, back_to=_number(target), migrate=False, wait_seconds=max(order.wait_seconds, waiting))
    done = flow.release(env, clients, order, say, clock)
    return {**done, "changed": done["changed"] or stopped is not None, "stopped": stopped, "back_to": order.back_to}


def preview(env: Environment, clients: Clients, order: Order) -> Item:
    """What `back` would do, without a write."""
    running = shifting.of(env, clients).running()
    target = choose(env, clients, order, record.recent(clients["s3"], env.bucket, 0 if order.back_to else 100), running)
    would = flow.preview(env, clients, replace(order, image=target["digest"] if target else None))
    changed = would["changed"] or bool(running)
    return {**would, "changed": changed, "stopped": running[0] if running else None, "back_to": _number(target)}


def choose(env: Environment, clients: Clients, order: Order, records: list[Item], running: list[Item]) -> Item | None:
    """The record of the release to go back to; None when nobody recorded what a deployment in flight came from.

    Raises RailyardError when there is none, and when contract migrations lie between.
    """
    digest = before.read(env, clients).digest
    if order.back_to:
        target = next((item for item in records if item["number"] == order.back_to), None)
        if target is None or target["status"] != "succeeded":
            known = ", ".join(str(item["number"]) for item in records[:20] if item["status"] == "succeeded") or "none"
            became = f"release {order.back_to} is {target['status']}" if target else f"there is no release {order.back_to}"
            raise RailyardError(f"{became}; those that succeeded: {known}")
    else:
        target = last_but_one(records, digest, [item["task_definition"] for item in running])
        if target is None and not running:
            raise RailyardError(f"no release of {env.name} succeeded before the live one; playbooks/releases.yml lists them")
    crossed = record.contract_since(records, target["number"] if target else 0)
    if crossed and not order.contract:
        whom = f"release {target['number']}" if target else "what was there before"
        said = f"{whom} does not know migrations {', '.join(crossed)}, which drop or rename what its code may use"
        raise RailyardError(f"{said}. Nothing was done; -e contract=yes goes back all the same", contract=crossed)
    return target


def _number(target: Item | None) -> int | None:
    return target["number"] if target else None


def last_but_one(records: list[Item], digest: str | None, running: list[str]) -> Item | None:
    """The newest good release with another image than what is to be left: what is being deployed, else what is live. Pure.

    After a way back the next one goes on from where that led to, and not to what was left.
    """
    leaving = {item["digest"] for item in records if set(item["task_definitions"].values()) & set(running)} or {digest}
    live = next((item["back_to"] or item["number"] for item in records if item["digest"] in leaving), None)
    good = (item for item in records if item["status"] == "succeeded" and item["digest"] not in leaving)
    return next((item for item in good if live is None or item["number"] < live), None)


def stop(env: Environment, clients: Clients, running: list[Item], how: Following) -> Any:
    """The deployment that was stopped, as it ended; None when none goes on."""
    if not running:
        return None
    how.say(f"a deployment goes on: {label(running[0]['deployment_id'])} is {running[0]['status']}")
    return begin.stop(shifting.of(env, clients), None, True, how).deployment
