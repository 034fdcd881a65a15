# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Letting go of what no release needs any more."""

from __future__ import annotations

from functools import partial

from .._core import aws
from .._core.errors import RailyardError
from .._core.plan import apply_plan
from . import retention
from .environment import Clients, Environment, Item
from .record import Release


def tidy(clients: Clients, env: Environment, records: list[Release], owner: dict[str, str]) -> Item:
    """Deregister revisions and delete images. `records`: the newest first. Returns {task_definitions, images}: what went.

    `owner`: the tags of what is ours (see ownership.declared), {} where nothing says so. Revisions of others stay.
    """
    ecs, ecr = clients["ecs"], clients["ecr"]
    needed = retention.needed_by(retention.kept(records, env.keep)) | retention.live(ecs, env.name)
    families = retention.all_revisions(ecs, [env.family(process) for process in (*env.processes, "run")])
    revisions = retention.plan_revisions(families, needed, env.keep, partial(retention.owned, ecs, owner))
    apply_plan(ecs, revisions)
    images = retention.plan_images(env.repository, retention.tagged(ecr, env.repository), records, needed)
    for step in images.steps:
        failures = aws.call(ecr, step.operation, **step.params).get("failures", [])
        if failures:
            raise RailyardError(f"{failures[0].get('failureCode')}: {failures[0].get('failureReason')}", failures=failures)
    gone = [step.params["taskDefinition"] for step in revisions.steps]
    return {"task_definitions": gone, "images": sorted(set(images.before or []) - set(images.after or []))}
