"""What Parameter Store refuses of those who read. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html"""

from __future__ import annotations

import re
from typing import Any

from ...registry import rule
from ...wire import Call, Refusal

SOURCE = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html"
PATH = (
    'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". '
    'It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: '
    ". (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward "
    'slash symbol "/". Valid example: /get/parameters2-/by1./path0_.'
)
KEYS = {
    "DescribeParameters": ("Path", "Name", "Type", "KeyId", "Tier", "DataType"),
    "GetParametersByPath": ("Type", "KeyId", "Label", "DataType"),
}
VALUES = {"Type": ("String", "StringList", "SecureString"), "Tier": ("Standard", "Advanced", "Intelligent-Tiering")}


def _options(key: str) -> tuple[str, ...]:
    if key == "Path":
        return ("Recursive", "OneLevel")
    return ("BeginsWith", "Contains", "Equals") if key == "Name" else ("BeginsWith", "Equals")


def _is_path(text: str) -> bool:
    return bool(re.fullmatch(r"/|(/[A-Za-z0-9_.-]+)+/?", text))


@rule("SSM-own-filters", "ssm", "DescribeParameters", "GetParametersByPath", source=SOURCE)
def filters(call: Call) -> Refusal | None:
    """Each filter once, with a key, an option and values that it has."""
    seen: set[str] = set()
    for wanted in call.params.get("ParameterFilters", []):
        if (refusal := _filter(call.operation, wanted)) is not None:
            return refusal
        if wanted["Key"] in seen:
            words = f"The following filter is duplicated in the request: {wanted['Key']}."
            return Refusal("InvalidFilterKey", f"{words} A request can contain only one occurrence of a specific filter.")
        seen.add(wanted["Key"])
    if call.params.get("Filters") and call.params.get("ParameterFilters"):
        return Refusal("ValidationException", "You can use either Filters or ParameterFilters in a single request.")
    return None


def _filter(operation: str, wanted: dict[str, Any]) -> Refusal | None:
    key, values = wanted["Key"], wanted.get("Values", [])
    tag = key.startswith("tag:") and operation == "DescribeParameters"
    if not tag and key not in KEYS[operation]:
        words = f"The following filter key is not valid: {key}. Valid filter keys include: [{', '.join(KEYS[operation])}]."
        return Refusal("InvalidFilterKey", words)
    if not tag and not values:
        return Refusal("InvalidFilterValue", f"The following filter values are missing : null for filter key {key}.")
    option = wanted.get("Option", "OneLevel" if key == "Path" else "Equals")
    if option not in _options(key):
        words = f"The following filter option is not valid: {option}. Valid options include: [{', '.join(_options(key))}]."
        return Refusal("InvalidFilterOption", words)
    for value in values:
        if value not in VALUES.get(key, (value,)):
            words = f"The following filter value is not valid: {value}. Valid values include: [{', '.join(VALUES[key])}]."
            return Refusal("InvalidFilterValue", words)
        if key == "Path" and not _is_path(value):
            return Refusal("ValidationException", PATH)
    return None


@rule(
    "SSM-P7",
    "ssm",
    "GetParametersByPath",
    source="https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html",
)
def path(call: Call) -> Refusal | None:
    """A path begins with a slash."""
    return None if _is_path(call.params["Path"]) else Refusal("ValidationException", PATH)
