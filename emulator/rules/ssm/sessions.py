"""What Systems Manager refuses of sessions. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from ...registry import rule
from ...services.ssm import documents, service_settings, sessions
from ...wire import Call, Refusal

START = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html"
TIERS = "https://docs.aws.amazon.com/systems-manager/latest/userguide/fleet-manager-configure-instance-tiers.html"
SCHEMA = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html"
FILTER = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SessionFilter.html"


@rule("SSM-A6", "ssm", "StartSession", source=TIERS)
def tier(call: Call) -> Refusal | None:
    """Session Manager opens sessions with hybrid nodes in the advanced-instances tier only."""
    if not call.params["Target"].startswith("mi-") or service_settings.value(call, service_settings.TIER) == "advanced":
        return None
    return Refusal("BadRequest", "Enable advanced-instances tier to use Session Manager with your on-premises instances")


@rule("SSM-own-connected", "ssm", "StartSession", source=START)
def connected(call: Call) -> Refusal | None:
    """A session is opened with a target whose agent holds its channel, whatever its ping status still says."""
    target = call.params["Target"]
    return None if sessions.connected(call, target) else sessions.not_connected(target)


@rule("SSM-own-session-parameters", "ssm", "StartSession", source=SCHEMA)
def parameters(call: Call) -> Refusal | None:
    """Parameters are those of the document, each of one value that it allows."""
    content, given = documents.session_document(call), call.params.get("Parameters", {})
    defined = content.get("parameters", {})
    if unknown := sorted(set(given) - set(defined)):
        return _invalid(f"Parameter {unknown[0]} is not defined in the document")
    for name, value in documents.values(content, given).items():
        if wrong := _wrong(defined[name], value):
            return _invalid(f"Parameter {name} {wrong}")
    if several := [name for name, values in given.items() if len(values) != 1]:
        return _invalid(f"Parameter {several[0]} has not exactly one value")
    return None


def _wrong(spec: dict[str, Any], value: str | None) -> str:
    if value is None:
        return "is missing"
    if spec.get("allowedValues") and value not in spec["allowedValues"]:
        return f"is not one of {', '.join(spec['allowedValues'])}"
    if spec.get("allowedPattern") and not re.fullmatch(spec["allowedPattern"], value):
        return f"does not match {spec['allowedPattern']}"
    if not int(spec.get("minChars", 0)) <= len(value) <= int(spec.get("maxChars", len(value))):
        return "is too short or too long"
    return ""


def _invalid(words: str) -> Refusal:
    return Refusal("InvalidParameters", words)


@rule("SSM-own-session-filters", "ssm", "DescribeSessions", source=FILTER)
def filters(call: Call) -> Refusal | None:
    """Times in filters are like 2018-08-29T00:00:00Z."""
    for wanted in call.params.get("Filters", []):
        if wanted["key"] in ("InvokedAfter", "InvokedBefore") and not _is_time(wanted["value"]):
            return Refusal("ValidationException", f"{wanted['value']} is not a time of the form yyyy-MM-ddTHH:mm:ssZ")
    return None


def _is_time(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return False
    return True
