"""What EventBridge does: rules to topics and API destinations, transformers, connections, and what SNS mails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import process
from tests.support.emulated import Emulated

ACCOUNT = "123456789012"
EVENT_PATTERN = json.dumps({"source": ["shop"]})
AUTH = {"ApiKeyAuthParameters": {"ApiKeyName": "Authorization", "ApiKeyValue": "Bearer 1"}}
PIPELINES = {"Service": "events.amazonaws.com"}


def inbox(emulated: Emulated) -> list[dict[str, Any]]:
    return list(process.control(emulated.state, "inbox"))


def connection(emulated: Emulated, **more: Any) -> str:
    made = emulated.client("events").create_connection(Name="chat", AuthorizationType="API_KEY", AuthParameters={**AUTH, **more})
    return str(made["ConnectionArn"])


def destination(emulated: Emulated, **more: Any) -> str:
    wanted = {"Name": "chat", "HttpMethod": "POST", "InvocationEndpoint": "https://chat.example.com/post"}
    arn = more.pop("ConnectionArn", None) or connection(emulated, **more)
    return str(emulated.client("events").create_api_destination(**wanted, ConnectionArn=arn)["ApiDestinationArn"])


def role(emulated: Emulated, action: str = "events:InvokeApiDestination") -> str:
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": PIPELINES, "Action": "sts:AssumeRole"}]}
    arn = emulated.client("iam").create_role(RoleName="events", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    emulated.client("iam").put_role_policy(RoleName="events", PolicyName="invoke", PolicyDocument=json.dumps(policy))
    return str(arn)


def topic(emulated: Emulated, source: str = "", **attributes: str) -> str:
    arn = emulated.client("sns").create_topic(Name="told", Attributes=attributes)["TopicArn"]
    if source:
        statement: dict[str, Any] = {"Effect": "Allow", "Principal": PIPELINES, "Action": "sns:Publish", "Resource": arn}
        statement["Condition"] = {"ArnEquals": {"aws:SourceArn": source}}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        emulated.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return str(arn)


def rule(emulated: Emulated, *targets: dict[str, Any]) -> str:
    arn = emulated.client("events").put_rule(Name="releases", EventPattern=EVENT_PATTERN)["RuleArn"]
    if targets:
        given = [{"Id": str(number), **each} for number, each in enumerate(targets)]
        emulated.client("events").put_targets(Rule="releases", Targets=given)
    return str(arn)


def happen(emulated: Emulated, **detail: str) -> None:
    """An event."""
    told = {"Source": "shop", "DetailType": "State", "Detail": json.dumps(detail)}
    assert emulated.client("events").put_events(Entries=[told])["FailedEntryCount"] == 0


def test_a_subscription_waits_for_its_person(emulated: Emulated) -> None:
    sns, arn = emulated.client("sns"), topic(emulated)
    assert sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["SubscriptionsPending"] == "1"
    sns.publish(TopicArn=arn, Message="lost", Subject="s")
    assert [each["subject"] for each in inbox(emulated)] == ["AWS Notification - Subscription Confirmation"]
    process.control(emulated.state, "confirm_subscription", endpoint="ops@example.com")
    sns.publish(TopicArn=arn, Message="it burns", Subject="Fire")
    assert (inbox(emulated)[-1]["to"], inbox(emulated)[-1]["text"]) == ("ops@example.com", "it burns")
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert listed["SubscriptionArn"].startswith(arn)


def test_an_unanswered_question_is_forgotten(emulated: Emulated) -> None:
    sns, arn = emulated.client("sns"), topic(emulated)
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
    emulated.advance(3 * 86400 + 1)
    assert sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] == []


@pytest.mark.parametrize(("protocol", "endpoint"), [("email", "nobody"), ("https", "http://example.com")])
def test_endpoints_that_sns_refuses(emulated: Emulated, protocol: str, endpoint: str) -> None:
    assert emulated.refused("sns", "subscribe", TopicArn=topic(emulated), Protocol=protocol, Endpoint=endpoint)[0] == "InvalidParameter"


def test_a_topic_admits_the_rule_that_its_policy_names(emulated: Emulated) -> None:
    source = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/releases"
    for admitted, expected in ((f"{source}-other", 0), (source, 1)):
        arn = topic(emulated, admitted)
        emulated.client("sns").subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
        process.control(emulated.state, "confirm_subscription")
        paths = {"state": "$.detail.state", "gone": "$.detail.none"}
        transformer = {"InputPathsMap": paths, "InputTemplate": '"It is <state>."\n"Say \\"why\\"<gone>"'}
        rule(emulated, {"Arn": arn, "InputTransformer": transformer})
        before = len(inbox(emulated))
        happen(emulated, state='FAIL"URE')
        assert len(inbox(emulated)) - before == expected
    assert inbox(emulated)[-1]["text"] == '"It is FAIL\\"URE."\n"Say \\"why\\""'


def test_a_key_that_does_not_admit_eventbridge_loses_messages(emulated: Emulated) -> None:
    key = emulated.client("kms").create_key()["KeyMetadata"]["KeyId"]
    for known in ("alias/aws/sns", key):
        arn = topic(emulated, f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/releases")
        emulated.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue=known)
        emulated.client("sns").subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
        process.control(emulated.state, "confirm_subscription")
        rule(emulated, {"Arn": arn})
        before = len(inbox(emulated))
        happen(emulated, state="FAILURE")
        assert len(inbox(emulated)) == before


def test_an_api_destination_gets_what_its_connection_adds(emulated: Emulated) -> None:
    more = {"InvocationHttpParameters": {"BodyParameters": [{"Key": "channel", "Value": "#ops", "IsValueSecret": False}]}}
    template = {"InputPathsMap": {"state": "$.detail.state"}, "InputTemplate": '{"text": "one\\n<state>"}'}
    rule(emulated, {"Arn": destination(emulated, **more), "RoleArn": role(emulated), "InputTransformer": template})
    happen(emulated, state="STOP")
    (message,) = inbox(emulated)
    assert (message["to"], json.loads(message["text"])) == ("https://chat.example.com/post", {"text": "one\nSTOP", "channel": "#ops"})
    assert message["headers"] == {"Authorization": "Bearer 1"}


def test_a_role_that_may_not_call_it_loses_messages(emulated: Emulated) -> None:
    rule(emulated, {"Arn": destination(emulated), "RoleArn": role(emulated, "events:PutEvents")})
    happen(emulated, state="STOP")
    assert inbox(emulated) == []


def test_nobody_reads_a_secret_again(emulated: Emulated) -> None:
    more = {"InvocationHttpParameters": {"QueryStringParameters": [{"Key": "t", "Value": "hidden", "IsValueSecret": True}]}}
    connection(emulated, **more)
    shown = emulated.client("events").describe_connection(Name="chat")
    assert shown["AuthParameters"]["ApiKeyAuthParameters"] == {"ApiKeyName": "Authorization"}
    assert "Bearer" not in str(shown) and "hidden" not in str(shown)


def test_a_connection_goes_in_its_own_time(emulated: Emulated) -> None:
    process.control(emulated.state, "speed", factor=1)
    events, arn = emulated.client("events"), destination(emulated)
    events.delete_connection(Name="chat")
    assert events.describe_connection(Name="chat")["ConnectionState"] == "DELETING"
    assert events.describe_api_destination(Name="chat")["ApiDestinationState"] == "INACTIVE" and arn
    wanted = {"Name": "chat", "AuthorizationType": "API_KEY", "AuthParameters": AUTH}
    assert emulated.refused("events", "create_connection", **wanted)[0] == "ResourceAlreadyExistsException"
    emulated.advance(10)
    assert emulated.refused("events", "describe_connection", Name="chat")[0] == "ResourceNotFoundException"


def test_what_eventbridge_refuses(emulated: Emulated) -> None:
    events, here = emulated.client("events"), {"Rule": "releases"}
    rule(emulated)
    arn, told = destination(emulated), topic(emulated)
    assert emulated.refused("events", "put_targets", **here, Targets=[{"Id": "1", "Arn": arn}])[1] == "RoleArn is required for target 1."
    many = [{"Id": str(number), "Arn": told} for number in range(6)]
    assert emulated.refused("events", "put_targets", **here, Targets=many)[0] == "LimitExceededException"
    for template, words in (('"<who>"', "placeholder <who>"), ('{"a": }', "not valid JSON"), ('"a', "not valid JSON")):
        target = {"Id": "1", "Arn": told, "InputTransformer": {"InputPathsMap": {"state": "$.detail.state"}, "InputTemplate": template}}
        assert words in emulated.refused("events", "put_targets", **here, Targets=[target])[1], template
    both = {"Id": "1", "Arn": told, "Input": "{}", "InputPath": "$.detail"}
    assert "Only one of" in emulated.refused("events", "put_targets", **here, Targets=[both])[1]
    wanted = {"HttpMethod": "POST", "InvocationEndpoint": "http://chat.example.com/", "ConnectionArn": connection_arn(emulated)}
    assert "HTTPS" in emulated.refused("events", "create_api_destination", Name="other", **wanted)[1]
    wanted = {**wanted, "InvocationEndpoint": "https://chat.example.com/"}
    assert emulated.refused("events", "create_api_destination", Name="chat", **wanted)[0] == "ResourceAlreadyExistsException"
    gone = f"arn:aws:events:eu-west-1:{ACCOUNT}:connection/gone/00000000-0000-0000-0000-000000000000"
    refused = emulated.refused("events", "create_api_destination", Name="other", **{**wanted, "ConnectionArn": gone})
    assert refused[0] == "ResourceNotFoundException"
    events.put_targets(**here, Targets=[{"Id": "1", "Arn": told}])
    assert "has targets" in emulated.refused("events", "delete_rule", Name="releases")[1]


def connection_arn(emulated: Emulated) -> str:
    return str(emulated.client("events").describe_connection(Name="chat")["ConnectionArn"])


def test_sources_of_aws_are_its_own(emulated: Emulated) -> None:
    told = {"Source": "aws.codedeploy", "DetailType": "State", "Detail": "{}"}
    (entry,) = emulated.client("events").put_events(Entries=[told])["Entries"]
    assert entry["ErrorCode"] == "NotAuthorizedForSourceException"
