"""Events of others than AWS's services. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html"""

from __future__ import annotations

import json
from typing import Any

from ...registry import operation
from ...wire import Call
from . import delivery

REQUIRED = ("Source", "DetailType", "Detail")


@operation("events", "PutEvents")
def put_events(call: Call) -> dict[str, Any]:
    """Delivered as those of AWS's services are; events of other buses are taken, and go nowhere."""
    answers = [_put(call, entry) for entry in call.params["Entries"]]
    return {"Entries": answers, "FailedEntryCount": len([each for each in answers if "ErrorCode" in each])}


def _put(call: Call, entry: dict[str, Any]) -> dict[str, str]:
    for name in REQUIRED:
        if not entry.get(name):
            return _wrong("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if entry["Source"].startswith("aws."):
        return _wrong("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        return _wrong("MalformedDetail", "Detail is malformed.")
    made = {**delivery.event(call, entry["Source"], entry["DetailType"], "", detail), "resources": entry.get("Resources", [])}
    if entry.get("EventBusName", "default").rpartition("/")[2] == "default":
        delivery.deliver(call, made)
    return {"EventId": made["id"]}


def _wrong(code: str, message: str) -> dict[str, str]:
    return {"ErrorCode": code, "ErrorMessage": message}
