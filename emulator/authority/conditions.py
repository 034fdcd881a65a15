"""Conditions of a statement against the context of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from .documents import Condition, Values, like

# What is known of a request, by key in lower case. A key of several values is a tuple.
Context = Mapping[str, str | Values]
VARIABLE = re.compile(r"\$\{([^}]*)\}")
SIGNS = {"*": "*", "?": "?", "$": "$"}


class Unknown(Exception):
    """A policy variable that the request has no value for: nothing is equal to it."""


def filled(text: str, context: Context) -> str:
    """A value of a policy with the request's values in place of variables. Raises Unknown."""
    return VARIABLE.sub(lambda found: _variable(found[1], context), text) if "${" in text else text


def _variable(name: str, context: Context) -> str:
    if name in SIGNS:
        return SIGNS[name]
    key, _, default = name.partition(",")
    value = context.get(key.strip().lower())
    if isinstance(value, str):
        return value
    if default:
        return default.strip().strip("'")
    raise Unknown(name)


def _arn_like(value: str, pattern: str) -> bool:
    """Each of the six parts of an ARN by itself: a wildcard does not reach into the next part."""
    texts, patterns = value.split(":", 5), pattern.split(":", 5)
    if len(texts) != 6 or len(patterns) != 6:
        return pattern == "*"
    return all(like(text, part) for text, part in zip(texts, patterns, strict=True))


def _address(value: str, wanted: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda value, wanted: compare(float(value), float(wanted))


def _moment(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _date(compare: Callable[[datetime, datetime], bool]) -> Callable[[str, str], bool]:
    return lambda value, wanted: compare(_moment(value), _moment(wanted))


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": like,
    "BinaryEquals": lambda value, wanted: value == wanted,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "IpAddress": _address,
    "NumericEquals": _number(lambda value, wanted: value == wanted),
    "NumericLessThan": _number(lambda value, wanted: value < wanted),
    "NumericLessThanEquals": _number(lambda value, wanted: value <= wanted),
    "NumericGreaterThan": _number(lambda value, wanted: value > wanted),
    "NumericGreaterThanEquals": _number(lambda value, wanted: value >= wanted),
    "DateEquals": _date(lambda value, wanted: value == wanted),
    "DateLessThan": _date(lambda value, wanted: value < wanted),
    "DateLessThanEquals": _date(lambda value, wanted: value <= wanted),
    "DateGreaterThan": _date(lambda value, wanted: value > wanted),
    "DateGreaterThanEquals": _date(lambda value, wanted: value >= wanted),
}
# What holds where none of the values is met, and where the request has no such key.
NEGATIVE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


def met(conditions: Iterable[Condition], context: Context) -> bool:
    return all(_met(condition, context) for condition in conditions)


def _met(condition: Condition, context: Context) -> bool:
    quantifier, _, operator = condition.operator.rpartition(":")
    given = context.get(condition.key)
    if operator == "Null":
        return (given is None) == (condition.values[0].lower() == "true")
    optional = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    negative = operator in NEGATIVE
    if given is None or given == ():
        return optional or quantifier == "ForAllValues" or (negative and quantifier != "ForAnyValue")
    compare = OPERATORS[NEGATIVE.get(operator, operator)]
    values = (given,) if isinstance(given, str) else given
    results = [_any(compare, value, condition.values, context) is not negative for value in values]
    return any(results) if quantifier == "ForAnyValue" or not (negative or quantifier) else all(results)


def _any(compare: Callable[[str, str], bool], value: str, wanted: Values, context: Context) -> bool:
    return any(_holds(compare, value, each, context) for each in wanted)


def _holds(compare: Callable[[str, str], bool], value: str, wanted: str, context: Context) -> bool:
    """A value of another kind, and a variable without a value, are equal to nothing."""
    try:
        return compare(value, filled(wanted, context))
    except (Unknown, ValueError):
        return False
