"""Dashboards. They are the account's, of all Regions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from .store import arn, page, tags


def dashboards(call: Call) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = world.everywhere("cloudwatch", call).setdefault("dashboards", {})
    return found


@operation("cloudwatch", "PutDashboard")
def put_dashboard(call: Call) -> dict[str, Any]:
    """The body is replaced whole; tags are taken of a new one only."""
    name, body = call.params["DashboardName"], call.params["DashboardBody"]
    place = arn(call, "dashboard", name)
    if name not in dashboards(call):
        tags(call)[place] = {each["Key"]: each["Value"] for each in call.params.get("Tags", [])}
    about = {"DashboardName": name, "DashboardArn": place, "LastModified": world.clock.utc(), "Size": len(body)}
    dashboards(call)[name] = {**about, "body": body}
    return {"DashboardValidationMessages": []}


@operation("cloudwatch", "GetDashboard")
def get_dashboard(call: Call) -> dict[str, Any]:
    found = dashboards(call).get(call.params["DashboardName"])
    if found is None:
        raise Refusal("ResourceNotFound", f"Dashboard {call.params['DashboardName']} does not exist", 404)
    return {"DashboardName": found["DashboardName"], "DashboardArn": found["DashboardArn"], "DashboardBody": found["body"]}


@operation("cloudwatch", "ListDashboards")
def list_dashboards(call: Call) -> dict[str, Any]:
    prefix = call.params.get("DashboardNamePrefix", "")
    chosen = [one for name, one in sorted(dashboards(call).items()) if name.startswith(prefix)]
    found = [{key: value for key, value in one.items() if key != "body"} for one in chosen]
    some, rest = page(found, call.params, 1000)
    return {"DashboardEntries": some, **rest}


@operation("cloudwatch", "DeleteDashboards")
def delete_dashboards(call: Call) -> dict[str, Any]:
    """All of them, or none when one is not there."""
    names = call.params["DashboardNames"]
    if absent := [name for name in names if name not in dashboards(call)]:
        raise Refusal("ResourceNotFound", f"Dashboard {', '.join(absent)} does not exist", 404)
    for name in names:
        tags(call).pop(dashboards(call).pop(name)["DashboardArn"], None)
    return {}
