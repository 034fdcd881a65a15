"""What SNS refuses of subscriptions."""

from __future__ import annotations

import re

from ...registry import rule
from ...wire import Call, Refusal

API = "https://docs.aws.amazon.com/sns/latest/api/"
ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


@rule("SNS-2", "sns", "Subscribe", source=API + "API_Subscribe.html")
def address(call: Call) -> Refusal | None:
    """Who is told by e-mail has one address."""
    if call.params["Protocol"] in ("email", "email-json") and not ADDRESS.fullmatch(call.params.get("Endpoint", "")):
        return Refusal("InvalidParameter", "Invalid parameter: Email address")
    return None


@rule("SNS-3", "sns", "Subscribe", source=API + "API_Subscribe.html")
def web(call: Call) -> Refusal | None:
    """An endpoint of HTTP has the protocol's scheme."""
    protocol, endpoint = call.params["Protocol"], call.params.get("Endpoint", "")
    if protocol in ("http", "https") and not endpoint.startswith(f"{protocol}://"):
        return Refusal("InvalidParameter", "Invalid parameter: Endpoint must match the specified protocol")
    return None
