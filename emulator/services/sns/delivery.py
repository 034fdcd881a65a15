"""Messages that AWS's own services publish to a topic. https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic.html"""

from __future__ import annotations

import uuid

from ... import world
from ...authority.decision import Principal
from ...wire import Call, Refusal
from ..iam import authority
from .subscriptions import mail, pending

# Whom the policy that a topic has at first admits.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
BY_DEFAULT = ("cloudwatch.amazonaws.com",)


def publish(call: Call, service: str, topic_arn: str, source: str, text: str, subject: str | None = None) -> bool:
    """Whether the topic took the message: one that is not there, whose policy does not admit the service, or whose key it cannot use
    loses it without a word (SNS-4). `service`: the principal, as `events.amazonaws.com`; `source`: the ARN of what publishes."""
    topic, who = world.backend("sns", call).topics.get(topic_arn), Principal(service=service)
    known = {"aws:sourcearn": source, "aws:sourceaccount": call.account}
    if service in BY_DEFAULT:
        known["aws:sourceowner"] = call.account
    if topic is None or not authority.admits(authority.text(topic.policy), who, "sns:Publish", topic.arn, known):
        return False
    if not _usable(call, topic.kms_master_key_id or "", who, known):
        return False
    identity, waiting = str(uuid.uuid4()), pending(call)
    for subscription in world.backend("sns", call).list_subscriptions_by_topic(topic_arn=topic.arn)[0]:
        if not subscription.protocol.startswith("http") and subscription.arn not in waiting:
            subscription.publish(text, identity, subject=subject)
    mail(call, topic.arn, text, subject)
    topic.sent_notifications.append((identity, text, subject, None, None))
    return True


def _usable(call: Call, key: str, who: Principal, known: dict[str, str]) -> bool:
    """Whether a service may encrypt for a topic; AWS's own key of SNS admits none of them."""
    if not key or "alias/aws/sns" in key:
        return not key
    try:
        described = world.aws(call, "kms", "DescribeKey", KeyId=key)["KeyMetadata"]
        policy = world.aws(call, "kms", "GetKeyPolicy", KeyId=described["KeyId"], PolicyName="default")["Policy"]
    except Refusal:
        return False
    needed = ("kms:GenerateDataKey", "kms:Decrypt")
    return all(authority.admits(policy, who, action, described["Arn"], known) for action in needed)
