# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One JSON object in a bucket that a converge keeps as declared."""

from __future__ import annotations

from typing import Any

from .._core.errors import RailyardError
from .._core.plan import Plan, Step
from . import store


def read(client: Any, bucket: str, key: str) -> dict[str, Any] | None:
    """What is kept; None as long as nothing is, or there is no bucket."""
    try:
        found = store.read(client, bucket, key)
    except RailyardError as error:
        if error.code == "NoSuchBucket":
            return None
        raise
    return found.value if found else None


def make_plan(bucket: str, key: str, wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """What leads from the kept object to the declared one. Pure."""
    params = {"Bucket": bucket, "Key": key, "Body": store.body(wanted), "ContentType": "application/json"}
    return Plan(live, wanted, () if live == wanted else (Step("PutObject", params),))
