# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release that failed, or that its person has broken off: recorded as that, and what goes on, what is live, and what to type next."""

from __future__ import annotations

import re

from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._deployment.follow import goes_on
from . import preconditions, record
from .deploy import resume_scaling, web_deployments
from .release_run import Release

LIVE_NOW = re.compile(r" Live now: [^\n;]*")
# What to type next after a failure in a stage.
NEXT = {
    None: "Nothing was done",
    "migrate": "No deployment was started. Fix the migration, push, and release the new image: playbooks/deploy.yml -e image=<tag>",
    "configure": "No deployment was started. The same command again continues",
    "workers": "Web is on the new release. The same command again deploys the workers; playbooks/rollback.yml rolls back",
    "keep": "The release is live, and the same command again finishes it",
}
# After a migration whose task has not come to migrate.
NOT_MIGRATED = {
    "destructive_migrations": "No deployment was started",
    "refused": "No deployment was started. The same command again tries again",
    "never_started": "No deployment was started. Fix what the task lacks, in the image or by site.yml; then the same command again",
    "timeout": "No deployment was started. Once the task has ended the same command again continues; playbooks/sweep.yml shows it",
    "unknown": "No deployment was started",
}
UNHARMED = "Fix it, push, and release the new image: playbooks/deploy.yml -e image=<tag>; what there was: playbooks/releases.yml"
UNDER_WAY = ("deploy", "smoke", "shift")


def failed(release: Release, error: RailyardError) -> RailyardError:
    """Record a failure; the error for a person: what happened, what is live now, what to type next."""
    stage, became = release.entry.value["stage"], (error.details.get("deployment") or {}).get("status")
    status = became if became in ("rolled_back", "stopped") else "failed"
    # What is live is said once, by its image.
    message = LIVE_NOW.sub("", error.message)
    said = [f"release {release.number} {status.replace('_', ' ')} in stage {stage}: {message}"]
    try:
        if not release.held.lost.is_set():
            release.write(**record.ended(release.entry.value, status, error.message.splitlines()[0][:500]))
            release.held.note(release=None)
        said.append(f"Live now: {preconditions.read(release.env, release.clients).image or 'nothing'}. {next_step(stage, error)}.")
    except RailyardError as other:
        said.append(f"Besides, {other.message}. {next_step(stage, error)}.")
    return RailyardError("\n".join(said), error.code, **{**error.details, **release.notes, "release": release.entry.value})


def next_step(stage: str | None, error: RailyardError) -> str:
    """What to type next, for the kind of failure. Pure."""
    if stage != "migrate":
        return NEXT.get(stage, UNHARMED)
    kind = str(error.details.get("kind"))
    if kind == "failed" and not error.details.get("pending"):
        return f"No deployment was started: the image could not begin to migrate. {UNHARMED}"
    return NOT_MIGRATED.get(kind, str(NEXT["migrate"]))


def interrupted(release: Release, end: Interrupted) -> Interrupted:
    """Write the record, and say it all. Nothing that was begun is undone: the next command finds it."""
    number, stage = release.number, release.entry.value["stage"] or "its beginning"
    said = [f"release {number} was interrupted in stage {stage}"]
    try:
        if not release.held.lost.is_set():
            release.write(status="interrupted", result="whoever ran it has ended the run")
            release.held.note(release=None)
        said.append(f"  {end.message or _deployment(release) or 'nothing of it goes on'}")
        said.append(f"  live now: {preconditions.read(release.env, release.clients).image or 'nothing'}")
        resume_scaling(release.env, release.clients, release.held, lambda line: said.append(f"  {line}"))
    except RailyardError as error:
        said.append(f"  besides, {error.message}")
    return Interrupted(
        "\n".join([*said, "Next:", *(f"  {line}" for line in _next_commands(release))]), **{**end.details, "release": release.entry.value}
    )


def _deployment(release: Release) -> str:
    identity, stage = release.entry.value["deployment_id"], release.entry.value["stage"]
    if not identity or stage not in UNDER_WAY:
        return ""
    live = web_deployments(release.env, release.clients)
    return goes_on(live, live.read(identity))


def _next_commands(release: Release) -> list[str]:
    order = release.order
    if order.back_to:
        return [f"{'go on with it':14} playbooks/rollback.yml -e release={order.back_to}", f"{'look at it':14} playbooks/releases.yml"]
    return [
        f"{'go on with it':14} playbooks/deploy.yml -e image={order.image or release.image['digest']}",
        f"{'go back':14} playbooks/rollback.yml",
        f"{'look at it':14} playbooks/releases.yml",
    ]
