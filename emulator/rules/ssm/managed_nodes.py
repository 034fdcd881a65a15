"""What Systems Manager refuses of activations and hybrid nodes.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateActivation.html
"""

from __future__ import annotations

from datetime import timedelta

from ... import world
from ...registry import rule
from ...services.ssm import managed_nodes
from ...wire import Call, Refusal

CREATE = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateActivation.html"
DESCRIBE = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstanceInformation.html"
MOST = timedelta(days=30)
FILTERS = ("InstanceIds", "AgentVersion", "PingStatus", "PlatformTypes", "ActivationIds", "IamRole", "ResourceType", "AssociationStatus")


@rule("SSM-A1", "ssm", "CreateActivation", source=CREATE)
def role(call: Call) -> Refusal | None:
    """IamRole is the name of a role that Systems Manager may assume."""
    name = call.params["IamRole"].removeprefix("service-role/")
    words = f"Nonexistent role or missing ssm service principal in trust policy: {call.arn('iam', f'role/{name}', regional=False)}"
    return None if managed_nodes.assumable(call, name) else Refusal("ValidationException", words)


@rule("SSM-A2", "ssm", "CreateActivation", source=CREATE)
def expiry(call: Call) -> Refusal | None:
    """An activation expires in the future, and within 30 days."""
    now, until = world.clock.utc(), managed_nodes.expires(call)
    if now < until <= now + MOST:
        return None
    return Refusal("ValidationException", "Expiration date must be in the future and no more than 30 days from now.")


@rule("SSM-own-node-filters", "ssm", "DescribeInstanceInformation", source=DESCRIBE)
def filters(call: Call) -> Refusal | None:
    """Nodes are filtered by what they are or by tags, never by both, in one of the two forms."""
    modern = call.params.get("Filters", [])
    if modern and call.params.get("InstanceInformationFilterList"):
        return Refusal("ValidationException", "InstanceInformationFilterList and Filters can't be used together.")
    for wanted in modern:
        if wanted["Key"] not in FILTERS and not _is_tag(wanted["Key"]):
            return Refusal("InvalidFilterKey", f"The specified key isn't valid: {wanted['Key']}")
    if len({_is_tag(wanted["Key"]) for wanted in modern}) > 1:
        return Refusal("ValidationException", "Cannot mix tag or inventory filter with any other filter.")
    return None


def _is_tag(key: str) -> bool:
    return key == "tag-key" or key.startswith("tag:")
