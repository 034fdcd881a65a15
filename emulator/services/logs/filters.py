"""Metric filters and subscription filters.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
"""

from __future__ import annotations

from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from .patterns import compiled
from .store import groups, named, now, page


@operation("logs", "PutMetricFilter")
def put_metric_filter(call: Call) -> dict[str, Any]:
    group = named(call, call.params["logGroupName"])
    held = group.metric_filters
    if call.params["filterName"] not in held and len(held) >= 100:
        raise Refusal("LimitExceededException", "Resource limit exceeded.")
    held[call.params["filterName"]] = {"creationTime": now(), **call.params}
    return {}


@operation("logs", "DescribeMetricFilters")
def describe_metric_filters(call: Call) -> dict[str, Any]:
    """The filters of one group by prefix, or those of all groups that feed one metric."""
    wanted = call.params
    chosen = [named(call, wanted["logGroupName"])] if "logGroupName" in wanted else [group for _, group in sorted(groups(call).items())]
    metric = (wanted.get("metricName"), wanted.get("metricNamespace"))
    found = []
    for group in chosen:
        for name, held in sorted(group.metric_filters.items()):
            feeds = [(each["metricName"], each["metricNamespace"]) for each in held["metricTransformations"]]
            if name.startswith(wanted.get("filterNamePrefix", "")) and (metric == (None, None) or metric in feeds):
                found.append(held)
    return page(found, wanted, "metricFilters")


@operation("logs", "DeleteMetricFilter")
def delete_metric_filter(call: Call) -> dict[str, Any]:
    held = named(call, call.params["logGroupName"]).metric_filters
    if held.pop(call.params["filterName"], None) is None:
        raise Refusal("ResourceNotFoundException", "The specified metric filter does not exist.")
    return {}


@operation("logs", "TestMetricFilter")
def test_metric_filter(call: Call) -> dict[str, Any]:
    """Which messages a pattern matches, and what it takes from each."""
    match, matches = compiled(call.params["filterPattern"]), []
    for number, message in enumerate(call.params["logEventMessages"], 1):
        if (values := match(message)) is not None:
            matches.append({"eventNumber": number, "eventMessage": message, "extractedValues": values})
    return {"matches": matches}


@operation("logs", "PutSubscriptionFilter")
def put_subscription_filter(call: Call) -> dict[str, Any]:
    held = named(call, call.params["logGroupName"]).subscriptions
    if call.params["filterName"] not in held and len(held) >= 2:
        raise Refusal("LimitExceededException", "Resource limit exceeded.")
    held[call.params["filterName"]] = {"distribution": "ByLogStream", "creationTime": now(), **call.params}
    return {}


@operation("logs", "DescribeSubscriptionFilters")
def describe_subscription_filters(call: Call) -> dict[str, Any]:
    held, prefix = named(call, call.params["logGroupName"]).subscriptions, call.params.get("filterNamePrefix", "")
    return page([each for name, each in sorted(held.items()) if name.startswith(prefix)], call.params, "subscriptionFilters")


@operation("logs", "DeleteSubscriptionFilter")
def delete_subscription_filter(call: Call) -> dict[str, Any]:
    held = named(call, call.params["logGroupName"]).subscriptions
    if held.pop(call.params["filterName"], None) is None:
        raise Refusal("ResourceNotFoundException", "The specified subscription filter does not exist.")
    return {}
