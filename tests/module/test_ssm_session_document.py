"""ssm_session_document against the emulated Systems Manager."""

import json

from tests.support.emulated import Emulated
from tests.support.walk import differences

NAMES = ["shop-production-console", "shop-production-forward"]
CONSOLE = {
    "schemaVersion": "1.0",
    "sessionType": "InteractiveCommands",
    "parameters": {"command": {"type": "String", "allowedPattern": "^[a-z ]+$"}},
    "inputs": {"maxSessionDuration": "60"},
    "properties": {"linux": {"commands": "exec {{ command }}", "runAsElevated": True}},
}
FORWARD = {"schemaVersion": "1.0", "sessionType": "Port", "properties": {"portNumber": "5432", "type": "LocalPortForwarding"}}


def keep(emulated: Emulated, console=None, **params):
    contents = zip(NAMES, [console or CONSOLE, FORWARD], strict=True)
    wanted = {"documents": [{"name": name, "content": content} for name, content in contents], "tags": {"application": "shop"}}
    return emulated.run("ssm_session_document", **{**wanted, **params})


def content(emulated: Emulated, **version) -> dict:
    return dict(json.loads(emulated.client("ssm").get_document(Name=NAMES[0], **version)["Content"]))


def asked(emulated: Emulated) -> list[str]:
    return [entry["operation"] for entry in emulated.journal()]


def test_create_change_and_delete(emulated: Emulated) -> None:
    predicted = keep(emulated, check=True)
    assert predicted["changed"] and not emulated.writes()

    created = keep(emulated)
    assert created["changed"] and differences("ssm_session_document", created) == []
    assert created["documents"] == predicted["documents"] and content(emulated) == CONSOLE

    before = len(asked(emulated))
    assert not keep(emulated)["changed"]
    assert asked(emulated)[before:] == ["DescribeDocument", "DescribeDocument"]

    longer = {**CONSOLE, "inputs": {"maxSessionDuration": "120"}}
    assert keep(emulated, longer, check=True)["diff"]["after"]["documents"][0]["content"] == longer and content(emulated) == CONSOLE
    changed = keep(emulated, longer)
    assert changed["changed"] and changed["documents"][0]["version"] == "2" and content(emulated) == longer
    assert changed["diff"]["before"]["documents"][0]["content"] == CONSOLE and changed["documents"][1] == created["documents"][1]
    assert not keep(emulated, longer)["changed"]

    tagged = keep(emulated, longer, tags={"team": "checkout"})
    assert tagged["changed"] and tagged["documents"][0]["tags"] == {"team": "checkout"} and tagged["documents"][0]["version"] == "2"

    assert keep(emulated, state="absent", check=True)["changed"]
    assert keep(emulated, state="absent")["documents"] == []
    assert not keep(emulated, state="absent")["changed"]


def test_what_is_written_in_another_way_is_no_change(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    ssm.create_document(Name=NAMES[0], DocumentType="Session", DocumentFormat="JSON", Content=json.dumps(CONSOLE))
    made = keep(emulated, documents=[{"name": NAMES[0], "content": CONSOLE}], tags=None)
    assert not made["changed"] and made["documents"][0]["version"] == "1"


def test_back_to_an_earlier_version_and_on_after_a_lost_reply(emulated: Emulated) -> None:
    other = {**CONSOLE, "description": "other"}
    keep(emulated)
    keep(emulated, other)
    back = keep(emulated)
    assert back["changed"] and back["documents"][0]["version"] == "1" and content(emulated) == CONSOLE
    third = {**CONSOLE, "description": "third"}
    emulated.client("ssm").update_document(Name=NAMES[0], Content=json.dumps(third), DocumentVersion="$LATEST")
    assert keep(emulated, third)["documents"][0]["version"] == "3" and content(emulated) == third


def test_a_command_document_of_that_name_is_not_ours(emulated: Emulated) -> None:
    command = {"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "a", "inputs": {"runCommand": ["date"]}}]}
    emulated.client("ssm").create_document(Name=NAMES[0], DocumentType="Command", DocumentFormat="JSON", Content=json.dumps(command))
    refused = keep(emulated)
    assert refused["failed"] and "is of type Command" in refused["msg"]
    assert emulated.writes() == ["ssm:CreateDocument"]
