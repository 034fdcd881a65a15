"""What IAM refuses of the ARNs of policies, before it looks at anything else (rules IAM-4 and IAM-9)."""

from __future__ import annotations

import re

from ...refusal import Refusal
from ...registry import rule
from ...wire import Call

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
API = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
POLICIES = (
    *("GetPolicy", "DeletePolicy", "CreatePolicyVersion", "GetPolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion"),
    *("AttachRolePolicy", "DetachRolePolicy", "ListPolicyVersions", "ListEntitiesForPolicy"),
)


@rule("IAM-4", "iam", *POLICIES, source=API + "API_GetPolicy.html")
def arn(call: Call) -> Refusal | None:
    """A policy's ARN has the form of one."""
    given = call.params["PolicyArn"]
    if re.fullmatch(r"arn:aws[\w-]*:iam::(\d{12}|aws):policy/.+", given):
        return None
    return Refusal("InvalidInput", f"ARN {given} is not valid.")


@rule(
    "IAM-9",
    "iam",
    "DeletePolicy",
    "CreatePolicyVersion",
    "DeletePolicyVersion",
    "SetDefaultPolicyVersion",
    source=API + "API_DeletePolicy.html",
)
def ours(call: Call) -> Refusal | None:
    """AWS's own policies are changed by AWS."""
    if ":iam::aws:policy/" not in call.params["PolicyArn"]:
        return None
    return Refusal("AccessDenied", "Policy is outside your own account.", 403)
