"""What CloudWatch refuses of dashboards.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ...registry import rule
from ...wire import Call, Refusal

BODY = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"
TYPES = ("metric", "text", "log", "alarm", "explorer", "custom")
RANGES = {"x": (0, 23), "width": (1, 24), "height": (1, 1000)}
MOST = 500
Message = tuple[str, str]


@rule("CW-3", "cloudwatch", "PutDashboard", source=f"{BODY}")
def body(call: Call) -> Refusal | None:
    """A dashboard has a name of letters, digits, - and _, and a body of widgets that CloudWatch can draw."""
    name, text = call.params["DashboardName"], call.params["DashboardBody"]
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name):
        words = f"The value {name} for parameter DashboardName is invalid: use A-Z, a-z, 0-9, - and _"
        return Refusal("InvalidParameterValue", words)
    try:
        found = list(_of_body(json.loads(text)))
    except ValueError:
        found = [("", "The field DashboardBody must be a valid JSON object")]
    if not found:
        return None
    shown = json.dumps([{"dataPath": path, "message": said} for path, said in found], indent=2)
    messages = [{"DataPath": path, "Message": said} for path, said in found]
    words = f"The dashboard body is invalid, there are {len(found)} validation errors: {shown}"
    return Refusal("InvalidParameterInput", words, dashboardValidationMessages=messages)


def _of_body(given: Any) -> Iterator[Message]:
    if not isinstance(given, dict) or not isinstance(given.get("widgets"), list):
        yield "", "Should have required property 'widgets'"
        return
    if len(given["widgets"]) > MOST:
        yield "/widgets", f"Should NOT have more than {MOST} items"
    for number, widget in enumerate(given["widgets"]):
        yield from _of_widget(f"/widgets/{number}", widget)


def _of_widget(path: str, widget: Any) -> Iterator[Message]:
    for member in ("type", "properties"):
        if member not in widget:
            yield path, f"Should have required property '{member}'"
    if "type" in widget and widget["type"] not in TYPES:
        yield f"{path}/type", "Should be equal to one of the allowed values"
    for member, (least, most) in RANGES.items():
        value = widget.get(member, least)
        if not isinstance(value, int) or value < least:
            yield f"{path}/{member}", f"Should be >= {least}"
        elif value > most:
            yield f"{path}/{member}", f"Should be <= {most}"
    properties = widget.get("properties", {})
    required = {"metric": ("region",), "text": ("markdown",), "log": ("region", "query"), "alarm": ("alarms",)}
    for member in required.get(widget.get("type", ""), ()):
        if member not in properties:
            yield f"{path}/properties", f"Should have required property '{member}'"
    if widget.get("type") == "metric":
        yield from _of_graph(f"{path}/properties", properties)


def _of_graph(path: str, properties: dict[str, Any]) -> Iterator[Message]:
    if "metrics" not in properties and not properties.get("annotations", {}).get("alarms"):
        yield path, "Should have required property 'metrics'"
    for number, entry in enumerate(properties.get("metrics", [])):
        if not _is_metric(entry):
            yield f"{path}/metrics/{number}", "Should match exactly one schema in oneOf"
    for number, line in enumerate(properties.get("annotations", {}).get("vertical", [])):
        if not isinstance(line, list) and not isinstance(line.get("value"), str):
            yield f"{path}/annotations/vertical/{number}", "Should have required property 'value'"


def _is_metric(entry: Any) -> bool:
    """[namespace, metric, name, value, …, {options}] or [{expression}]."""
    if not isinstance(entry, list) or not entry:
        return False
    texts = entry[:-1] if isinstance(entry[-1], dict) else entry
    options = entry[-1] if isinstance(entry[-1], dict) else {}
    if not texts:
        return "expression" in options
    return all(isinstance(text, str) for text in texts) and len(texts) >= 2 and len(texts) % 2 == 0
