"""What a target is sent: the event, a constant, or what an input transformer makes of it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from typing import Any

PLACE = re.compile(r"<([A-Za-z0-9_.-]+)>")
LINE = re.compile(r'"(?:[^"\\]|\\.)*"')


def text(target: dict[str, Any], event: dict[str, Any]) -> str:
    if "Input" in target:
        return str(target["Input"])
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    values = {name: found(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    template = str(transformer["InputTemplate"])
    # Within quotes a value is a part of a text, elsewhere it is JSON.
    made = LINE.sub(lambda line: PLACE.sub(lambda place: _part(values.get(place[1], "")), line[0]), template)
    return PLACE.sub(lambda place: json.dumps(values.get(place[1], "")), made)


def _part(value: Any) -> str:
    return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]


def found(event: dict[str, Any], path: str) -> Any:
    """The value of a JSONPath of names, `$.detail.state`, and of numbers in lists; "" where there is none."""
    value: Any = event
    for name in re.findall(r"[^.\[\]$]+", path):
        if isinstance(value, list):
            value = value[int(name)] if name.isdigit() and int(name) < len(value) else ""
        else:
            value = value.get(name, "") if isinstance(value, dict) else ""
    return value
