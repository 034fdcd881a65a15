"""An event as a row of a query: its own fields, and those that are found in its message.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from ..store import Event, Group

# Fields that are found in one event.
MOST = 200
_decoder = json.JSONDecoder()


def row(account: str, group: Group, stream: str, event: Event) -> dict[str, Any]:
    """Fields of the JSON in a message have their names, in `a.b` and `a.0` where they are within others. Those that are null are absent."""
    own = {
        "@timestamp": event.timestamp,
        "@message": event.message,
        "@ingestionTime": event.ingested,
        "@logStream": stream,
        "@log": f"{account}:{group.name}",
        "@ptr": b64encode(f"{group.name}/{stream}/{event.number:020}".encode()).decode(),
    }
    return {**discovered(event.message), **own}


def discovered(message: str) -> dict[str, Any]:
    """The fields of the first JSON object in a message, wherever it begins."""
    start = message.find("{")
    if start < 0:
        return {}
    try:
        found, _end = _decoder.raw_decode(message, start)
    except ValueError:
        return {}
    return {name: value for (name, value), _ in zip(_leaves("", found), range(MOST), strict=False) if value is not None}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in items:
            yield from _leaves(f"{path}.{name}" if path else str(name), item)
    else:
        yield path, value
