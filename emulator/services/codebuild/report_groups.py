"""Report groups. Builds here write no reports, so that there are none in them.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateReportGroup.html
"""

from __future__ import annotations

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import store
from .store import Shape

MOST = 5000
ORDERS = {"NAME": "name", "CREATED_TIME": "created", "LAST_MODIFIED_TIME": "lastModified"}


def _find(call: Call, arn: str) -> Shape:
    if arn not in store.table(call, "report_groups"):
        raise Refusal(store.MISSING, f"Report group {arn} does not exist")
    found: Shape = store.table(call, "report_groups")[arn]
    return found


@operation("codebuild", "CreateReportGroup")
def create_report_group(call: Call) -> Shape:
    groups, wanted, now = store.table(call, "report_groups"), call.params, world.clock.utc()
    arn = call.arn("codebuild", f"report-group/{wanted['name']}")
    if arn in groups:
        raise Refusal("ResourceAlreadyExistsException", f"Report group already exists: {arn}")
    if len(groups) >= MOST:
        raise Refusal("AccountLimitExceededException", f"Cannot have more than {MOST} report groups in the account")
    made = {name: wanted[name] for name in ("name", "type", "exportConfig")}
    groups[arn] = {"arn": arn, **made, "created": now, "lastModified": now, "tags": wanted.get("tags", []), "status": "ACTIVE"}
    return {"reportGroup": dict(groups[arn])}


@operation("codebuild", "UpdateReportGroup")
def update_report_group(call: Call) -> Shape:
    found = _find(call, call.params["arn"])
    found.update({name: call.params[name] for name in ("exportConfig", "tags") if name in call.params})
    found["lastModified"] = world.clock.utc()
    return {"reportGroup": dict(found)}


@operation("codebuild", "DeleteReportGroup")
def delete_report_group(call: Call) -> Shape:
    """It is no error when there is none."""
    store.table(call, "report_groups").pop(call.params["arn"], None)
    return {}


@operation("codebuild", "BatchGetReportGroups")
def batch_get_report_groups(call: Call) -> Shape:
    groups, arns = store.table(call, "report_groups"), list(dict.fromkeys(call.params["reportGroupArns"]))
    answer: Shape = {"reportGroups": [dict(groups[arn]) for arn in arns if arn in groups]}
    return {**answer, "reportGroupsNotFound": [arn for arn in arns if arn not in groups]}


@operation("codebuild", "ListReportGroups")
def list_report_groups(call: Call) -> Shape:
    member = ORDERS[call.params.get("sortBy", "NAME")]
    found = sorted(store.table(call, "report_groups").values(), key=lambda group: (group[member], group["name"]))
    return store.page(call, store.ordered(call, (group["arn"] for group in found)), "reportGroups")


@operation("codebuild", "ListSharedReportGroups")
def list_shared_report_groups(call: Call) -> Shape:
    """No other account shares any."""
    return store.page(call, [], "reportGroups")


@operation("codebuild", "ListReportsForReportGroup")
def list_reports_for_report_group(call: Call) -> Shape:
    _find(call, call.params["reportGroupArn"])
    return store.page(call, [], "reports")


@operation("codebuild", "GetReportGroupTrend")
def get_report_group_trend(call: Call) -> Shape:
    _find(call, call.params["reportGroupArn"])
    return {"stats": {"average": "0.0", "max": "0.0", "min": "0.0"}, "rawData": []}


@operation("codebuild", "ListReports")
def list_reports(call: Call) -> Shape:
    return store.page(call, [], "reports")


@operation("codebuild", "BatchGetReports")
def batch_get_reports(call: Call) -> Shape:
    return {"reports": [], "reportsNotFound": list(dict.fromkeys(call.params["reportArns"]))}


@operation("codebuild", "DeleteReport")
def delete_report(call: Call) -> Shape:
    """It is no error when there is none."""
    return {}


@operation("codebuild", "DescribeTestCases", "DescribeCodeCoverages")
def describe(call: Call) -> Shape:
    raise Refusal(store.MISSING, f"Report {call.params['reportArn']} does not exist")
