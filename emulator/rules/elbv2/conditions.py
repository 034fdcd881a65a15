"""What Elastic Load Balancing refuses of the conditions of a rule."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ...registry import rule
from ...wire import Call, Refusal
from .load_balancers import API, invalid

CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
ONCE = ("host-header", "path-pattern", "http-request-method", "source-ip")


@rule("ELB-8", "elbv2", "CreateRule", "ModifyRule", source=API + "API_RuleCondition.html")
def conditions(call: Call) -> Refusal | None:
    """A rule has conditions of known fields, with one to five values together."""
    given = call.params.get("Conditions", [])
    if call.operation == "ModifyRule" and not given:
        return None if call.params.get("Actions") else invalid("Either conditions or actions must be specified")
    if not given:
        return invalid("A condition must be specified")
    for condition in given:
        if refusal := _condition(condition):
            return refusal
    fields = [condition["Field"] for condition in given]
    if double := next((field for field in ONCE if fields.count(field) > 1), None):
        return invalid(f"A rule can only have one '{double}' condition")
    if sum(len(_values(condition)) for condition in given) > 5:
        return invalid("A rule can only have '5' condition values")
    return None


def _values(condition: dict[str, Any]) -> list[Any]:
    inner = condition.get(CONFIGS[condition["Field"]], {})
    lists = (condition.get("Values"), condition.get("RegexValues"), inner.get("Values"), inner.get("RegexValues"))
    return [value for values in lists for value in values or []]


def _condition(condition: dict[str, Any]) -> Refusal | None:
    field = condition.get("Field")
    if field not in CONFIGS:
        return invalid(f"Condition field '{field}' must be one of '[{','.join(CONFIGS)}]'")
    if condition.get("Values") and field not in ("host-header", "path-pattern"):
        return invalid(f"The 'Values' field is not compatible with '{field}'")
    if condition.get("Values") and condition.get(CONFIGS[field]):
        return invalid(f"You cannot provide both Values and '{CONFIGS[field]}' for a condition of type '{field}'")
    values = _values(condition)
    if not values:
        return invalid("A condition value must be specified")
    if field == "http-header" and not condition.get("HttpHeaderConfig", {}).get("HttpHeaderName"):
        return invalid("A 'HttpHeaderName' must be specified with 'http-header'")
    return next((refusal for value in values if (refusal := _value(str(field), value))), None)


def _value(field: str, value: Any) -> Refusal | None:
    text = value.get("Value", "") if isinstance(value, dict) else str(value)
    if not text:
        return invalid("A condition value must be specified")
    if len(text) > 128:
        return invalid(f"The '{field}' value is too long; the limit is '128'")
    if field == "http-request-method" and not re.fullmatch(r"[A-Z_-]{1,40}", text):
        return invalid(f"Condition value '{text}' contains a character that is not valid")
    if field == "host-header" and not re.fullmatch(r"[A-Za-z0-9.*?-]+", text):
        return invalid(f"Condition value '{text}' contains a character that is not valid")
    if field == "source-ip":
        try:
            ipaddress.ip_network(text)
        except ValueError:
            return invalid(f"The specified value '{text}' is not a valid CIDR block")
    return None
