"""The writes of ninety days, each about a quarter of an hour late, without the secrets in them.

Data events, of objects in buckets for example, are in no event history. Global services are written down in us-east-1.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape

from ... import world
from ...registry import operation
from ...wire import Call, Refusal

LATE, DAYS, MOST, PAGE = 900, 90, 10_000, 50
GLOBAL = {"iam", "sts", "route53", "cloudfront"}
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
ATTRIBUTES = {"EventId", "EventName", "ReadOnly", "Username", "ResourceName", "EventSource", "AccessKeyId"}
DATA = {
    "s3": {"PutObject", "DeleteObject", "DeleteObjects", "CopyObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}
}


def note(call: Call, who: dict[str, Any], error: str) -> None:
    """Write down that a call was made. `who`: the members of CloudTrail's userIdentity."""
    if call.operation in DATA.get(call.service, ()):
        return
    region = "us-east-1" if call.service in GLOBAL else call.region
    moment = world.clock.now()
    source = f"{call.model.service_model.endpoint_prefix}.amazonaws.com"
    input_shape = call.model.input_shape
    asked = _shown(input_shape, call.params) if input_shape else {}
    detail = {
        "eventVersion": "1.11",
        "userIdentity": who,
        "eventTime": datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": call.operation,
        "awsRegion": region,
        "requestParameters": asked,
        "readOnly": False,
        "recipientAccountId": call.account,
        **({"errorCode": error} if error else {}),
    }
    event = {
        "EventId": str(uuid.uuid4()),
        "EventName": call.operation,
        "ReadOnly": "false",
        "EventTime": moment,
        "EventSource": source,
        "Username": who["arn"].rsplit("/", 1)[-1],
        "Resources": [],
        "CloudTrailEvent": json.dumps(detail, default=str),
    }
    kept = world.everywhere("cloudtrail", call).setdefault(region, [])
    kept.append(event)
    del kept[:-MOST]


def _shown(shape: Shape | Any, value: Any) -> Any:
    """As CloudTrail shows parameters: names begin small, and what AWS's model marks as sensitive is hidden."""
    if shape.metadata.get("sensitive") or (shape.type_name == "string" and "password" in shape.name.lower()):
        return HIDDEN
    if shape.type_name == "structure":
        return {name[0].lower() + name[1:]: _shown(shape.members[name], item) for name, item in value.items() if name in shape.members}
    if shape.type_name == "list":
        return [_shown(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: _shown(shape.value, item) for key, item in value.items()}
    return value if isinstance(value, (str, int, float, bool)) else str(value)


@operation("cloudtrail", "LookupEvents")
def lookup_events(call: Call) -> dict[str, Any]:
    """The newest first, by one attribute at most, in pages of 50."""
    wanted = call.params
    asked = wanted.get("LookupAttributes", [])
    if len(asked) > 1 or any(one["AttributeKey"] not in ATTRIBUTES for one in asked):
        raise Refusal("InvalidLookupAttributesException", "You can only specify one valid lookup attribute")
    if not 1 <= wanted.get("MaxResults", PAGE) <= PAGE:
        raise Refusal("InvalidMaxResultsException", "The maximum number of results must be between 1 and 50")
    now = world.clock.now()
    start, end = _moment(wanted.get("StartTime"), now - DAYS * 86400), _moment(wanted.get("EndTime"), now)
    if start > end:
        raise Refusal("InvalidTimeRangeException", "The start time must be before the end time")
    kept = world.everywhere("cloudtrail", call).get(call.region, [])
    late = LATE / world.clock.speed
    seen = [event for event in reversed(kept) if start <= event["EventTime"] <= min(end, now - late) and _fits(event, asked)]
    first = int(wanted.get("NextToken") or 0)
    size = wanted.get("MaxResults", PAGE)
    more = {"NextToken": str(first + size)} if len(seen) > first + size else {}
    return {
        "Events": [{**event, "EventTime": datetime.fromtimestamp(event["EventTime"], UTC)} for event in seen[first : first + size]],
        **more,
    }


def _fits(event: dict[str, Any], asked: list[dict[str, str]]) -> bool:
    return all(one["AttributeValue"] in _values(event, one["AttributeKey"]) for one in asked)


def _values(event: dict[str, Any], key: str) -> Iterator[str]:
    if key == "ResourceName":
        yield from (str(one.get("ResourceName")) for one in event["Resources"])
    else:
        yield str(event.get(key))


def _moment(value: Any, default: float) -> float:
    return default if value is None else value.timestamp() if hasattr(value, "timestamp") else float(value)
