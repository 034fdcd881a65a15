# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what is live to what is wanted: plan, carry out, look again. One resource, or each of a list at the same time."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .aws import concurrently
from .clock import look_until
from .errors import RailyardError
from .plan import AlreadyDone, Plan, apply_plan

# Seconds that AWS may take to show what was done, and how often it is asked again for what has not been.
APPEARS, LOOKS = 15, 3
Value = TypeVar("Value")


@dataclass(frozen=True)
class Resource:
    """How one resource is kept. `find` says what is live, None where nothing is; `plan` what leads from there to what is wanted.

    `plan` calls nothing, and raises RailyardError for what can never be.
    """

    find: Callable[[], Any]
    plan: Callable[[Any], Plan]


def settle(client: Any, resource: Resource, live: Any, check_mode: bool) -> tuple[Plan, Any]:
    """The plan as it was carried out, and what is then live. `live`: what `find` has said."""
    changed, first, stuck = False, None, 0
    while True:
        plan = resource.plan(live)
        first = first or plan
        if check_mode or not plan.changed:
            return Plan(first.before, plan.after, first.steps if changed else plan.steps, plan.notes), plan.after
        try:
            apply_plan(client, plan)
            return Plan(first.before, plan.after, plan.steps, plan.notes), _shows(plan, resource)
        except AlreadyDone as found:
            seen = look_until(resource.find, functools.partial(operator.ne, live), APPEARS)
            changed = changed or found.changed or (found.unanswered and seen != live)
            stuck = stuck + 1 if seen == live else 0
            if stuck == LOOKS or (stuck and not found.unanswered):
                raise RailyardError(f"{found}, and after looking again it is still not as declared", live=live) from found
            live = seen


def _shows(plan: Plan, resource: Resource) -> Any:
    """What is live once AWS shows what was just done; some of its reads lag behind its writes (rules ECS-D8, VPC-3)."""

    def done(seen: Any) -> bool:
        try:
            return not resource.plan(seen).changed
        except RailyardError:
            # What is under way takes no further change; it is there.
            return seen is not None

    final = look_until(resource.find, done, APPEARS)
    return plan.after if final is None else final


def settle_each(client: Any, resources: dict[str, Resource], live: Sequence[Any], check_mode: bool) -> list[tuple[Plan, Any]]:
    """`settle` for each of these resources by name, at the same time. `live`: what is live of each, in their order.

    Nothing is written unless all of them have a plan. Then one that fails does not stop the others. Raises one RailyardError for all that
    went wrong, each with its name.
    """
    plans = _all(resources, concurrently(lambda pair: _tried(lambda: pair[0].plan(pair[1])), zip(resources.values(), live, strict=True)))
    if check_mode or not any(plan.changed for plan in plans):
        return [(plan, plan.after) for plan in plans]

    def work(one: tuple[Resource, Any, Plan]) -> tuple[Plan, Any] | RailyardError:
        resource, now, plan = one
        return _tried(lambda: settle(client, resource, now, False)) if plan.changed else (plan, plan.after)

    return _all(resources, concurrently(work, zip(resources.values(), live, plans, strict=True)))


def _tried(work: Callable[[], Value]) -> Value | RailyardError:
    try:
        return work()
    except RailyardError as error:
        return error


def _all(names: Sequence[str] | dict[str, Any], found: list[Value | RailyardError]) -> list[Value]:
    """The values, if none of them is an error. The details of the first error are those of all."""
    failed = [(name, one) for name, one in zip(names, found, strict=True) if isinstance(one, RailyardError)]
    if failed:
        said = [error.message if name in error.message else f"{name}: {error.message}" for name, error in failed]
        raise RailyardError("\n".join(said), failed[0][1].code, **failed[0][1].details) from failed[0][1]
    return [one for one in found if not isinstance(one, RailyardError)]
