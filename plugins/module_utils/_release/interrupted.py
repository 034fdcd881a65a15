# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release that its person has broken off: recorded as that, and what goes on, what is live, and what to type next."""

from __future__ import annotations

from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._deployment.follow import goes_on
from . import before, scaling, shifting
from .at_work import Release

UNDER_WAY = ("deploy", "smoke", "shift")


def told(release: Release, end: Interrupted) -> Interrupted:
    """Write the record, and say it all. Nothing that was begun is undone: the next command finds it."""
    number, stage = release.number, release.entry.value["stage"] or "its beginning"
    said = [f"release {number} was interrupted in stage {stage}"]
    try:
        if not release.held.lost.is_set():
            release.write(status="interrupted", result="whoever ran it has ended the run")
            release.held.note(release=None)
        said.append(f"  {end.message or _deployment(release) or 'nothing of it goes on'}")
        said.append(f"  live now: {before.read(release.env, release.clients).image or 'nothing'}")
        scaling.resume(release.env, release.clients, release.held, lambda line: said.append(f"  {line}"))
    except RailyardError as error:
        said.append(f"  besides, {error.message}")
    return Interrupted(
        "\n".join([*said, "Next:", *(f"  {line}" for line in _next(release))]), **{**end.details, "release": release.entry.value}
    )


def _deployment(release: Release) -> str:
    identity, stage = release.entry.value["deployment_id"], release.entry.value["stage"]
    if not identity or stage not in UNDER_WAY:
        return ""
    live = shifting.of(release.env, release.clients)
    return goes_on(live, live.read(identity))


def _next(release: Release) -> list[str]:
    order = release.order
    if order.back_to:
        return [f"{'go on with it':14} playbooks/rollback.yml -e release={order.back_to}", f"{'look at it':14} playbooks/releases.yml"]
    return [
        f"{'go on with it':14} playbooks/deploy.yml -e image={order.image or release.image['digest']}",
        f"{'go back':14} playbooks/rollback.yml",
        f"{'look at it':14} playbooks/releases.yml",
    ]
