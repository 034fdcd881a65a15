"""Who has asked for a write, in the words of CloudTrail."""

from __future__ import annotations

from typing import Any

from ..services.cloudtrail import history
from ..wire import Call, Refusal
from . import principals


def note(call: Call, error: str) -> None:
    """Write a call down in the event history of its account."""
    history.note(call, _identity(call), error)


def _identity(call: Call) -> dict[str, Any]:
    try:
        session = principals.session(call)
    except Refusal:
        session = None
    arn = str(session.principal.arn) if session else call.arn("iam", "user/moto", regional=False)
    kind = "AssumedRole" if ":assumed-role/" in arn else "IAMUser"
    issuer = {"sessionContext": {"sessionIssuer": {"type": "Role", "userName": arn.split("/")[1]}}} if kind == "AssumedRole" else {}
    return {"type": kind, "arn": arn, "accountId": call.account, **issuer}
