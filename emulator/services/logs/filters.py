"""Metric filters, subscription filters and saved queries.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
"""

from __future__ import annotations

import uuid
from typing import Any

from ... import world
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


def _definitions(call: Call) -> dict[str, dict[str, Any]]:
    held: dict[str, dict[str, Any]] = world.store("logs", call).setdefault("definitions", {})
    return held


@operation("logs", "PutQueryDefinition")
def put_query_definition(call: Call) -> dict[str, Any]:
    """A definition is replaced whole: an update without log groups clears them."""
    held, identity = _definitions(call), call.params.get("queryDefinitionId")
    if identity and identity not in held:
        raise Refusal("ResourceNotFoundException", "The specified query definition does not exist.")
    identity = identity or str(uuid.uuid4())
    members = ("queryLanguage", "name", "queryString", "logGroupNames", "parameters")
    kept: dict[str, Any] = {name: call.params[name] for name in members if name in call.params}
    held[identity] = {"queryLanguage": "CWLI", "logGroupNames": [], **kept, "queryDefinitionId": identity, "lastModified": now()}
    return {"queryDefinitionId": identity}


@operation("logs", "DescribeQueryDefinitions")
def describe_query_definitions(call: Call) -> dict[str, Any]:
    prefix, size = call.params.get("queryDefinitionNamePrefix", ""), call.params.get("maxResults", 1000)
    found = sorted((each for each in _definitions(call).values() if each["name"].startswith(prefix)), key=lambda each: str(each["name"]))
    return page(found, {**call.params, "limit": size}, "queryDefinitions")


@operation("logs", "DeleteQueryDefinition")
def delete_query_definition(call: Call) -> dict[str, Any]:
    if _definitions(call).pop(call.params["queryDefinitionId"], None) is None:
        raise Refusal("ResourceNotFoundException", "The specified query definition does not exist.")
    return {"success": True}
