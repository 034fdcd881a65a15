# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes without a load balancer go over to a release: ECS replaces their tasks, and goes back by itself when new ones do not start."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from .._core.errors import RailyardError
from .._deployment import deployments, start
from .._deployment.follow import follow
from .._ecs import steady
from . import scaling
from .at_work import Release
from .environment import WEB

PATIENCE = 900


def follow_suit(release: Release) -> None:
    """All workers at the same time; then none of them has fewer tasks than declared. Raises RailyardError naming those that failed."""
    workers = release.env.workers
    release.enter("workers")
    with ThreadPoolExecutor(8) as pool:
        faults = [fault for fault in pool.map(lambda process: _replaced(release, process), workers) if fault]
    if faults:
        raise RailyardError("; ".join(faults))
    # All of them, also after the first that was raised.
    raised = [scaling.raise_count(release, process) for process in workers]
    if any(raised):
        steady.wait(release.clients["ecs"], release.env.name, [WEB, *workers], False, PATIENCE)
    scaling.raise_limits(release)


def _replaced(release: Release, process: str) -> str | None:
    live = deployments.of_ecs(release.clients, release.env.name, process)
    how = release.following
    definition = release.entry.value["task_definitions"][process]
    wanted = {"task_definition": definition, "force": release.order.force, **release.live.settings(process)}
    try:
        started = start.start_deployment(live, wanted, "supersede", how).deployment
        follow(live, str((started or {})["deployment_id"]), "ended", how)
    except RailyardError as error:
        return f"{process}: {error.message}"
    return None
