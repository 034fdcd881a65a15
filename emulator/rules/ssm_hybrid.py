"""What Systems Manager refuses of activations and sessions with hybrid nodes.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateActivation.html
"""

from __future__ import annotations

from datetime import timedelta

from .. import world
from ..registry import rule
from ..services import ssm_hybrid, ssm_settings
from ..wire import Call, Refusal

CREATE = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateActivation.html"
START = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html"
TIERS = "https://docs.aws.amazon.com/systems-manager/latest/userguide/fleet-manager-configure-instance-tiers.html"
DAYS = 30


@rule("SSM-A1", "ssm", "CreateActivation", source=CREATE)
def role(call: Call) -> Refusal | None:
    """IamRole is the name of a role that Systems Manager may use."""
    name = call.params["IamRole"].removeprefix("service-role/")
    words = f"Nonexistent role or missing ssm service principal in trust policy: {call.arn('iam', f'role/{name}', regional=False)}"
    try:
        found = world.aws(call, "iam", "GetRole", RoleName=name)["Role"]
    except Refusal:
        return Refusal("ValidationException", words)
    return None if "ssm.amazonaws.com" in str(found["AssumeRolePolicyDocument"]) else Refusal("ValidationException", words)


@rule("SSM-A2", "ssm", "CreateActivation", source=CREATE)
def expiry(call: Call) -> Refusal | None:
    """An activation expires in the future, and within 30 days."""
    now, until = world.clock.utc(), ssm_hybrid.expires(call)
    if now < until <= now + timedelta(days=DAYS):
        return None
    return Refusal("ValidationException", "Expiration date must be in the future and no more than 30 days from now.")


@rule("SSM-A6", "ssm", "StartSession", source=TIERS)
def tier(call: Call) -> Refusal | None:
    """Session Manager opens sessions with hybrid nodes in the advanced-instances tier only."""
    if not call.params["Target"].startswith("mi-") or ssm_settings.value(call, ssm_settings.TIER) == "advanced":
        return None
    words = "Session Manager is not enabled for managed instances in the standard-instances tier; enable the advanced-instances tier."
    return Refusal("BadRequest", words)


@rule("SSM-A7", "ssm", "StartSession", source=START)
def connected(call: Call) -> Refusal | None:
    """A session is opened with a node whose agent is Online."""
    target = call.params["Target"]
    node = ssm_hybrid.nodes(call).get(target)
    if node is not None and ssm_hybrid.status(node) == "Online":
        return None
    return Refusal("TargetNotConnected", f"{target} is not connected.")
