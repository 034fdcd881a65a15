"""Subscriptions: one by mail or by an address of the web receives nothing before its owner has confirmed it.

https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import control_endpoint, operation
from ...wire import Call, Refusal

CONFIRMED_BY_OWNER = ("email", "email-json", "http", "https")
PENDING = "PendingConfirmation"


def pending(call: Call) -> dict[str, str]:
    """Of subscriptions that nobody has confirmed: ARN and endpoint."""
    found: dict[str, str] = world.store("sns", call).setdefault("pending", {})
    return found


@operation("sns", "Subscribe")
def subscribe(call: Call) -> dict[str, Any]:
    """Twice the same is one subscription. The ARN of one that is pending is told to who asks for it."""
    known = set(world.backend("sns", call).subscriptions)
    found = world.forward(call)
    arn, protocol = found["SubscriptionArn"], call.params["Protocol"]
    if protocol in CONFIRMED_BY_OWNER and arn not in known:
        pending(call)[arn] = call.params["Endpoint"]
    if arn in pending(call) and not call.params.get("ReturnSubscriptionArn"):
        return {"SubscriptionArn": "pending confirmation"}
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
    """The owner of `endpoint` opens the address in the message."""
    confirmed = []
    for kept in world.everywhere_of("sns"):
        waiting = kept.get("pending", {})
        confirmed += [waiting.pop(arn) for arn, endpoint in list(waiting.items()) if endpoint == wanted["endpoint"]]
    return {"confirmed": confirmed}
