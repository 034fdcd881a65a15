"""Tags, limits and TLS policies of Elastic Load Balancing."""

from __future__ import annotations

from typing import Any

from moto.elbv2.ssl_policies import SSL_POLICIES, build_policy

from ...registry import operation
from ...wire import Call, Refusal
from . import store

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
LIMITS = {
    "application-load-balancers": 50,
    "target-groups": 3000,
    "targets-per-application-load-balancer": 1000,
    "listeners-per-application-load-balancer": 50,
    "rules-per-application-load-balancer": 100,
    "network-load-balancers": 50,
    "targets-per-network-load-balancer": 3000,
    "targets-per-availability-zone-per-network-load-balancer": 500,
    "listeners-per-network-load-balancer": 50,
    "condition-values-per-alb-rule": 5,
    "condition-wildcards-per-alb-rule": 6,
    "target-groups-per-application-load-balancer": 100,
    "target-groups-per-action-on-application-load-balancer": 5,
    "target-groups-per-action-on-network-load-balancer": 1,
    "certificates-per-application-load-balancer": 25,
    "certificates-per-network-load-balancer": 25,
    "targets-per-target-group": 1000,
    "target-id-registrations-per-application-load-balancer": 1000,
}


@operation("elbv2", "AddTags")
def add_tags(call: Call) -> dict[str, Any]:
    for arn in call.params["ResourceArns"]:
        store.resource(call, arn)
        store.tags(call).tag_resource(arn, call.params["Tags"])
    return {}


@operation("elbv2", "RemoveTags")
def remove_tags(call: Call) -> dict[str, Any]:
    for arn in call.params["ResourceArns"]:
        store.resource(call, arn)
        store.tags(call).untag_resource_using_names(arn, call.params["TagKeys"])
    return {}


@operation("elbv2", "DescribeTags")
def describe_tags(call: Call) -> dict[str, Any]:
    for arn in call.params["ResourceArns"]:
        store.resource(call, arn)
    described = [{"ResourceArn": arn, **store.tags(call).list_tags_for_resource(arn)} for arn in call.params["ResourceArns"]]
    return {"TagDescriptions": described}


@operation("elbv2", "DescribeAccountLimits")
def describe_account_limits(call: Call) -> dict[str, Any]:
    return store.page(call, list(LIMITS.items()), "Limits", lambda item: {"Name": item[0], "Max": str(item[1])})


@operation("elbv2", "DescribeSSLPolicies")
def describe_ssl_policies(call: Call) -> dict[str, Any]:
    names = call.params.get("Names") or list(SSL_POLICIES)
    absent = [name for name in names if name not in SSL_POLICIES]
    if absent:
        raise Refusal("SSLPolicyNotFound", f"SSL policy '{absent[0]}' not found")
    return store.page(call, names, "SslPolicies", lambda name: build_policy(name, SSL_POLICIES[name]))
