# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the last converge has left: an object in the environment's bucket, for whoever asks later what has changed since.

It has resources as modules return them, without secrets, and without what changes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._s3 import kept, store
from . import owners
from .collected import Collected
from .compare import key

KEY = "converged.json"
VERSION = 1


def read(client: Any, bucket: str) -> dict[str, Any] | None:
    """{version, at, requested_by, resources}; None before the first converge that was recorded."""
    return kept.read(client, bucket, KEY)


def make(collected: Sequence[Collected], requested_by: str) -> dict[str, Any]:
    """The record of this converge. Pure but for the time."""
    resources = {key(one): _lasting(one["declared"]) for one in collected if one["declared"] is not None}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"version": VERSION, "at": at, "requested_by": requested_by, "resources": resources}


def write(client: Any, bucket: str, record: dict[str, Any], live: dict[str, Any] | None) -> bool:
    """Replace the record, unless the one that is live says the same of all resources."""
    if live and live["resources"] == record["resources"]:
        return False
    try:
        aws.call(client, "PutObject", Bucket=bucket, Key=KEY, Body=store.body(record), ContentType="application/json")
    except RailyardError as error:
        raise RailyardError(
            f"the environment is converged, but not recorded for playbooks/drift.yml: {error.message}", error.code
        ) from error
    return True


def _lasting(value: Any, path: str = "") -> Any:
    if not isinstance(value, dict):
        return value
    paths = {member: f"{path}.{member}".lstrip(".") for member in value}
    return {member: _lasting(item, paths[member]) for member, item in value.items() if not owners.passing(paths[member])}
