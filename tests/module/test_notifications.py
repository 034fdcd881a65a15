"""sns_topic, events_rules and events_api_destination against the emulated AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import process
from tests.support.emulated import Emulated
from tests.support.walk import differences

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:shop-local-notifications"
TAGS = {"application": "shop", "environment": "local", "managed-by": "railyard"}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": TOPIC}],
}
TARGET = {"id": "topic", "arn": TOPIC, "input_paths": {"State": "$.detail.state"}, "input_template": '"It is <State>."'}
RULE = {"name": "shop-local-failed", "event_pattern": {"source": ["aws.codepipeline"]}, "description": "x", "targets": [TARGET]}
TOKEN = "xoxb-1234-very-secret"


def topic(emulated: Emulated, **changes: Any) -> dict[str, Any]:
    known = {"name": "shop-local-notifications", "policy": POLICY, "emails": ["ada@example.com"], "display_name": "shop", "tags": TAGS}
    return emulated.run("sns_topic", **{**known, **changes})


def rules(emulated: Emulated, *given: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return emulated.run("events_rules", **{"rules": list(given or (RULE,)), "tags": TAGS, **changes})


def chat(emulated: Emulated, **changes: Any) -> dict[str, Any]:
    known = {"name": "shop-local-chat", "url": "https://chat.example.com/post", "parameter": "/shop/local/CHAT", "tags": TAGS}
    return emulated.run("events_api_destination", **{**known, **changes})


@pytest.fixture
def secret(emulated: Emulated) -> None:
    emulated.client("ssm").put_parameter(Name="/shop/local/CHAT", Type="SecureString", Value=TOKEN)


def test_a_topic_check_create_again_change_delete(emulated: Emulated) -> None:
    predicted = topic(emulated, check=True)
    assert predicted["changed"] and emulated.writes() == [] and predicted["pending"] == ["ada@example.com"]
    created = topic(emulated)
    assert created["changed"] and differences("sns_topic", created) == [] and created["pending"] == ["ada@example.com"]
    assert not topic(emulated)["changed"]
    process.control(emulated.state, "confirm_subscription")
    confirmed = topic(emulated)
    assert not confirmed["changed"] and confirmed["pending"] == [] and confirmed["topic"]["emails"][0]["arn"].startswith(TOPIC)
    changed = topic(emulated, display_name="shop local", emails=["grace@example.com"])
    assert changed["diff"]["after"]["display_name"] == "shop local"
    assert [one["address"] for one in changed["topic"]["emails"]] == ["grace@example.com"] == changed["pending"]
    assert topic(emulated, state="absent")["changed"] and not topic(emulated, state="absent")["changed"]


def test_an_address_that_did_not_answer_is_asked_again(emulated: Emulated) -> None:
    topic(emulated)
    emulated.client("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=f"arn:aws:sqs:eu-west-1:{ACCOUNT}:pager")
    emulated.advance(3 * 86400 + 1)
    assert topic(emulated)["changed"]
    # What is pending cannot be deleted, and is no difference; other protocols are somebody else's.
    assert not topic(emulated, emails=[])["changed"]
    assert len(emulated.client("sns").list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]) == 2


def test_rules_check_create_again_change_delete(emulated: Emulated) -> None:
    other = {**RULE, "name": "shop-local-succeeded", "targets": []}
    assert rules(emulated, RULE, other, check=True)["changed"] and emulated.writes() == []
    created = rules(emulated, RULE, other)
    assert created["changed"] and differences("events_rules", created) == []
    assert not rules(emulated, RULE, other)["changed"]
    emulated.client("events").disable_rule(Name="shop-local-failed")
    mended = rules(emulated, RULE, other)
    assert [one["enabled"] for one in mended["diff"]["before"]["rules"]] == [False, True] and mended["rules"][0]["targets"] == [TARGET]
    emulated.client("events").put_targets(Rule="shop-local-failed", Targets=[{"Id": "theirs", "Arn": TOPIC, "Input": "{}"}])
    assert rules(emulated, RULE, other)["changed"] and not rules(emulated, RULE, other)["changed"]
    changed = rules(emulated, {**RULE, "targets": []}, other, tags={**TAGS, "team": "checkout"})
    assert changed["rules"][0]["targets"] == [] and changed["rules"][1]["tags"]["team"] == "checkout"
    rules(emulated, RULE, other)
    assert rules(emulated, RULE, other, state="absent")["changed"] and not rules(emulated, RULE, other, state="absent")["changed"]
    assert emulated.client("events").list_rules()["Rules"] == []


def test_a_rule_of_others_is_left_alone(emulated: Emulated) -> None:
    emulated.client("events").put_rule(Name="shop-local-failed", EventPattern='{"source": ["x"]}')
    failed = rules(emulated)
    assert failed["failed"] and "not ours" in failed["msg"] and "events tag-resource" in failed["msg"]
    assert not rules(emulated, state="absent")["changed"]


@pytest.mark.parametrize(
    ("changes", "words"), [({"event_pattern": {}}, "no event_pattern"), ({"targets": [TARGET, TARGET]}, "an id of its own")]
)
def test_rules_that_cannot_be(emulated: Emulated, changes: dict[str, Any], words: str) -> None:
    failed = rules(emulated, {**RULE, **changes})
    assert failed["failed"] and words in failed["msg"] and emulated.writes() == []


@pytest.mark.usefixtures("secret")
def test_a_chat_check_create_again_change_delete(emulated: Emulated) -> None:
    begun = len(emulated.writes())
    assert chat(emulated, check=True)["changed"] and len(emulated.writes()) == begun
    created = chat(emulated, body={"channel": "#ops"})
    assert created["changed"] and differences("events_api_destination", created) == []
    assert not chat(emulated, body={"channel": "#ops"})["changed"]
    changed = chat(emulated)
    assert changed["diff"]["before"]["connection"]["body"] == {"channel": "#ops"} and changed["api_destination"]["connection"]["body"] == {}
    emulated.client("ssm").put_parameter(Name="/shop/local/CHAT", Type="SecureString", Value=f"{TOKEN}2", Overwrite=True)
    fresh = chat(emulated)
    assert fresh["changed"] and fresh["api_destination"]["secret"] == {"parameter": "/shop/local/CHAT", "version": 2}
    assert not chat(emulated)["changed"]
    assert TOKEN not in json.dumps([created, changed, fresh])
    assert chat(emulated, state="absent")["changed"] and not chat(emulated, state="absent")["changed"]
    # The name of a connection is free some seconds later.
    assert chat(emulated)["changed"]


@pytest.mark.usefixtures("secret")
def test_an_address_that_is_a_secret_is_shown_by_nothing(emulated: Emulated) -> None:
    secret = {"url": "https://hooks.example.com/{secret}/end"}
    results = [
        chat(emulated, **secret),
        chat(emulated, **secret),
        chat(emulated),
        chat(emulated, **secret),
        chat(emulated, url="https://x.example.com/{secret}"),
    ]
    assert [one["changed"] for one in results] == [True, False, True, True, True] and TOKEN not in json.dumps(results)
    live = emulated.client("events").describe_api_destination(Name="shop-local-chat")
    assert live["InvocationEndpoint"] == f"https://x.example.com/{TOKEN}"


@pytest.mark.usefixtures("secret")
def test_a_chat_of_others_is_left_alone(emulated: Emulated) -> None:
    chat(emulated, tags={**TAGS, "environment": "production"})
    failed = chat(emulated)
    assert failed["failed"] and "not ours" in failed["msg"] and not chat(emulated, state="absent")["changed"]


def test_a_secret_that_is_not_there(emulated: Emulated) -> None:
    failed = chat(emulated)
    assert failed["failed"] and "playbooks/secret.yml" in failed["msg"] and emulated.writes() == []


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("url", ["http://chat.example.com/", "https://{secret}", "https://a.example.com/{secret}/{secret}"])
def test_addresses_that_cannot_be(emulated: Emulated, url: str) -> None:
    failed = chat(emulated, url=url)
    assert failed["failed"] and "https://" in failed["msg"]
