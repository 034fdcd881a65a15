"""Events of builds reach a topic through a rule."""

from __future__ import annotations

import json
from typing import Any

from tests.support import building
from tests.support.building import Builds
from tests.support.emulated import Emulated


def received(emulated: Emulated, queue: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while messages := emulated.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        found += [json.loads(json.loads(each["Body"])["Message"]) for each in messages]
        for each in messages:
            emulated.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
    return found


def test_states_and_phases_of_a_build(emulated: Emulated) -> None:
    building.project(emulated)
    topic = emulated.client("sns").create_topic(Name="builds")["TopicArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulated.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    queue = emulated.client("sqs").create_queue(QueueName="builds")["QueueUrl"]
    arn = emulated.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    emulated.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    pattern = json.dumps({"source": ["aws.codebuild"]})
    emulated.client("events").put_rule(Name="builds", EventPattern=pattern)
    emulated.client("events").put_targets(Rule="builds", Targets=[{"Id": "1", "Arn": topic}])
    ended = Builds(emulated).run("false")
    events = received(emulated, queue)
    states = [each["detail"]["build-status"] for each in events if each["detail-type"] == "CodeBuild Build State Change"]
    assert sorted(states) == ["FAILED", "IN_PROGRESS"]
    phases = {each["detail"]["completed-phase"]: each["detail"] for each in events if each["detail-type"] == "CodeBuild Build Phase Change"}
    assert (phases["BUILD"]["completed-phase-status"], phases["POST_BUILD"]["completed-phase-status"]) == ("FAILED", "SUCCEEDED")
    assert phases["BUILD"]["completed-phase-context"].startswith("[COMMAND_EXECUTION_ERROR: Error while executing command: false.")
    assert phases["BUILD"]["build-id"] == ended["arn"]
    assert {each["resources"][0] for each in events} == {ended["arn"]}
