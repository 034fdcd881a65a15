# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release that failed, or that its person has broken off: recorded as that, and what goes on, what is live, and what to type next."""

from __future__ import annotations

import re

from .._codepipeline.own_execution import Execution
from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._deployment.follow import goes_on
from . import preconditions, record
from .deploy import resume_scaling, web_deployments
from .release_run import Release

LIVE_NOW = re.compile(r" Live now: [^\n;]*")
# What to do next after a failure in a stage, and after a migration whose task has not come to migrate.
NEXT = {
    None: "Nothing was done",
    "migrate": "No deployment was started. Fix the migration, {push}",
    "configure": "No deployment was started. {again} continues",
    "workers": "Web is on the new release. {again} deploys the workers; playbooks/rollback.yml rolls back",
    "keep": "The release is live. {again} finishes it",
}
NOT_MIGRATED = {
    "destructive_migrations": "No deployment was started{allow}",
    "refused": "No deployment was started. {again} tries again",
    "never_started": "No deployment was started. Fix what the task lacks, in the image or by site.yml. {again} tries again",
    "timeout": "No deployment was started. {again} continues once the task has ended; playbooks/sweep.yml shows it",
    "unknown": "No deployment was started",
    "stopped": "No deployment was started",
}
NOT_BEGUN = "No deployment was started: the image could not begin to migrate. {unharmed}"
UNHARMED = "Fix it, {push}; what there was: playbooks/releases.yml"
# The words for it of a person who has typed a command, and of the stage of a pipeline.
BY_HAND = {
    "push": "push, and release the new image: playbooks/deploy.yml -e image=<tag>",
    "again": "The same command again",
    "allow": "",
}
BY_PIPELINE = {
    "push": "and push it: the next execution releases it",
    "again": "A retry of the stage ({retry})",
    "allow": ". By hand: playbooks/migrate.yml -e image={digest} -e allow_destructive_migrations=yes; then a retry of the stage: {retry}",
}
RETRY = "playbooks/pipeline.yml -e do=retry -e execution={execution_id}"
# How a message goes on with the lines of a container, which a record does not keep.
LINES = "; its last lines:"
UNDER_WAY = ("deploy", "smoke", "shift")


def failed(release: Release, error: RailyardError) -> RailyardError:
    """Record a failure; the error for a person: what happened, what is live now, what to type next."""
    stage, became = release.entry.value["stage"], (error.details.get("deployment") or {}).get("status")
    became = "stopped" if error.details.get("kind") == "stopped" else became
    status = became if became in ("rolled_back", "stopped") else "failed"
    then = next_step(stage, error, words(release.order.execution, release.image["digest"]))
    # What is live is said once, by its image.
    message = LIVE_NOW.sub("", error.message)
    said = [f"release {release.number} {status.replace('_', ' ')} in stage {stage}: {message}"]
    try:
        if not release.held.lost.is_set():
            release.write(**record.ended(release.entry.value, status, result(error.message)))
            release.held.note(release=None)
        said.append(f"Live now: {preconditions.read(release.env, release.clients).image or 'nothing'}. {then}.")
    except RailyardError as other:
        said.append(f"Besides, {other.message}. {then}.")
    return RailyardError("\n".join(said), error.code, **{**error.details, **release.notes, "release": release.entry.value})


def result(message: str) -> str:
    """What a record keeps of a failure: its first line, without the announcement of others. Pure."""
    return next(iter(message.splitlines()), "").removesuffix(LINES)[:500]


def retry(execution: Execution) -> str:
    """The command that tries a failed stage again. Pure."""
    return RETRY.format(**execution)


def words(execution: Execution | None, digest: str = "") -> dict[str, str]:
    """How whoever has failed goes on: by the command that was typed, or by the pipeline. Pure."""
    if execution is None:
        return BY_HAND
    return {name: text.format(retry=retry(execution), digest=digest) for name, text in BY_PIPELINE.items()}


def next_step(stage: str | None, error: RailyardError, said: dict[str, str] = BY_HAND) -> str:
    """What to do next, for the kind of failure, in the words `said`. Pure."""
    unharmed = UNHARMED.format(**said)
    if stage != "migrate":
        return NEXT.get(stage, unharmed).format(**said)
    kind = str(error.details.get("kind"))
    if kind == "failed" and not error.details.get("pending"):
        return NOT_BEGUN.format(unharmed=unharmed)
    return NOT_MIGRATED.get(kind, str(NEXT["migrate"])).format(**said)


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
    if order.execution:
        return [f"{'go on with it':14} {retry(order.execution)}", f"{'look at it':14} playbooks/pipeline.yml"]
    if order.back_to:
        return [f"{'go on with it':14} playbooks/rollback.yml -e release={order.back_to}", f"{'look at it':14} playbooks/releases.yml"]
    return [
        f"{'go on with it':14} playbooks/deploy.yml -e image={order.image or release.image['digest']}",
        f"{'go back':14} playbooks/rollback.yml",
        f"{'look at it':14} playbooks/releases.yml",
    ]
