"""DB parameter groups. A static parameter, or a dynamic one for which it is asked, waits for the reboot of each instance."""

from __future__ import annotations

from functools import partial
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from . import engines
from . import state as rds
from .parameters import accepts, defaults
from .state import AppliedGroup, Instance, Parameter, ParameterGroup

APPLYING = 20


def default_name(family: str) -> str:
    return f"default.{family}"


def find(call: Call, name: str) -> ParameterGroup | None:
    """A group of this name, case ignored; the default groups are there without being made."""
    found = rds.table(call, "parameter_groups").get(name.lower())
    family = name.removeprefix("default.")
    if found is None and name.startswith("default.") and family in engines.FAMILIES:
        found = _make(call, name, family, f"Default parameter group for {family}")
    return found


def group(call: Call, name: str) -> ParameterGroup:
    found = find(call, name)
    if found is None:
        raise rds.missing_parameter_group(name)
    return found


def _make(call: Call, name: str, family: str, description: str) -> ParameterGroup:
    made: ParameterGroup = {
        "DBParameterGroupName": name,
        "DBParameterGroupFamily": family,
        "Description": description,
        "DBParameterGroupArn": rds.arn(call, "pg", name),
        "_values": {},
    }
    rds.table(call, "parameter_groups")[name] = made
    return made


@operation("rds", "CreateDBParameterGroup")
def create_db_parameter_group(call: Call) -> dict[str, Any]:
    name, family = call.params["DBParameterGroupName"].lower(), call.params["DBParameterGroupFamily"]
    if family not in engines.FAMILIES:
        raise rds.invalid(f"ParameterGroupFamily {family} is not a valid parameter group family")
    if find(call, name) is not None:
        raise Refusal("DBParameterGroupAlreadyExists", f"Parameter group {name} already exists")
    made = _make(call, name, family, call.params["Description"])
    rds.set_tags(call, made["DBParameterGroupArn"], call.params.get("Tags"))
    return {"DBParameterGroup": made}


@operation("rds", "DescribeDBParameterGroups")
def describe_db_parameter_groups(call: Call) -> dict[str, Any]:
    if name := call.params.get("DBParameterGroupName"):
        return {"DBParameterGroups": [group(call, name)]}
    groups = rds.table(call, "parameter_groups")
    return rds.page(call, [groups[name] for name in sorted(groups)], "DBParameterGroups")


def _effective(found: ParameterGroup) -> list[Parameter]:
    merged = []
    for name, parameter in defaults(found["DBParameterGroupFamily"]).items():
        set_here = found["_values"].get(name)
        merged.append({**parameter, **set_here, "Source": "user"} if set_here else parameter)
    return merged


@operation("rds", "DescribeDBParameters")
def describe_db_parameters(call: Call) -> dict[str, Any]:
    parameters = _effective(group(call, call.params["DBParameterGroupName"]))
    if source := call.params.get("Source"):
        parameters = [parameter for parameter in parameters if parameter["Source"] == source]
    return rds.page(call, parameters, "Parameters")


@operation("rds", "DescribeEngineDefaultParameters")
def describe_engine_default_parameters(call: Call) -> dict[str, Any]:
    family = call.params["DBParameterGroupFamily"]
    if family not in engines.FAMILIES:
        raise rds.invalid(f"Unrecognized engine or family: {family}")
    return {"EngineDefaults": {"DBParameterGroupFamily": family, **rds.page(call, list(defaults(family).values()), "Parameters")}}


def _changeable(call: Call) -> ParameterGroup:
    found = group(call, call.params["DBParameterGroupName"])
    name = found["DBParameterGroupName"]
    if name.startswith("default."):
        raise Refusal("InvalidDBParameterGroupState", f"Default DBParameterGroup cannot be modified: {name}")
    return found


def _parameter(found: ParameterGroup, wanted: dict[str, Any]) -> Parameter:
    """The parameter that a request names, when it may be changed in this way."""
    name = wanted.get("ParameterName", "")
    parameter = defaults(found["DBParameterGroupFamily"]).get(name)
    if parameter is None:
        raise rds.invalid(f"Could not find parameter with name: {name}")
    if not parameter["IsModifiable"]:
        raise rds.invalid(f"The parameter {name} cannot be modified.")
    if parameter["ApplyType"] == "static" and wanted.get("ApplyMethod") == "immediate":
        raise rds.combination("cannot use immediate apply method for static parameter")
    return parameter


def users(call: Call, name: str) -> list[tuple[Instance, AppliedGroup]]:
    """Each instance with the group, and its own entry for it."""
    pairs = [(item, entry) for item in rds.table(call, "instances").values() for entry in item["DBParameterGroups"]]
    return [pair for pair in pairs if pair[1]["DBParameterGroupName"] == name]


def _apply(call: Call, found: ParameterGroup, methods: set[str]) -> None:
    """What waits for a reboot shows as pending-reboot; the rest is applied in a moment."""
    for _, entry in users(call, found["DBParameterGroupName"]):
        if "pending-reboot" in methods:
            entry["ParameterApplyStatus"] = "pending-reboot"
        elif entry["ParameterApplyStatus"] == "in-sync":
            entry["ParameterApplyStatus"] = "applying"
            world.clock.after(APPLYING, partial(_applied, entry))


def _applied(entry: AppliedGroup) -> None:
    if entry["ParameterApplyStatus"] == "applying":
        entry["ParameterApplyStatus"] = "in-sync"


@operation("rds", "ModifyDBParameterGroup")
def modify_db_parameter_group(call: Call) -> dict[str, Any]:
    found = _changeable(call)
    changes: dict[str, Parameter] = {}
    methods = set()
    for wanted in call.params["Parameters"]:
        parameter = _parameter(found, wanted)
        name, value = parameter["ParameterName"], wanted.get("ParameterValue")
        if value is None or "ApplyMethod" not in wanted:
            raise rds.invalid("The parameters ParameterName, ParameterValue, and ApplyMethod are required for each parameter.")
        if not accepts(parameter, value):
            raise rds.invalid(f"Invalid parameter value: {value} for: {name} allowed values are: {parameter['AllowedValues']}")
        changes[name] = {"ParameterValue": value, "ApplyMethod": wanted["ApplyMethod"]}
        if found["_values"].get(name, parameter).get("ParameterValue") != value:
            methods.add(wanted["ApplyMethod"])
    found["_values"].update(changes)
    if methods:
        _apply(call, found, methods)
    return {"DBParameterGroupName": found["DBParameterGroupName"]}


@operation("rds", "ResetDBParameterGroup")
def reset_db_parameter_group(call: Call) -> dict[str, Any]:
    found = _changeable(call)
    wanted, everything = call.params.get("Parameters", []), call.params.get("ResetAllParameters", False)
    if everything and wanted:
        raise rds.combination("ResetAllParameters and Parameters cannot both be given.")
    if not everything and not wanted:
        raise rds.combination("Either ResetAllParameters or Parameters must be given.")
    names = list(found["_values"]) if everything else [_parameter(found, entry)["ParameterName"] for entry in wanted]
    methods = {"pending-reboot" if everything else entry.get("ApplyMethod", "pending-reboot") for entry in wanted or [{}]}
    if any(found["_values"].pop(name, None) for name in names):
        _apply(call, found, methods)
    return {"DBParameterGroupName": found["DBParameterGroupName"]}


@operation("rds", "DeleteDBParameterGroup")
def delete_db_parameter_group(call: Call) -> dict[str, Any]:
    found = group(call, call.params["DBParameterGroupName"])
    name = found["DBParameterGroupName"]
    if name.startswith("default."):
        raise Refusal("InvalidDBParameterGroupState", "Default DBParameterGroup cannot be deleted")
    if users(call, name):
        raise Refusal(
            "InvalidDBParameterGroupState",
            f"One or more database instances are still members of this parameter group, so the group cannot be deleted: {name}",
        )
    del rds.table(call, "parameter_groups")[name]
    rds.forget_tags(call, found["DBParameterGroupArn"])
    return {}
