"""Session documents: AWS's own ones, what parameters make of them, and what moto lacks of documents.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html
"""

from __future__ import annotations

import json
from typing import Any, TypedDict

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from .parameter_store import page

DEFAULT = "SSM-SessionManagerRunShell"
PORT, LOCAL_PORT = {"type": "String", "default": "80"}, {"type": "String", "default": "0"}
FORWARDS = {"portNumber": "{{ portNumber }}", "type": "LocalPortForwarding", "localPortNumber": "{{ localPortNumber }}"}
RUNS = {"linux": {"commands": "{{ command }}", "runAsElevated": False}}


class SessionDocument(TypedDict, total=False):
    """The content of a document of the type Session. `properties` holds `{{ name }}` where the value of a parameter goes."""

    schemaVersion: str
    sessionType: str
    parameters: dict[str, dict[str, str]]
    properties: dict[str, Any]
    inputs: dict[str, Any]


def _own(kind: str, parameters: dict[str, dict[str, str]], properties: dict[str, Any]) -> SessionDocument:
    return {"schemaVersion": "1.0", "sessionType": kind, "parameters": parameters, "properties": properties}


# Those that everybody has. The first is what an account without preferences of its own gets.
AWS_OWN = {
    DEFAULT: _own("Standard_Stream", {}, {}),
    "AWS-StartPortForwardingSession": _own("Port", {"portNumber": PORT, "localPortNumber": LOCAL_PORT}, FORWARDS),
    "AWS-StartPortForwardingSessionToRemoteHost": _own(
        "Port",
        {"portNumber": PORT, "localPortNumber": LOCAL_PORT, "host": {"type": "String"}},
        {**FORWARDS, "host": "{{ host }}"},
    ),
    "AWS-StartInteractiveCommand": _own("InteractiveCommands", {"command": {"type": "String"}}, RUNS),
    "AWS-StartNonInteractiveCommand": _own("NonInteractiveCommands", {"command": {"type": "String"}}, RUNS),
}


def session_document(call: Call) -> SessionDocument:
    """The content of the document that StartSession names. Raises InvalidDocument."""
    name = call.params.get("DocumentName", DEFAULT)
    held = world.backend("ssm", call)._documents.get(name.rpartition("/")[2])
    if held is None and name in AWS_OWN:
        return AWS_OWN[name]
    if held is None or held.get_default_version().document_type != "Session":
        raise Refusal("InvalidDocument", f"Document with name {name} does not exist.")
    content: SessionDocument = held.get_default_version().content_json
    return content


def values(content: SessionDocument, given: dict[str, list[str]]) -> dict[str, str | None]:
    """The value of each parameter of a document; None where there is none."""
    defined = content.get("parameters", {})
    return {name: given[name][0] if given.get(name) else spec.get("default") for name, spec in defined.items()}


def rendered(content: SessionDocument, given: dict[str, list[str]]) -> dict[str, Any]:
    """`properties` with the parameters in them."""
    text = json.dumps(content.get("properties", {}))
    for name, value in values(content, given).items():
        inside = json.dumps(str(value))[1:-1]
        text = text.replace("{{ " + name + " }}", inside).replace("{{" + name + "}}", inside)
    found: dict[str, Any] = json.loads(text)
    return found


@operation("ssm", "DescribeDocument")
def describe_document(call: Call) -> dict[str, Any]:
    """moto does not know which platforms a document is for."""
    answer = world.forward(call)
    answer["Document"]["PlatformTypes"] = ["Windows", "Linux", "MacOS"]
    return answer


@operation("ssm", "ListDocumentVersions")
def list_document_versions(call: Call) -> dict[str, Any]:
    """Every version of a document, the newest first."""
    held = world.backend("ssm", call)._documents.get(call.params["Name"])
    if held is None:
        raise Refusal("InvalidDocument", "The specified document does not exist.")
    found = [
        {
            "Name": version.name,
            "DocumentVersion": number,
            "CreatedDate": version.created_date,
            "IsDefaultVersion": number == held.default_version,
            "DocumentFormat": version.document_format,
            "Status": version.status,
        }
        for number, version in sorted(held.versions.items(), key=lambda item: -int(item[0]))
    ]
    return page(found, call.params, 50, "DocumentVersions")
