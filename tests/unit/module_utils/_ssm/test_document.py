"""What makes a new version of a document, and what is refused before AWS is asked."""

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import Output
from ansible_collections.railyard.fargate.plugins.module_utils._ssm import document

CONTENT = {"schemaVersion": "1.0", "sessionType": "Port", "properties": {"portNumber": "5432", "type": "LocalPortForwarding"}}
OTHER = {**CONTENT, "description": "other"}
LIVE = {"name": "shop", "version": "2", "content": CONTENT, "tags": {"a": "1"}}


def plan(*live, content=CONTENT, **more):
    wanted = {"documents": [{"name": "shop", "content": content}], "state": "present", "tags": {"a": "1"}, "purge_tags": True, **more}
    return document.make_plan(wanted, list(live))


def operations(*live, **more) -> list[str]:
    return [step.operation for step in plan(*live, **more).steps]


def test_create_change_and_delete() -> None:
    assert operations() == ["CreateDocument"]
    assert operations(LIVE) == []
    assert operations(LIVE, content=dict(reversed(CONTENT.items()))) == []
    changed = plan(LIVE, content=OTHER)
    assert [step.operation for step in changed.steps] == ["UpdateDocument", "UpdateDocumentDefaultVersion"]
    assert changed.steps[1].params["DocumentVersion"] == Output("shop", "DocumentDescription.DocumentVersion")
    assert changed.after[0]["version"] is None
    assert operations(LIVE, state="absent") == ["DeleteDocument"]
    assert operations(LIVE, tags={"b": "2"}) == ["AddTagsToResource", "RemoveTagsFromResource"]


def test_a_version_that_says_it_already_becomes_the_default() -> None:
    found = plan({**LIVE, "same": "3"}, content=OTHER)
    assert [step.operation for step in found.steps] == ["UpdateDocumentDefaultVersion"]
    assert found.after[0]["version"] == found.steps[0].params["DocumentVersion"] == "3"
    assert "same" not in found.before[0]


@pytest.mark.parametrize("name", ["ab", "a b c", "aws-shop", "Amazon-shop", "amzn.shop", "x" * 129])
def test_names_that_aws_refuses(name: str) -> None:
    with pytest.raises(RailyardError, match="cannot be the name"):
        document.check_name(name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "needs schemaVersion"),
        ({**CONTENT, "schemaVersion": "2.2"}, "needs schemaVersion"),
        ({**CONTENT, "sessionType": "Shell"}, "InteractiveCommands"),
        ({**CONTENT, "inputs": {"maxSessionDuration": 60}}, "in quotes"),
        ({**CONTENT, "inputs": {"maxSessionDuration": "1441"}}, "1 to 1440"),
        ({**CONTENT, "inputs": {"idleSessionTimeout": "61"}}, "1 to 60"),
    ],
)
def test_content_that_cannot_work(content, said: str) -> None:
    with pytest.raises(RailyardError, match=said):
        plan(content=content)


def test_the_hash_is_of_the_text_that_is_sent() -> None:
    assert document.digest(CONTENT) == document.digest(dict(reversed(CONTENT.items()))) != document.digest(OTHER)
