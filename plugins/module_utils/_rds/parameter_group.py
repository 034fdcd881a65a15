# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DB parameter groups: a few hundred parameters of an engine's family, of which a group sets some.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBParameterGroup.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html
"""

from __future__ import annotations

from typing import Any

from .._core import aws, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import labels

ABSENT = ("DBParameterGroupNotFound", "DBParameterGroupNotFoundFault")
EXISTS = ("DBParameterGroupAlreadyExists", "DBParameterGroupAlreadyExistsFault")
# A new group is not known everywhere at once.
FRESH = tuple(Propagation(code, "", 60) for code in ABSENT)
# So many a ModifyDBParameterGroup takes (rule RDS-10).
AT_ONCE = 20


def find(client: Any, name: str) -> dict[str, Any] | None:
    """The group in our shape, or None. `parameters` are those that the group itself sets, as text."""
    found = aws.find(client, "DescribeDBParameterGroups", ABSENT, DBParameterGroupName=name.lower())
    if not found or not found["DBParameterGroups"]:
        return None
    group = found["DBParameterGroups"][0]
    own = aws.pages(client, "DescribeDBParameters", "Parameters", ABSENT, DBParameterGroupName=name.lower(), Source="user")
    return {
        "name": group["DBParameterGroupName"],
        "arn": group["DBParameterGroupArn"],
        "family": group["DBParameterGroupFamily"],
        "description": group["Description"],
        "parameters": {one["ParameterName"]: one["ParameterValue"] for one in own if "ParameterValue" in one},
        "tags": labels.find(client, group["DBParameterGroupArn"]),
    }


def definitions(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Every parameter of the family by name, in AWS's shape with RDS's default; {} without a call when the group has all values already."""
    if wanted["state"] == "absent" or (live and _settled(wanted["parameters"], live["parameters"])):
        return {}
    family = live["family"] if live else wanted["family"]
    found: dict[str, dict[str, Any]] = {}
    marker: dict[str, str] = {}
    while True:
        answer = aws.call(client, "DescribeEngineDefaultParameters", DBParameterGroupFamily=family, **marker)["EngineDefaults"]
        found |= {one["ParameterName"]: one for one in answer["Parameters"]}
        if not answer.get("Marker"):
            return found
        marker = {"Marker": answer["Marker"]}


def _settled(wanted: dict[str, Any], live: dict[str, str]) -> bool:
    """Whether the live values are the wanted ones, whatever a boolean of YAML is to the parameter."""
    return all(name in live and live[name] in _texts(value) for name, value in wanted.items())


def _texts(value: Any) -> tuple[str, ...]:
    return (("1", "on", "true") if value else ("0", "off", "false")) if isinstance(value, bool) else (str(value),)


def make_plan(wanted: dict[str, Any], live: dict[str, Any] | None, defined: dict[str, dict[str, Any]]) -> Plan:
    """`wanted`: name, family, description, parameters, state, tags, purge_tags. `defined`: see `definitions`."""
    name = wanted["name"].lower()
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteDBParameterGroup", {"DBParameterGroupName": name}),) if live else ())
    if live and live["family"] != wanted["family"]:
        raise RailyardError(
            f"parameter group {name} is for {live['family']}, which cannot change to {wanted['family']}; declare a group of another name"
        )
    has = live or {"name": name, "family": wanted["family"], "description": wanted["description"], "parameters": {}, "tags": {}}
    changed = _changed(wanted, live, defined)
    change = tags.change(has["tags"], wanted["tags"], wanted["purge_tags"])
    after = {**has, "parameters": dict(sorted({**has["parameters"], **changed}.items())), "tags": change.after}
    steps = [*(labels.steps(live["arn"], change) if live else [_creation(after)]), *_modifications(name, changed, defined)]
    return Plan(live, after, tuple(steps))


def _changed(wanted: dict[str, Any], live: dict[str, Any] | None, defined: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The values to set. A new group says all of them itself, also those that are RDS's default today."""
    if not defined:
        return {}
    parameters, family = wanted["parameters"], wanted["family"]
    if unknown := sorted(set(parameters) - set(defined)):
        lists = f"aws rds describe-engine-default-parameters --db-parameter-group-family {family}"
        raise RailyardError(f"{family} has no parameter {', '.join(unknown)}; it has those that this lists: {lists}")
    if valueless := sorted(name for name, value in parameters.items() if value is None or isinstance(value, (dict, list))):
        raise RailyardError(f"the value of {', '.join(valueless)} must be a text, a number, true or false")
    texts = {name: _text(value, defined[name]) for name, value in parameters.items()}
    own = live["parameters"] if live else {}
    changed = {name: text for name, text in texts.items() if live is None or own.get(name, defined[name].get("ParameterValue")) != text}
    if fixed := sorted(name for name in changed if not defined[name]["IsModifiable"]):
        raise RailyardError(f"RDS lets nobody change the parameter {', '.join(fixed)}")
    return changed


def _text(value: Any, parameter: dict[str, Any]) -> str:
    """A value as RDS keeps it. YAML reads on as true, which some parameters want as 1 and some as on."""
    if not isinstance(value, bool):
        return str(value)
    allowed = parameter.get("AllowedValues", "").split(",")
    return next((text for text in _texts(value) if text in allowed), _texts(value)[0])


def _creation(after: dict[str, Any]) -> Step:
    params = {
        "DBParameterGroupName": after["name"],
        "DBParameterGroupFamily": after["family"],
        "Description": after["description"],
        "Tags": tags.as_pairs(after["tags"]),
    }
    return Step("CreateDBParameterGroup", params, already=EXISTS)


def _modifications(name: str, changed: dict[str, str], defined: dict[str, dict[str, Any]]) -> list[Step]:
    """A static parameter is taken up at the next restart; RDS refuses it at once (rule RDS-10)."""
    methods = {key: "immediate" if defined[key]["ApplyType"] == "dynamic" else "pending-reboot" for key in changed}
    parameters = [{"ParameterName": key, "ParameterValue": text, "ApplyMethod": methods[key]} for key, text in sorted(changed.items())]
    return [
        Step("ModifyDBParameterGroup", {"DBParameterGroupName": name, "Parameters": batch}, propagation=FRESH)
        for batch in aws.batches(parameters, AT_ONCE)
    ]
