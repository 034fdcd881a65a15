"""What IAM refuses of names, permissions boundaries, users and sessions (rules IAM-2, IAM-4, IAM-9, IAM-10)."""

from __future__ import annotations

import json

from ... import world
from ...refusal import Refusal
from ...registry import rule
from ...services.iam.roles import find
from ...wire import Call
from .policy_documents import malformed
from .roles import absent, conflict

API = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
STS = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"


@rule("IAM-4", "iam", "CreateRole", "PutRolePermissionsBoundary", source=API + "API_PutRolePermissionsBoundary.html")
def boundary(call: Call) -> Refusal | None:
    """A permissions boundary is a managed policy that is there."""
    arn = call.params.get("PermissionsBoundary")
    if arn is None or arn in world.backend("iam", call).managed_policies:
        return None
    return absent(f"Scope ARN: {arn} does not exist or is not attachable.")


@rule("IAM-10", "iam", "CreatePolicy", "CreateUser", source=API + "API_CreatePolicy.html")
def taken(call: Call) -> Refusal | None:
    """Names of policies and users are unique whatever their case."""
    backend = world.backend("iam", call)
    if call.operation == "CreateUser":
        name, kind, names = call.params["UserName"], "User", [user.name for user in backend.users.values()]
    else:
        own = [policy for policy in backend.managed_policies.values() if policy.arn.split(":")[4] == call.account]
        name, kind, names = call.params["PolicyName"], "A policy", [policy.name for policy in own]
    if name.lower() not in {each.lower() for each in names}:
        return None
    text = f"A policy called {name} already exists. Duplicate names are not allowed." if kind == "A policy" else ""
    return Refusal("EntityAlreadyExists", text or f"User with name {name} already exists.", 409)


@rule("IAM-9", "iam", "DeleteUser", source=API + "API_DeleteUser.html")
def user_in_use(call: Call) -> Refusal | None:
    """A user goes after its keys, policies and groups."""
    backend, name = world.backend("iam", call), call.params["UserName"]
    found = backend.users.get(name)
    if found is None:
        return None
    if found.access_keys:
        return conflict("Cannot delete entity, must delete access keys first.")
    if found.managed_policies:
        return conflict("Cannot delete entity, must detach all policies first.")
    if found.policies:
        return conflict("Cannot delete entity, must delete policies first.")
    if any(found in group.users for group in backend.groups.values()):
        return conflict("Cannot delete entity, must remove users from group first.")
    return None


@rule("IAM-2", "sts", "AssumeRole", source=STS)
def session(call: Call) -> Refusal | None:
    """A session is no longer than its role allows, and its policy is a policy document."""
    name, account = call.params["RoleArn"].rsplit("/", 1)[-1], call.params["RoleArn"].split(":")[4:5]
    found = find(call, name) if account == [call.account] else None
    if found is not None and call.params.get("DurationSeconds", 0) > (found.max_session_duration or 3600):
        return Refusal("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    if text := call.params.get("Policy"):
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if not isinstance(document, dict) or not document.get("Statement"):
            return malformed("Syntax errors in policy.")
    return None
