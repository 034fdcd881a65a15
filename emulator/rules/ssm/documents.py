"""What Systems Manager refuses of session documents.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from ... import world
from ...registry import rule
from ...wire import Call, Refusal

SCHEMA = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html"
CREATE = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html"
RESERVED = ("aws", "amazon", "amzn")
KINDS = ("Standard_Stream", "InteractiveCommands", "NonInteractiveCommands", "Port")
MEMBERS = {"schemaVersion", "description", "sessionType", "inputs", "parameters", "properties"}
TEXTS = (
    "s3BucketName",
    "s3KeyPrefix",
    "cloudWatchLogGroupName",
    "kmsKeyId",
    "runAsDefaultUser",
    "idleSessionTimeout",
    "maxSessionDuration",
)
SWITCHES = ("s3EncryptionEnabled", "cloudWatchEncryptionEnabled", "cloudWatchStreamingEnabled", "runAsEnabled")
MINUTES = {"idleSessionTimeout": (1, 60), "maxSessionDuration": (1, 1440)}
PARAMETER_TYPES = ("String", "StringList", "Boolean", "Integer")
PLACE = re.compile(r"\{\{\s*([A-Za-z0-9]+)\s*\}\}")
MOST_BYTES = 65_536


@rule("SSM-own-document-name", "ssm", "CreateDocument", source=CREATE)
def name(call: Call) -> Refusal | None:
    """Names that begin with aws, amazon or amzn are AWS's."""
    given = call.params["Name"]
    if given.lower().startswith(RESERVED):
        return Refusal("ValidationException", f"Invalid document name {given}")
    return None


@rule("SSM-own-document-size", "ssm", "CreateDocument", "UpdateDocument", source=CREATE)
def size(call: Call) -> Refusal | None:
    """A document has at most 64 KB."""
    if len(call.params["Content"].encode()) <= MOST_BYTES:
        return None
    return Refusal("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")


@rule("SSM-own-session-document", "ssm", "CreateDocument", "UpdateDocument", source=SCHEMA)
def session(call: Call) -> Refusal | None:
    """A session document is of schema 1.0, with a session type, inputs, parameters and properties that Session Manager knows."""
    if not _of_sessions(call):
        return None
    content = _content(call)
    if not isinstance(content, dict):
        return _invalid("the content is no object")
    if content.get("schemaVersion") != "1.0":
        return Refusal("InvalidDocumentSchemaVersion", "The version of the document schema isn't supported: session documents are of 1.0")
    wrong = _top(content) or _inputs(content.get("inputs", {})) or _parameters(content) or _properties(content)
    return _invalid(wrong) if wrong else None


def _of_sessions(call: Call) -> bool:
    if call.operation == "CreateDocument":
        return bool(call.params.get("DocumentType") == "Session")
    held = world.backend("ssm", call)._documents.get(call.params["Name"])
    return held is not None and held.get_default_version().document_type == "Session"


def _content(call: Call) -> Any:
    text = call.params["Content"]
    try:
        return yaml.safe_load(text) if call.params.get("DocumentFormat") == "YAML" else json.loads(text)
    except (ValueError, yaml.YAMLError):
        return None


def _invalid(why: str) -> Refusal:
    return Refusal("InvalidDocumentContent", f"The content for the document is not valid: {why}")


def _top(content: dict[str, Any]) -> str:
    if unknown := sorted(set(content) - MEMBERS):
        return f"there is no {unknown[0]} in session documents"
    return "" if content.get("sessionType") in KINDS else f"sessionType is one of {', '.join(KINDS)}"


def _inputs(inputs: Any) -> str:
    if not isinstance(inputs, dict):
        return "inputs is an object"
    for key, given in inputs.items():
        if key == "shellProfile":
            if not isinstance(given, dict) or set(given) - {"linux", "windows"}:
                return "shellProfile has linux and windows"
        elif key not in TEXTS + SWITCHES:
            return f"there is no input {key}"
        elif not isinstance(given, str if key in TEXTS else bool):
            return f"{key} is {'a string' if key in TEXTS else 'true or false'}"
    for key, (least, most) in MINUTES.items():
        given = inputs.get(key, "")
        if given and not (given.isdigit() and least <= int(given) <= most):
            return f"{key} is a number of minutes from {least} to {most}"
    return ""


def _parameters(content: dict[str, Any]) -> str:
    defined = content.get("parameters", {})
    for key, spec in defined.items():
        if not isinstance(spec, dict) or spec.get("type") not in PARAMETER_TYPES:
            return f"parameter {key} has no type that is known"
    unknown = sorted(set(PLACE.findall(json.dumps(content.get("properties", {})))) - set(defined))
    return f"the parameter {unknown[0]} is not defined" if unknown else ""


def _properties(content: dict[str, Any]) -> str:
    kind, properties = content["sessionType"], content.get("properties", {})
    if kind == "Port" and not isinstance(properties.get("portNumber"), str):
        return "a Port session has a portNumber"
    return ""
