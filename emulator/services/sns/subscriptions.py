"""Subscriptions: one by mail or by an address of the web receives nothing before its owner has confirmed it.

https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import control_endpoint, operation
from ...wire import Call, Refusal
from . import inbox

MAIL = ("email", "email-json")
CONFIRMED_BY_OWNER = ("email", "email-json", "http", "https")
PENDING = "PendingConfirmation"
# An unanswered question is forgotten.
DAYS = 3
ASKED = (
    "You have chosen to subscribe to the topic:\n{topic}\n\n"
    "To confirm this subscription, click or visit the link below (If this was in error no action is necessary):\nConfirm subscription"
)
SUBJECTS = ("AWS Notification - Subscription Confirmation", "AWS Notification Message")


def pending(call: Call) -> dict[str, str]:
    """Of subscriptions that nobody has confirmed: ARN and endpoint."""
    found: dict[str, str] = world.store("sns", call).setdefault("pending", {})
    return found


@operation("sns", "Subscribe")
def subscribe(call: Call) -> dict[str, Any]:
    """Twice the same is one subscription, whose owner is asked again. The ARN of one that is pending is told to who asks for it."""
    known = set(world.backend("sns", call).subscriptions)
    found = world.forward(call)
    arn, protocol = found["SubscriptionArn"], call.params["Protocol"]
    if protocol in CONFIRMED_BY_OWNER and arn not in known:
        pending(call)[arn] = call.params["Endpoint"]
        world.clock.after(DAYS * 86400.0, lambda: _give_up(call, arn))
    if arn in pending(call) and protocol in MAIL:
        topic = call.params["TopicArn"]
        inbox.put(call.params["Endpoint"], SUBJECTS[0], ASKED.format(topic=topic), topic=topic)
    if arn in pending(call) and not call.params.get("ReturnSubscriptionArn"):
        return {"SubscriptionArn": "pending confirmation"}
    return found


def _give_up(call: Call, arn: str) -> None:
    if pending(call).pop(arn, None):
        world.backend("sns", call).unsubscribe(arn)


def mail(call: Call, topic: str, text: str, subject: str | None) -> None:
    """To the addresses that have confirmed."""
    for each in list(world.backend("sns", call).subscriptions.values()):
        if each.topic.arn == topic and each.protocol in MAIL and each.arn not in pending(call):
            inbox.put(each.endpoint, subject or SUBJECTS[1], text, topic=topic)


@operation("sns", "Publish")
def published(call: Call) -> dict[str, Any]:
    found = world.forward(call)
    mail(call, call.params.get("TopicArn") or call.params.get("TargetArn", ""), call.params["Message"], call.params.get("Subject"))
    return found


@operation("sns", "GetTopicAttributes")
def get_topic_attributes(call: Call) -> dict[str, Any]:
    found, topic = world.forward(call), call.params["TopicArn"]
    own = [each.arn for each in world.backend("sns", call).subscriptions.values() if each.topic.arn == topic]
    waiting = len([arn for arn in own if arn in pending(call)])
    found["Attributes"].update(SubscriptionsPending=str(waiting), SubscriptionsConfirmed=str(len(own) - waiting))
    return found


@operation("sns", "ListSubscriptions", "ListSubscriptionsByTopic")
def list_subscriptions(call: Call) -> dict[str, Any]:
    found = world.forward(call)
    for each in found.get("Subscriptions", []):
        if each["SubscriptionArn"] in pending(call):
            each["SubscriptionArn"] = PENDING
    return found


@operation("sns", "GetSubscriptionAttributes")
def get_subscription_attributes(call: Call) -> dict[str, Any]:
    found = world.forward(call)
    found["Attributes"][PENDING] = str(call.params["SubscriptionArn"] in pending(call)).lower()
    return found


@operation("sns", "Unsubscribe")
def unsubscribe(call: Call) -> dict[str, Any]:
    """One that is pending cannot be deleted by who lists it: its ARN is not shown."""
    if not call.params["SubscriptionArn"].startswith("arn:"):
        raise Refusal("InvalidParameter", "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1")
    pending(call).pop(call.params["SubscriptionArn"], None)
    return world.forward(call)


@control_endpoint("confirm_subscription")
def _confirm(wanted: dict[str, Any]) -> Any:
    """The owner of `endpoint` opens the address in the message; without one everybody who was asked does."""
    confirmed = []
    for kept in world.everywhere_of("sns"):
        waiting = kept.get("pending", {})
        confirmed += [waiting.pop(arn) for arn, endpoint in list(waiting.items()) if wanted.get("endpoint") in (None, endpoint)]
    return {"confirmed": confirmed}
