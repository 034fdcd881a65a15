"""What people are sent: e-mails, and messages to chats. Nothing leaves this machine."""

from __future__ import annotations

from collections import deque
from typing import Any

from ... import registry, world

_sent: deque[dict[str, Any]] = deque(maxlen=1000)


def put(to: str, subject: str, text: str, **more: Any) -> None:
    """A message that arrives now. `to`: an address, or the URL of a chat."""
    _sent.append({"time": world.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ"), "to": to, "subject": subject, "text": text, **more})


@registry.control_endpoint("inbox")
def _inbox(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages so far, of one receiver if one is named."""
    return [message for message in _sent if wanted.get("to") in (None, message["to"])]


@registry.on_reset
def _forget() -> None:
    _sent.clear()
