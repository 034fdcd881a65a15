"""Subscriptions of topics, and who may publish to them."""

from __future__ import annotations

import json
from typing import Any

from emulator import process
from tests.support.emulated import Emulated

MAIL = {"Protocol": "email", "Endpoint": "team@example.com"}


def topic(emulated: Emulated) -> str:
    return str(emulated.client("sns").create_topic(Name="shop-notifications")["TopicArn"])


def listed(emulated: Emulated, arn: str) -> list[dict[str, Any]]:
    return list(emulated.client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"])


def test_an_address_confirms_what_it_receives(emulated: Emulated) -> None:
    sns, arn = emulated.client("sns"), topic(emulated)
    assert sns.subscribe(TopicArn=arn, **MAIL)["SubscriptionArn"] == "pending confirmation"
    own = sns.subscribe(TopicArn=arn, **MAIL, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert [each["SubscriptionArn"] for each in listed(emulated, arn)] == ["PendingConfirmation"]
    assert sns.get_subscription_attributes(SubscriptionArn=own)["Attributes"]["PendingConfirmation"] == "true"
    assert emulated.refused("sns", "unsubscribe", SubscriptionArn="PendingConfirmation")[0] == "InvalidParameter"
    assert process.control(emulated.state, "confirm_subscription", endpoint=MAIL["Endpoint"]) == {"confirmed": [MAIL["Endpoint"]]}
    assert [each["SubscriptionArn"] for each in listed(emulated, arn)] == [own]
    sns.unsubscribe(SubscriptionArn=own)
    assert listed(emulated, arn) == []


def test_a_queue_needs_no_confirmation(emulated: Emulated) -> None:
    arn = topic(emulated)
    queue = emulated.client("sqs").create_queue(QueueName="shop")["QueueUrl"]
    there = emulated.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    assert emulated.client("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=there)["SubscriptionArn"].startswith(f"{arn}:")
    emulated.client("sns").publish(TopicArn=arn, Subject="A", Message="b")
    [message] = emulated.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["Message"] == "b"


def test_topics_are_found_by_their_tags(emulated: Emulated) -> None:
    arn = emulated.client("sns").create_topic(Name="shop", Tags=[{"Key": "application", "Value": "shop"}])["TopicArn"]
    found = emulated.client("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["sns"])["ResourceTagMappingList"]
    assert [each["ResourceARN"] for each in found] == [arn]
