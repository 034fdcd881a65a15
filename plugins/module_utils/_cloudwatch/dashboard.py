# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A dashboard, whose body is JSON. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"""

from __future__ import annotations

import copy
import json
from typing import Any

from .._core import aws, tags
from .._core.plan import Plan, Step
from .alarms import labels_of

ABSENT = ("ResourceNotFound", "DashboardNotFoundError")


def find(client: Any, name: str) -> dict[str, Any] | None:
    """{name, arn, body, tags}; `body` is what its JSON says, {} for one that is none."""
    found = aws.find(client, "GetDashboard", ABSENT, DashboardName=name)
    if found is None:
        return None
    labels = labels_of(client, found["DashboardArn"])
    return {"name": name, "arn": found["DashboardArn"], "body": _read(found["DashboardBody"]), "tags": labels}


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def make_plan(wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: name, body, state, tags, purge_tags. Lines that releases have drawn stay."""
    name = wanted["name"]
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteDashboards", {"DashboardNames": [name]}),) if live else ())
    body = with_lines(wanted["body"], live["body"]) if live else wanted["body"]
    change = tags.change(live["tags"] if live else {}, wanted["tags"], wanted["purge_tags"])
    after = {**(live or {}), "name": name, "body": body, "tags": change.after}
    if live is None:
        labels = tags.as_pairs(wanted["tags"])
        return Plan(None, after, (Step("PutDashboard", {**_put(name, body), **({"Tags": labels} if labels else {})}),))
    steps = [] if live["body"] == body else [Step("PutDashboard", _put(name, body))]
    if change.put:
        steps.append(Step("TagResource", {"ResourceARN": live["arn"], "Tags": tags.as_pairs(change.put)}))
    if change.remove:
        steps.append(Step("UntagResource", {"ResourceARN": live["arn"], "TagKeys": change.remove}))
    return Plan(live, after, tuple(steps))


def _put(name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"DashboardName": name, "DashboardBody": json.dumps(body)}


def with_lines(body: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """The body with the vertical lines that graphs of the same title have now, where it says none of its own. Pure."""
    drawn = {_title(widget): _lines(widget) for widget in live.get("widgets", [])}
    found = copy.deepcopy(body)
    for widget in found.get("widgets", []):
        if widget.get("type") == "metric" and _title(widget) and drawn.get(_title(widget)) and not _lines(widget):
            widget["properties"].setdefault("annotations", {})["vertical"] = drawn[_title(widget)]
    return found


def _title(widget: dict[str, Any]) -> str:
    return str(widget.get("properties", {}).get("title", ""))


def _lines(widget: dict[str, Any]) -> list[Any]:
    return list((widget.get("properties", {}).get("annotations") or {}).get("vertical") or [])


def marked(body: dict[str, Any], label: str, moment: str, most: int = 10) -> dict[str, Any]:
    """The body with one more vertical line in each graph over time, the newest `most` of them. `moment`: ISO 8601. Pure."""
    found = copy.deepcopy(body)
    for widget in found.get("widgets", []):
        properties = widget.get("properties", {})
        if widget.get("type") == "metric" and properties.get("view", "timeSeries") == "timeSeries":
            lines = [line for line in _lines(widget) if line.get("label") != label]
            properties.setdefault("annotations", {})["vertical"] = [*lines, {"label": label, "value": moment}][-most:]
    return found
