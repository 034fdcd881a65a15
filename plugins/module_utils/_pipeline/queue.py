# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Executions that were waiting while a migration failed.

A failed stage of a pipeline is open to the next execution at once. Whoever pushed that one could not know of the failure yet, and it would
migrate right on top of it. Records tell of it: the newest one that has come to migrate.
"""

from __future__ import annotations

from typing import Any

from .._codepipeline import own_execution
from .._core.errors import RailyardError
from .._release import record, schema_changes
from .._release.failures import retry
from .._s3.store import Stored
from .part import Part

FAILED = ("failed", *record.OPEN)


def check(part: Part) -> None:
    """Raises RailyardError in an execution that began before the last migration failed. A retry of it, or an approval after the failure, is
    somebody's decision."""
    found = last_migration(part.clients["s3"], part.env.bucket)
    if found is None or record.migrated(found.value) or is_of(found.value, part):
        return
    began, approved = own_execution.began(part.actions), own_execution.approved(part.actions)
    if began is None or max(began, approved or began) > found.modified or own_execution.attempts(part.actions, part.execution["stage"]) > 1:
        return
    raise RailyardError(refusal(found.value, part))


def last_migration(client: Any, bucket: str) -> Stored[record.Record] | None:
    """The newest record of a migration that came to an end, well or not, or that was killed in it."""
    return next((found for found in record.newest_first(client, bucket) if record.migrated(found.value) or has_failed(found.value)), None)


def has_failed(value: record.Record) -> bool:
    """Whether it is a migration that did not come to a good end. Pure."""
    return value["status"] in FAILED and (value["kind"] == record.MIGRATION or value["stage"] == "migrate")


def is_of(value: record.Record, part: Part) -> bool:
    """Whether it is a record of this execution."""
    return (value["pipeline"], value["execution_id"]) == (part.execution["pipeline"], part.execution["execution_id"])


def refusal(value: record.Record, part: Part) -> str:
    """What has failed, and what to do."""
    of = f", commit {value['commit'][:12]}" if value["commit"] else ""
    whose = f", execution {value['execution_id']}" if value["execution_id"] else ""
    why = value["result"] or "it was interrupted"
    said = [f"the migration of {schema_changes.label(value)}{of}{whose}, has failed: {why}"]
    said.append(
        "This execution began before that, and waits behind it. Nothing was done, so that it does not migrate on top of the failure."
    )
    said.append("What to do: fix the migration and push it, and the next execution releases both. Or, if this commit may migrate now:")
    said.append(f"  by the pipeline  {retry(part.execution)}")
    said.append(f"  by hand          playbooks/migrate.yml -e image={part.image or '<tag>'}, and then a retry")
    return "\n".join(said)
