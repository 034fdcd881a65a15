# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of the resources that site.yml creates, by kind, as far as the description determines them. Pure."""

from __future__ import annotations

from typing import Any

from .kinds import KINDS
from .naming import Names

# Variables of roles, besides those of names, that decide what is made.
VARIABLES = ("alb_access_logs", "rds_log_exports")
# They have no tags, or are found by what they are in.
NOT_ASKED = {
    *("alarm", "api destination", "codedeploy configuration", "connection", "dashboard", "database snapshot", "scalable target", "topic"),
}


def parts(names: Names, description: dict[str, Any]) -> dict[str, list[str]]:
    """Names by kind. `description`: the variables railyard_*, and those of VARIABLES that the inventory sets."""
    database = description["railyard_database"]
    found = {
        kind: names.of_kind(
            kind,
            family=(f"{database['engine']}{str(database['version']).partition('.')[0]}",),
            log=tuple(description.get("rds_log_exports", ("postgresql", "upgrade"))),
        )
        for kind in KINDS
        if kind not in NOT_ASKED
    }
    by_codedeploy = (description.get("railyard_engine") or "codedeploy") == "codedeploy"
    by_nodes = description.get("railyard_console", "hybrid") == "hybrid"
    unused = {
        names.roles["infrastructure"]: by_codedeploy,
        names.roles["codedeploy"]: not by_codedeploy,
        names.roles["console"]: not by_nodes,
        names.roles["chat"]: not (description.get("railyard_notifications") or {}).get("webhook"),
    }
    found["role"] = [name for name in found["role"] if not unused.get(name)]
    if not by_codedeploy:
        del found["codedeploy application"]
    if not by_nodes:
        del found["session document"]
    if not description.get("railyard_pipeline"):
        found = _without_pipeline(names, found)
    if not any((description.get("railyard_notifications") or {}).values()):
        del found["event rule"]
    if not description.get("alb_access_logs", True):
        found["bucket"].remove(names.access_log_bucket)
    return found


def _without_pipeline(names: Names, found: dict[str, list[str]]) -> dict[str, list[str]]:
    own = {names.artifact_bucket, names.cache_repository, names.pipeline_log_group, *names.build_log_groups.values()}
    own |= {names.roles[purpose] for purpose in ("pipeline", "build", "step")}
    kept = {kind: [name for name in listed if name not in own] for kind, listed in found.items()}
    return {kind: listed for kind, listed in kept.items() if kind not in ("pipeline", "build project")}
