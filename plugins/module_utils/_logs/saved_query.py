# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Saved queries. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_QueryDefinition.html

AWS does not keep names apart: a second PutQueryDefinition of a name makes a twin. Here a name is one query.
"""

from __future__ import annotations

from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._core.plan import Plan, Step

ABSENT = ("ResourceNotFoundException",)
COMPARED = ("query", "log_groups")


def find(client: Any, names: list[str], prefix: str = "") -> list[dict[str, Any]]:
    """The queries of these names, and those whose names begin with `prefix`; twins one after another, the oldest first."""
    begins = prefix or _common(names)
    given = {"queryDefinitionNamePrefix": begins} if begins else {}
    found = [_ours(one) for one in aws.pages(client, "DescribeQueryDefinitions", "queryDefinitions", **given)]
    return sorted((one for one in found if one["name"] in names or (prefix and one["name"].startswith(prefix))), key=_order)


def _common(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ""


def _order(one: dict[str, Any]) -> tuple[str, int, str]:
    return one["name"], one["last_modified"], one["query_definition_id"]


def _ours(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": one["name"],
        "query": one["queryString"],
        "log_groups": list(one.get("logGroupNames", [])),
        "query_definition_id": one["queryDefinitionId"],
        "last_modified": one.get("lastModified", 0),
    }


def make_plan(wanted: dict[str, Any], live: list[dict[str, Any]]) -> Plan:
    """`wanted`: queries, state, purge_prefix. Others whose names begin with `purge_prefix`, and twins, are deleted. Pure."""
    declared = {one["name"]: one for one in wanted["queries"]}
    if len(declared) < len(wanted["queries"]):
        raise RailyardError("queries: a name is there more than once")
    absent = wanted["state"] == "absent"
    kept: dict[str, dict[str, Any]] = {}
    extra: list[dict[str, Any]] = []
    for one in live:
        if one["name"] in declared and not absent and one["name"] not in kept:
            kept[one["name"]] = one
        else:
            extra.append(one)
    steps = [Step("DeleteQueryDefinition", {"queryDefinitionId": one["query_definition_id"]}) for one in extra]
    after = []
    for name, one in {} if absent else declared.items():
        steps += _put(one, kept.get(name))
        after.append({**kept.get(name, {}), "name": name, "query": one["query"], "log_groups": sorted(one["log_groups"] or [])})
    return Plan(live, after, tuple(steps))


def _put(one: dict[str, Any], live: dict[str, Any] | None) -> list[Step]:
    """An update replaces all of it, so that what is not said is gone."""
    groups = sorted(one["log_groups"] or [])
    if live is not None and (live["query"], sorted(live["log_groups"])) == (one["query"], groups):
        return []
    params = {"name": one["name"], "queryString": one["query"], "logGroupNames": groups}
    return [
        Step("PutQueryDefinition", {**params, **({"queryDefinitionId": live["query_definition_id"]} if live else {})}, once=live is None)
    ]
