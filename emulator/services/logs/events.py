"""Streams and their events. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from .patterns import compiled
from .store import DAY, Event, Group, Stream, kept, named, now, page, stream, wanted_group

MOST = 10_000
# Each is told of events that a group has received.
arrived: list[Callable[[Call, Group, list[Event]], None]] = []
INVALID = "InvalidParameterException"


@operation("logs", "CreateLogStream")
def create_log_stream(call: Call) -> dict[str, Any]:
    group, name = named(call, call.params["logGroupName"]), call.params["logStreamName"]
    if name in group.streams:
        raise Refusal("ResourceAlreadyExistsException", "The specified log stream already exists")
    group.streams[name] = Stream(name, now())
    return {}


@operation("logs", "DeleteLogStream")
def delete_log_stream(call: Call) -> dict[str, Any]:
    group = named(call, call.params["logGroupName"])
    del group.streams[stream(group, call.params["logStreamName"]).name]
    return {}


def _described(group: Group, held: Stream) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "logStreamName": held.name,
        "creationTime": held.created,
        "arn": f"{group.arn}:log-stream:{held.name}",
        "storedBytes": 0,
    }
    if held.events:
        times = [event.timestamp for event in held.events]
        answer.update(firstEventTimestamp=min(times), lastEventTimestamp=max(times), uploadSequenceToken="1")
        answer["lastIngestionTime"] = max(event.ingested for event in held.events)
    return answer


@operation("logs", "DescribeLogStreams")
def describe_log_streams(call: Call) -> dict[str, Any]:
    """By name, or by the time of their last event; a stream without events is the oldest."""
    group, prefix = wanted_group(call), call.params.get("logStreamNamePrefix", "")
    found = [_described(group, held) for name, held in sorted(group.streams.items()) if name.startswith(prefix)]
    if call.params.get("orderBy") == "LastEventTime":
        found.sort(key=lambda answer: answer.get("lastEventTimestamp", 0))
    if call.params.get("descending"):
        found.reverse()
    return page(found, call.params, "logStreams")


@operation("logs", "PutLogEvents")
def put_log_events(call: Call) -> dict[str, Any]:
    """Events that are too old, too new or beyond retention are left out, and the answer says which."""
    group = named(call, call.params["logGroupName"])
    held, time = stream(group, call.params["logStreamName"]), now()
    wanted = call.params["logEvents"]
    oldest, expired = time - 14 * DAY, time - group.retention * DAY if group.retention else 0
    rejected: dict[str, int] = {}
    before = len(held.events)
    for index, event in enumerate(wanted):
        if event["timestamp"] > time + 2 * 3_600_000:
            rejected.setdefault("tooNewLogEventStartIndex", index)
        elif event["timestamp"] < expired:
            rejected["expiredLogEventEndIndex"] = index + 1
        elif event["timestamp"] < oldest:
            rejected["tooOldLogEventEndIndex"] = index + 1
        else:
            held.events.append(Event(event["timestamp"], event["message"], time))
    for hook in arrived:
        hook(call, group, held.events[before:])
    return {"nextSequenceToken": str(len(held.events) + 1).zfill(56), **({"rejectedLogEventsInfo": rejected} if rejected else {})}


def _between(call: Call, events: list[Event]) -> list[Event]:
    """startTime is in, endTime is out."""
    start, end = call.params.get("startTime", 0), call.params.get("endTime")
    return [event for event in events if event.timestamp >= start and (end is None or event.timestamp < end)]


@operation("logs", "GetLogEvents")
def get_log_events(call: Call) -> dict[str, Any]:
    """The newest events, or the oldest with startFromHead. The end is reached when the token that was sent comes back."""
    group = wanted_group(call)
    found = _between(call, kept(group, stream(group, call.params["logStreamName"]).events))
    limit, token = call.params.get("limit", MOST), call.params.get("nextToken")
    if token:
        direction, index = _position(token, len(found))
        start = index if direction == "f" else max(0, index - limit)
        end = min(len(found), index + limit) if direction == "f" else index
    else:
        start = 0 if call.params.get("startFromHead") else max(0, len(found) - limit)
        end = min(len(found), start + limit)
    events = [{"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingested} for event in found[start:end]]
    return {"events": events, "nextForwardToken": f"f/{end:056}/s", "nextBackwardToken": f"b/{start:056}/s"}


def _position(token: str, most: int) -> tuple[str, int]:
    direction, _, rest = token.partition("/")
    number = rest.removesuffix("/s")
    if direction not in ("f", "b") or not number.isdigit():
        raise Refusal(INVALID, "The specified nextToken is invalid.")
    return direction, min(int(number), most)


@operation("logs", "FilterLogEvents")
def filter_log_events(call: Call) -> dict[str, Any]:
    """Events of a group that match, by time. A page is what 10,000 events searched give, and may be empty before the end."""
    group, wanted = wanted_group(call), call.params
    names = [stream(group, name).name for name in wanted.get("logStreamNames", [])] or group.streams
    prefix = wanted.get("logStreamNamePrefix", "")
    where = {event.number: name for name in names if name.startswith(prefix) for event in group.streams[name].events}
    events = [event for name in names if name.startswith(prefix) for event in group.streams[name].events]
    found, match = _between(call, kept(group, events)), compiled(wanted.get("filterPattern", ""))
    start, limit = _token(wanted.get("nextToken")), wanted.get("limit", MOST)
    matched: list[dict[str, Any]] = []
    position = start
    while position < min(len(found), start + MOST) and len(matched) < limit:
        event = found[position]
        if match(event.message) is not None:
            matched.append(_matched(event, where[event.number]))
        position += 1
    more = {"nextToken": f"Bxkq6kVGFtq2y_{position}"} if position < len(found) else {}
    return {"events": matched, "searchedLogStreams": [], **more}


def _matched(event: Event, where: str) -> dict[str, Any]:
    return {
        "logStreamName": where,
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": f"{event.timestamp:040}{event.number:016}",
    }


def _token(token: str | None) -> int:
    if not token:
        return 0
    head, _, number = token.rpartition("_")
    if head != "Bxkq6kVGFtq2y" or not number.isdigit():
        raise Refusal(INVALID, "The specified nextToken is invalid.")
    return int(number)
