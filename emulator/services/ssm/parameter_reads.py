"""Parameter Store: reading. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from .parameter_store import Parameter, Version, arn, find, page, parameters, seen, select

PUBLIC = "/aws/"


def _answer(call: Call, parameter: Parameter, version: Version, selector: str) -> dict[str, Any]:
    answer = {
        "Name": parameter.name,
        "Type": version.type,
        "Value": seen(version, bool(call.params.get("WithDecryption"))),
        "Version": version.number,
        "LastModifiedDate": version.modified,
        "ARN": arn(call, parameter.name),
        "DataType": version.data_type,
    }
    return {**answer, "Selector": selector} if selector else answer


@operation("ssm", "GetParameter")
def get_parameter(call: Call) -> dict[str, Any]:
    """One parameter by name, ARN, `name:version` or `name:label`."""
    if call.params["Name"].startswith(PUBLIC):
        return world.forward(call)
    return {"Parameter": _answer(call, *select(call, call.params["Name"]))}


@operation("ssm", "GetParameters")
def get_parameters(call: Call) -> dict[str, Any]:
    """Up to ten parameters; what is not found is no error and comes back as invalid."""
    names = list(dict.fromkeys(call.params["Names"]))
    found, missing = [], []
    for name in names:
        try:
            if name.startswith(PUBLIC):
                found.append(world.aws(call, "ssm", "GetParameter", Name=name)["Parameter"])
            else:
                found.append(_answer(call, *select(call, name)))
        except Refusal:
            missing.append(name)
    return {"Parameters": found, "InvalidParameters": missing}


@operation("ssm", "GetParametersByPath")
def get_parameters_by_path(call: Call) -> dict[str, Any]:
    """The parameters below a path, ten at most in a page."""
    if call.params["Path"].startswith(PUBLIC):
        return world.forward(call)
    filters, labels = [], []
    for wanted in call.params.get("ParameterFilters", []):
        if wanted["Key"] == "Label":
            labels += wanted.get("Values", [])
        else:
            filters.append(wanted)
    below = _below(call.params["Path"], bool(call.params.get("Recursive")))
    listed = []
    for parameter in _sorted(call):
        if below(parameter.name) and all(_passes(parameter, wanted) for wanted in filters):
            versions = [each for each in parameter.versions if set(labels) & set(each.labels)] if labels else [parameter.latest]
            listed += [_answer(call, parameter, version, "") for version in versions]
    return page(listed, call.params, 10)


def _sorted(call: Call) -> list[Parameter]:
    return [parameter for _, parameter in sorted(parameters(call).items())]


def _below(path: str, recursive: bool) -> Callable[[str], bool]:
    """Whether a name is below a path: anywhere, or directly. Names without a slash are below `/`."""
    start = path if path.endswith("/") else f"{path}/"

    def inside(name: str) -> bool:
        full = name if name.startswith("/") else f"/{name}"
        return full.startswith(start) and (recursive or "/" not in full[len(start) :])

    return inside


def _values(parameter: Parameter, key: str) -> list[str]:
    latest = parameter.latest
    if key.startswith("tag:"):
        value = parameter.tags.get(key.removeprefix("tag:"))
        return [] if value is None else [value]
    return [{"Name": parameter.name, "Type": latest.type, "KeyId": latest.key_id, "Tier": latest.tier, "DataType": latest.data_type}[key]]


def _passes(parameter: Parameter, wanted: dict[str, Any]) -> bool:
    key, option, values = wanted["Key"], wanted.get("Option"), wanted.get("Values", [])
    if key == "Path":
        return any(_below(value, option == "Recursive")(parameter.name) for value in values)
    mine = _values(parameter, key)
    if key.startswith("tag:") and not values:
        return bool(mine)
    if option == "BeginsWith":
        return any(text.startswith(value) for text in mine for value in values)
    if option == "Contains":
        return any(value in text for text in mine for value in values)
    if key == "Name":
        values = [*values, *(f"/{value}" for value in values), *(value.removeprefix("/") for value in values)]
    return any(text == value for text in mine for value in values)


def _described(call: Call, parameter: Parameter, version: Version) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "Name": parameter.name,
        "Type": version.type,
        "LastModifiedDate": version.modified,
        "LastModifiedUser": version.user,
        "Version": version.number,
        "Tier": version.tier,
        "Policies": version.policies,
        "DataType": version.data_type,
    }
    for member, value in (("KeyId", version.key_id), ("Description", version.description), ("AllowedPattern", version.allowed_pattern)):
        if value:
            answer[member] = value
    return answer


@operation("ssm", "DescribeParameters")
def describe_parameters(call: Call) -> dict[str, Any]:
    """Everything but the values. The old `Filters` compare from the beginning."""
    filters = list(call.params.get("ParameterFilters", []))
    filters += [{**wanted, "Option": "BeginsWith"} for wanted in call.params.get("Filters", [])]
    listed = [
        {**_described(call, parameter, parameter.latest), "ARN": arn(call, parameter.name)}
        for parameter in _sorted(call)
        if all(_passes(parameter, wanted) for wanted in filters)
    ]
    return page([] if call.params.get("Shared") else listed, call.params, 50)


@operation("ssm", "GetParameterHistory")
def get_parameter_history(call: Call) -> dict[str, Any]:
    """All versions that are kept, the oldest first, with their labels."""
    parameter = find(call, call.params["Name"])
    decrypted = bool(call.params.get("WithDecryption"))
    listed = []
    for version in parameter.versions:
        listed.append({**_described(call, parameter, version), "Value": seen(version, decrypted), "Labels": version.labels})
    return page(listed, call.params, 50)
