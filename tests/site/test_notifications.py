"""Who is told of releases: by site.yml made and deleted, and what arrives when a pipeline works."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import process
from tests.support.emulated import Emulated
from tests.support.playbooks import converge, play

from .conftest import Made

CHAT = {"url": "https://chat.example.com/post", "secret": "CHAT_TOKEN", "body": {"channel": "#releases"}}
TOKEN = "Bearer xoxb-1234-very-secret"
TOLD = {"emails": ["ada@example.com"], "webhook": CHAT}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:shop-local-notifications"
NOBODY = ("-e", '{"railyard_image": ""}')


def words(**told: Any) -> tuple[str, ...]:
    return (*NOBODY, "-e", json.dumps({"railyard_notifications": told}))


@pytest.fixture
def told(made: Made) -> Emulated:
    """An environment that tells people and a chat."""
    emulated = made(*NOBODY)
    stored = play(emulated, "playbooks/secret.yml", *words(**TOLD), "-e", "secret=CHAT_TOKEN", "-e", "value_env=CHAT", more={"CHAT": TOKEN})
    assert stored.code == 0, stored.output
    converge(emulated, *words(**TOLD))
    return emulated


def test_who_is_told_is_made_once_and_deleted_when_nobody_is(told: Emulated) -> None:
    again = converge(told, *words(**TOLD))
    assert again.count("changed") == 0 and "Nothing is sent to ada@example.com yet" in again.output, again.output
    assert TOKEN not in again.output
    process.control(told.state, "confirm_subscription")
    assert "Nothing is sent" not in converge(told, *words(**TOLD)).output
    _change_by_hand(told)
    other = {**TOLD, "emails": ["grace@example.com"], "webhook": {**CHAT, "body": {}}}
    mended = converge(told, *words(**other), "-e", '{"railyard_tags": {"team": "checkout"}, "railyard_purge_tags": ["x-*"]}')
    assert "Nothing is sent to grace@example.com yet" in mended.output and f"{TOKEN}2" not in mended.output
    topic = told.client("sns").get_topic_attributes(TopicArn=TOPIC)["Attributes"]
    assert (topic["DisplayName"], topic["SubscriptionsConfirmed"], topic["SubscriptionsPending"]) == ("shop local", "0", "1")
    without = converge(told, *words(emails=["grace@example.com"]))
    assert without.count("changed") > 0 and told.client("events").list_api_destinations()["ApiDestinations"] == []
    nobody = converge(told, *NOBODY)
    assert nobody.count("changed") > 0 and told.client("events").list_rules()["Rules"] == [] == told.client("sns").list_topics()["Topics"]
    assert converge(told, *NOBODY).count("changed") == 0


def _change_by_hand(told: Emulated) -> None:
    """A name, two tags and another token."""
    told.client("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="DisplayName", AttributeValue="somebody")
    told.client("sns").tag_resource(ResourceArn=TOPIC, Tags=[{"Key": "x-cost", "Value": "1"}])
    rule = told.client("events").describe_rule(Name="shop-local-failed")["Arn"]
    told.client("events").tag_resource(ResourceARN=rule, Tags=[{"Key": "x-cost", "Value": "1"}])
    told.client("ssm").put_parameter(Name="/shop/local/CHAT_TOKEN", Type="SecureString", Value=f"{TOKEN}2", Overwrite=True)


def test_nothing_is_left_after_a_destroy(told: Emulated) -> None:
    gone = play(told, "playbooks/destroy.yml", *words(**TOLD), "-e", "destroy=shop-local")
    assert gone.code == 0, gone.output
    assert told.client("events").list_connections()["Connections"] == [] == told.client("events").list_rules()["Rules"]
    assert told.client("sns").list_topics()["Topics"] == []


def test_a_secret_that_is_not_stored_is_named_before_anything_is_written(made: Made) -> None:
    emulated = made(*NOBODY)
    before = len(emulated.writes())
    failed = play(emulated, "site.yml", *words(webhook=CHAT))
    assert failed.code != 0 and "CHAT_TOKEN is not in Parameter Store" in failed.output and "secret=CHAT_TOKEN" in failed.output
    assert len(emulated.writes()) == before
