"""Streams and their events. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from .patterns import compiled
from .store import DAY, Event, Group, Stream, kept, named, now, order, page, stream, wanted_group

MOST = 10_000
# Bytes of one page.
SIZE = 1_000_000
# Calls a second of one account in a Region: https://repost.aws/knowledge-center/cloudwatch-logs-throttling
RATE = 5
TOKEN = "Bxkq6kVGFtq2y"
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
    taken: list[Event] = []
    for index, event in enumerate(wanted):
        if event["timestamp"] > time + 2 * 3_600_000:
            rejected.setdefault("tooNewLogEventStartIndex", index)
        elif event["timestamp"] < expired:
            rejected["expiredLogEventEndIndex"] = index + 1
        elif event["timestamp"] < oldest:
            rejected["tooOldLogEventEndIndex"] = index + 1
        else:
            taken.append(Event(event["timestamp"], event["message"], time))
    for one in taken:
        insort(held.events, one, key=order)
    for hook in arrived:
        hook(call, group, taken)
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
    """Events of a group that match, by time, both ends included. A page is what a search of so many events or bytes gives: it may be short
    or empty before the end. What is ingested later with an older time is where its time is, before a token that was given already."""
    spend(call)
    group, wanted = wanted_group(call), call.params
    names = [stream(group, name).name for name in wanted.get("logStreamNames", [])] or list(group.streams)
    prefix, match = wanted.get("logStreamNamePrefix", ""), compiled(wanted.get("filterPattern", ""))
    token = _token(wanted.get("nextToken"))
    newest_first = token[1] if token else wanted.get("startFromHead") is False
    streams = [group.streams[name] for name in names if name.startswith(prefix)]
    matched: list[dict[str, Any]] = []
    searched = size = 0
    last: tuple[int, int] | None = None
    for event, name in _in_order(group, streams, wanted, token[0] if token else None, newest_first):
        if searched >= MOST or size >= SIZE or len(matched) >= wanted.get("limit", MOST):
            return _page(matched, f"{TOKEN}_{'b' if newest_first else 'f'}_{now()}_{last[0]}_{last[1]}" if last else "")
        searched, last = searched + 1, order(event)
        if match(event.message) is not None:
            matched.append(_matched(event, name))
            size += len(event.message)
    return _page(matched, "")


def spend(call: Call) -> None:
    """One call of the few that an account has in each second: RATE at once, and RATE more in a second as a person counts it."""
    store, lived = world.store("logs", call), world.clock.lived()
    left, since = store.get("filter_calls", (float(RATE), lived))
    left = min(float(RATE), left + (lived - since) * RATE)
    store["filter_calls"] = (left - 1 if left >= 1 else left, lived)
    if left < 1:
        raise Refusal("ThrottlingException", "Rate exceeded")


def _page(events: list[dict[str, Any]], token: str) -> dict[str, Any]:
    return {"events": events, "searchedLogStreams": [], **({"nextToken": token} if token else {})}


def _in_order(
    group: Group, streams: list[Stream], wanted: dict[str, Any], after: tuple[int, int] | None, newest_first: bool
) -> Iterator[tuple[Event, str]]:
    """Events of these streams with their streams' names, from `startTime` to `endTime`, beyond the one that a token names."""
    start = max(wanted.get("startTime", 0), now() - group.retention * DAY if group.retention else 0)

    def chosen(held: Stream) -> Iterator[tuple[Event, str]]:
        low = bisect_left(held.events, start, key=lambda event: event.timestamp)
        high = bisect_right(held.events, wanted["endTime"], key=lambda event: event.timestamp) if "endTime" in wanted else len(held.events)
        if after and newest_first:
            high = min(high, bisect_left(held.events, after, key=order))
        elif after:
            low = max(low, bisect_right(held.events, after, key=order))
        some = range(high - 1, low - 1, -1) if newest_first else range(low, high)
        return ((held.events[number], held.name) for number in some)

    return heapq.merge(*map(chosen, streams), key=lambda pair: order(pair[0]), reverse=newest_first)


def _matched(event: Event, where: str) -> dict[str, Any]:
    return {
        "logStreamName": where,
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": f"{event.timestamp:040}{event.number:016}",
    }


def _token(token: str | None) -> tuple[tuple[int, int], bool] | None:
    """The event after which the page begins, and whether the newest come first. A token is good for a day."""
    if not token:
        return None
    head, *numbers = token.split("_")
    if head != TOKEN or len(numbers) != 4 or not all(number.isdigit() for number in numbers[1:]) or now() - int(numbers[1]) > DAY:
        raise Refusal(INVALID, "The specified nextToken is invalid.")
    return (int(numbers[2]), int(numbers[3])), numbers[0] == "b"
