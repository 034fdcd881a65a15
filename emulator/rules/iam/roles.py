"""What IAM refuses of roles and policies: what is not there, taken, held, too large, or AWS's own (rules IAM-4, IAM-9, IAM-10)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from ... import world
from ...refusal import Refusal
from ...registry import rule
from ...services.iam.policies import LINKED_POLICIES
from ...services.iam.roles import find
from ...wire import Call
from .arns import GUIDE  # the form of an ARN is asked first

QUOTAS = GUIDE + "reference_iam-quotas.html"
OF_A_ROLE = (
    *("GetRole", "DeleteRole", "UpdateRole", "UpdateRoleDescription", "UpdateAssumeRolePolicy", "PutRolePolicy", "GetRolePolicy"),
    *("DeleteRolePolicy", "ListRolePolicies", "AttachRolePolicy", "DetachRolePolicy", "ListAttachedRolePolicies", "TagRole", "UntagRole"),
    *("ListRoleTags", "ListInstanceProfilesForRole", "AddRoleToInstanceProfile", "PutRolePermissionsBoundary"),
)
CHANGES = (
    *("DeleteRole", "UpdateRole", "UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy"),
    *("PutRolePermissionsBoundary", "TagRole", "UntagRole"),
)
INLINE, MANAGED, TRUST = 10_240, 6_144, 2_048
ATTACHED, VERSIONS, TAGS = 10, 5, 50


def limit(message: str) -> Refusal:
    return Refusal("LimitExceeded", message, 409)


def conflict(message: str) -> Refusal:
    return Refusal("DeleteConflict", message, 409)


def absent(message: str) -> Refusal:
    return Refusal("NoSuchEntity", message, 404)


def length(document: str) -> int:
    """The size of a policy as IAM counts it: without white space."""
    return len("".join(document.split()))


def role(call: Call) -> Any:
    """moto's role that a call names, spelled exactly."""
    found = find(call, call.params["RoleName"])
    return found if found is not None and found.name == call.params["RoleName"] else None


@rule("IAM-10", "iam", *OF_A_ROLE, source=GUIDE + "reference_iam-quotas.html")
def unknown_role(call: Call) -> Refusal | None:
    """A role that is not there is named in the answer."""
    if role(call) is None:
        return absent(f"The role with name {call.params['RoleName']} cannot be found.")
    return None


@rule("IAM-10", "iam", *CHANGES, source=GUIDE + "using-service-linked-roles.html")
def protected(call: Call) -> Refusal | None:
    """A service-linked role is changed by AWS alone."""
    found = role(call)
    if found is not None and found._linked_service:
        text = f"Cannot perform the operation on the protected role '{found.name}' - this role is only modifiable by AWS"
        return Refusal("UnmodifiableEntity", text)
    return None


@rule("IAM-10", "iam", "CreateRole", source=QUOTAS)
def taken(call: Call) -> Refusal | None:
    """Names of roles are unique whatever their case, and /aws-service-role/ is AWS's path."""
    if find(call, call.params["RoleName"]) is not None:
        return Refusal("EntityAlreadyExists", f"Role with name {call.params['RoleName']} already exists.", 409)
    if call.params.get("Path", "/").startswith("/aws-service-role/"):
        return Refusal("ValidationError", "Path /aws-service-role/ is reserved for service-linked roles")
    return None


@rule("IAM-4", "iam", "PutRolePolicy", source=QUOTAS)
def inline_size(call: Call) -> Refusal | None:
    """All inline policies of a role together have 10,240 characters."""
    found = role(call)
    kept = {} if found is None else dict(found.policies)
    kept[call.params["PolicyName"]] = call.params["PolicyDocument"]
    if sum(length(unquote(document)) for document in kept.values()) > INLINE:
        return limit(f"Maximum policy size of {INLINE} bytes exceeded for role {call.params['RoleName']}")
    return None


@rule("IAM-4", "iam", "CreatePolicy", "CreatePolicyVersion", source=QUOTAS)
def managed_size(call: Call) -> Refusal | None:
    """A managed policy has 6,144 characters."""
    return limit(f"Cannot exceed quota for PolicySize: {MANAGED}") if length(call.params["PolicyDocument"]) > MANAGED else None


@rule("IAM-4", "iam", "CreateRole", "UpdateAssumeRolePolicy", source=QUOTAS)
def trust_size(call: Call) -> Refusal | None:
    """A trust policy has 2,048 characters."""
    document = call.params.get("AssumeRolePolicyDocument") or call.params.get("PolicyDocument", "")
    return limit(f"Cannot exceed quota for ACLSizePerRole: {TRUST}") if length(document) > TRUST else None


@rule("IAM-4", "iam", "CreatePolicyVersion", source=QUOTAS)
def versions(call: Call) -> Refusal | None:
    """A managed policy has five versions."""
    found = world.backend("iam", call).managed_policies.get(call.params["PolicyArn"])
    if found is not None and len(found.versions) >= VERSIONS:
        return limit(
            f"A managed policy can have up to {VERSIONS} versions. Before you create a new version, you must delete an existing version."
        )
    return None


@rule("IAM-4", "iam", "AttachRolePolicy", source=QUOTAS)
def attached(call: Call) -> Refusal | None:
    """A role has ten managed policies, none of them a service-linked role's."""
    found, arn = role(call), call.params["PolicyArn"]
    if arn not in world.backend("iam", call).managed_policies:
        return absent(f"Policy {arn} does not exist or is not attachable.")
    if arn.startswith(LINKED_POLICIES):
        return Refusal("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
    if found is not None and arn not in found.managed_policies and len(found.managed_policies) >= ATTACHED:
        return limit(f"Cannot exceed quota for PoliciesPerRole: {ATTACHED}")
    return None


@rule("IAM-9", "iam", "DeleteRole", source=GUIDE + "id_roles_manage_delete.html")
def role_in_use(call: Call) -> Refusal | None:
    """A role goes after its instance profiles, its attached and its inline policies."""
    found = role(call)
    if found is None:
        return None
    if found.instance_profile_list:
        return conflict("Cannot delete entity, must remove roles from instance profile first.")
    if found.managed_policies:
        return conflict("Cannot delete entity, must detach all policies first.")
    if found.policies:
        return conflict("Cannot delete entity, must delete policies first.")
    return None


@rule("IAM-9", "iam", "DeletePolicy", source=GUIDE + "access_policies_managed-delete.html")
def policy_in_use(call: Call) -> Refusal | None:
    """A managed policy goes when nobody has it and only one version is left."""
    found = world.backend("iam", call).managed_policies.get(call.params["PolicyArn"])
    if found is None:
        return absent(f"Policy {call.params['PolicyArn']} was not found.")
    if found.attachment_count:
        return conflict("Cannot delete a policy attached to entities.")
    if len(found.versions) > 1:
        return conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy."
        )
    return None


@rule("IAM-9", "iam", "DeletePolicyVersion", source=GUIDE + "access_policies_managed-versioning.html")
def default_version(call: Call) -> Refusal | None:
    """The default version goes with its policy."""
    found = world.backend("iam", call).managed_policies.get(call.params["PolicyArn"])
    if found is not None and found.default_version_id == call.params["VersionId"]:
        return conflict("Cannot delete the default version of a policy.")
    return None


@rule(
    "IAM-9",
    "iam",
    "DeleteInstanceProfile",
    "AddRoleToInstanceProfile",
    source=GUIDE + "id_roles_use_switch-role-ec2_instance-profiles.html",
)
def profile(call: Call) -> Refusal | None:
    """An instance profile has one role, and goes when it has none."""
    name = call.params["InstanceProfileName"]
    found = next((each for each in world.backend("iam", call).instance_profiles.values() if each.name == name), None)
    if found is None:
        return absent(f"Instance Profile {name} cannot be found.")
    if not found.roles:
        return None
    if call.operation == "DeleteInstanceProfile":
        return conflict("Cannot delete entity, must remove roles from instance profile first.")
    return limit("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")


@rule("IAM-10", "iam", "GetRolePolicy", "DeleteRolePolicy", source=GUIDE + "access_policies_manage.html")
def unknown_inline(call: Call) -> Refusal | None:
    """An inline policy that is not there is named in the answer."""
    found = role(call)
    if found is not None and call.params["PolicyName"] not in found.policies:
        return absent(f"The role policy with name {call.params['PolicyName']} cannot be found.")
    return None


@rule("IAM-4", "iam", "CreateRole", "TagRole", "CreatePolicy", "TagPolicy", source=GUIDE + "id_tags.html")
def tags(call: Call) -> Refusal | None:
    """Fifty tags, whose keys differ in more than case and are not AWS's."""
    keys = [tag["Key"] for tag in call.params.get("Tags", [])]
    if len({key.lower() for key in keys}) < len(keys):
        return Refusal("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.lower().startswith("aws:") for key in keys):
        return Refusal("InvalidInput", "Tag keys beginning with 'aws:' are reserved for system use.")
    found = role(call) if call.operation == "TagRole" else None
    kept = {tag["Key"] for tag in found.tags} if found is not None else set()
    return limit(f"Cannot exceed quota for TagsPerRole: {TAGS}") if len(kept | set(keys)) > TAGS else None


@rule("IAM-2", "sts", "AssumeRole", source="https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html")
def assumed(call: Call) -> Refusal | None:
    """A role that is not there, or that trusts only services, is not given to a caller; which of the two it was is not said."""
    arn = call.params["RoleArn"]
    found = next((each for each in world.backend("iam", call).get_roles() if each.arn == arn), None)
    if arn.split(":")[4:5] == [call.account] and (
        found is None or '"AWS"' not in json.dumps(json.loads(found.assume_role_policy_document))
    ):
        caller = f"arn:aws:iam::{call.account}:root"
        return Refusal("AccessDenied", f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}", 403)
    return None
