# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports that a rule must not lose yet, because targets of a load balancer still listen there.

A target that drains is still registered, and finishes its requests:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import aws


def keep(connect: Callable[[], Any], wanted: dict[str, Any], live: list[dict[str, Any]]) -> dict[str, Any]:
    """`wanted` with the ports that are in use beside the declared ones. `connect` makes the client of elbv2, when it has to be asked."""
    if wanted["state"] == "absent":
        return wanted
    found = {group["name"]: group for group in live}
    groups = [{**group, "ingress": _kept(connect, group["ingress"], found.get(group["name"]))} for group in wanted["security_groups"]]
    return {**wanted, "security_groups": groups}


def _kept(connect: Callable[[], Any], entries: list[dict[str, Any]] | None, group: dict[str, Any] | None) -> list[dict[str, Any]] | None:
    if not entries or group is None:
        return entries
    return [entry for each in entries for entry in (each, *_more(connect, each, entries, group["ingress"]))]


def _more(
    connect: Callable[[], Any], entry: dict[str, Any], entries: list[dict[str, Any]], rules: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The entry once more with each live port of its peers that nobody declares and that is in use."""
    if not entry.get("keep_in_use"):
        return []
    declared = {(str(port), peer) for each in entries for port in each["ports"] or [] for peer in each["peers"]}
    leaving = [
        rule
        for rule in rules
        if rule["protocol"] == entry["protocol"] and rule["peer"] in entry["peers"] and (_text(rule), rule["peer"]) not in declared
    ]
    used = _in_use(connect(), entry["keep_in_use"]) if leaving else set()
    staying = [rule for rule in leaving if any(rule["from_port"] <= port <= rule["to_port"] for port in used)]
    return [{**entry, "ports": [_text(rule)], "peers": [rule["peer"]], "description": rule["description"]} for rule in staying]


def _text(rule: dict[str, Any]) -> str:
    low, high = rule["from_port"], rule["to_port"]
    return str(low) if low == high else f"{low}-{high}"


def _in_use(client: Any, names: list[str]) -> set[int]:
    """The ports with which targets of these groups are registered, whatever their health."""
    groups = [
        group
        for name in names
        for group in aws.pages(client, "DescribeTargetGroups", "TargetGroups", {"TargetGroupNotFound"}, Names=[name])
    ]
    health = [aws.call(client, "DescribeTargetHealth", TargetGroupArn=group["TargetGroupArn"]) for group in groups]
    return {item["Target"]["Port"] for answer in health for item in answer["TargetHealthDescriptions"] if item["Target"].get("Port")}
