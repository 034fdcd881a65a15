"""Messages that AWS's own services publish to a topic. https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic.html"""

from __future__ import annotations

import uuid

from ... import world
from ...authority.decision import Principal
from ...wire import Call
from ..iam import authority
from .subscriptions import pending


def publish(call: Call, service: str, topic_arn: str, source: str, text: str, subject: str | None = None) -> bool:
    """Whether the topic took the message: one that is not there, whose policy does not admit the service, or that is encrypted with AWS's
    own key loses it without a word. `service`: the principal, as `events.amazonaws.com`; `source`: the ARN of what publishes."""
    topic = world.backend("sns", call).topics.get(topic_arn)
    if topic is None or "alias/aws/sns" in (topic.kms_master_key_id or ""):
        return False
    known = {"aws:sourcearn": source, "aws:sourceaccount": call.account, "aws:sourceowner": call.account}
    if not authority.admits(authority.text(topic.policy), Principal(service=service), "sns:Publish", topic.arn, known):
        return False
    identity, waiting = str(uuid.uuid4()), pending(call)
    for subscription in world.backend("sns", call).list_subscriptions_by_topic(topic_arn=topic.arn)[0]:
        if not subscription.protocol.startswith("http") and subscription.arn not in waiting:
            subscription.publish(text, identity, subject=subject)
    topic.sent_notifications.append((identity, text, subject, None, None))
    return True
