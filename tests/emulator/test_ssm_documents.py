"""Session documents: what Systems Manager keeps of them and refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulated import Emulated

CONTENT: dict[str, Any] = {
    "schemaVersion": "1.0",
    "description": "A console",
    "sessionType": "InteractiveCommands",
    "inputs": {
        "cloudWatchLogGroupName": "/shop",
        "cloudWatchEncryptionEnabled": False,
        "cloudWatchStreamingEnabled": True,
        "kmsKeyId": "",
        "runAsEnabled": False,
        "runAsDefaultUser": "",
        "idleSessionTimeout": "20",
        "maxSessionDuration": "60",
        "shellProfile": {"linux": "cd /app"},
    },
    "parameters": {"command": {"type": "String", "default": "bin/rails console", "allowedPattern": "[a-z/ ]+"}},
    "properties": {"linux": {"commands": "{{ command }}", "runAsElevated": True}},
}


def document(**changes: Any) -> dict[str, Any]:
    return {"Name": "console", "DocumentType": "Session", "Content": json.dumps({**CONTENT, **changes})}


def test_a_document_has_versions_of_which_one_is_the_default(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    ssm.create_document(**document(), Tags=[{"Key": "app", "Value": "shop"}])
    found = ssm.describe_document(Name="console")["Document"]
    assert (found["DocumentType"], found["SchemaVersion"], found["DefaultVersion"], found["Status"]) == ("Session", "1.0", "1", "Active")
    assert "Linux" in found["PlatformTypes"] and found["Tags"] == [{"Key": "app", "Value": "shop"}]
    changed = {"Name": "console", "DocumentVersion": "$LATEST", "Content": document(description="Another")["Content"]}
    made = ssm.update_document(**changed)["DocumentDescription"]
    assert (made["DocumentVersion"], made["DefaultVersion"]) == ("2", "1")
    assert json.loads(ssm.get_document(Name="console")["Content"])["description"] == "A console"
    assert emulated.refused("ssm", "update_document", **changed)[0] == "DuplicateDocumentContent"
    ssm.update_document_default_version(Name="console", DocumentVersion="2")
    assert json.loads(ssm.get_document(Name="console")["Content"])["description"] == "Another"
    versions = ssm.list_document_versions(Name="console")["DocumentVersions"]
    assert [(item["DocumentVersion"], item["IsDefaultVersion"]) for item in versions] == [("2", True), ("1", False)]

    ssm.delete_document(Name="console")
    for operation in ("describe_document", "get_document", "delete_document"):
        assert emulated.refused("ssm", operation, Name="console")[0] == "InvalidDocument"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"schemaVersion": "2.2"}, "InvalidDocumentSchemaVersion"),
        ({"sessionType": "Shell"}, "InvalidDocumentContent"),
        ({"mainSteps": []}, "InvalidDocumentContent"),
        ({"inputs": {"idleSessionTimeout": "61"}}, "InvalidDocumentContent"),
        ({"inputs": {"idleSessionTimeout": 20}}, "InvalidDocumentContent"),
        ({"inputs": {"maxSessionDuration": "0"}}, "InvalidDocumentContent"),
        ({"inputs": {"runAsEnabled": "true"}}, "InvalidDocumentContent"),
        ({"inputs": {"logGroup": "/shop"}}, "InvalidDocumentContent"),
        ({"parameters": {"command": {"type": "Text"}}}, "InvalidDocumentContent"),
        ({"parameters": {}}, "InvalidDocumentContent"),
        ({"sessionType": "Port"}, "InvalidDocumentContent"),
        ({"description": "x" * 66_000}, "MaxDocumentSizeExceeded"),
    ],
)
def test_what_a_session_document_must_not_be(emulated: Emulated, changes: dict[str, Any], code: str) -> None:
    assert emulated.refused("ssm", "create_document", **document(**changes))[0] == code
    emulated.client("ssm").create_document(**document())
    update = {"Name": "console", "DocumentVersion": "$LATEST", "Content": document(**changes)["Content"]}
    assert emulated.refused("ssm", "update_document", **update)[0] == code


def test_names_and_broken_content(emulated: Emulated) -> None:
    for name in ("AWS-console", "amazon-console", "Amzn.console"):
        assert emulated.refused("ssm", "create_document", **{**document(), "Name": name})[0] == "ValidationException"
    assert emulated.refused("ssm", "create_document", **{**document(), "Content": "{"})[0] == "InvalidDocumentContent"
    emulated.client("ssm").create_document(**document())
    assert emulated.refused("ssm", "create_document", **document())[0] == "DocumentAlreadyExists"
