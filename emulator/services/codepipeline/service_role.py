"""In whose name an action acts: the pipeline's role, or the action's own, which the pipeline's role takes on. Each request is judged.

https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ... import models, registry, world
from ...refusal import Refusal
from ...wire import Call
from ..iam import authority
from ..iam.authority import Known, Session
from .actions import ActionError
from .shapes import ActionRun, Declaration, Execution

PRINCIPAL = "codepipeline.amazonaws.com"
NOT_ASSUMED = "CodePipeline is not authorized to perform AssumeRole on role {role}"
# The same, when an action runs.
DENIED = "The provided role cannot be assumed: 'Access denied when attempting to assume the role '{role}''"
# An action of IAM, what it is about, and what more conditions may ask.
Need = tuple[str, str, Known]


def assumable(call: Call, role: str, pipeline: str) -> bool:
    """Whether CodePipeline may be in a role for a pipeline of this name."""
    return authority.assumable(call, role, PRINCIPAL, call.arn("codepipeline", pipeline))


def of(run: ActionRun) -> str:
    """The ARN of the role in which an action acts."""
    return str(run.declaration.get("roleArn") or run.execution.declaration["roleArn"])


def of_rule(execution: Execution, rule: Declaration) -> str:
    return str(rule.get("roleArn") or execution.declaration["roleArn"])


def session(run: ActionRun) -> Session:
    """A session of the action's role. Raises ActionError where it cannot be taken."""
    call, own = run.call, str(run.execution.declaration["roleArn"])
    if not assumable(call, own, run.execution.pipeline.name):
        raise ActionError("PermissionError", DENIED.format(role=own))
    mine, wanted = authority.session(call, own, run.execution.id.replace("-", "")), of(run)
    if wanted == own:
        return mine
    role = authority.by_arn(call, wanted)
    trust = authority.text(role.assume_role_policy_document) if role is not None else ""
    if text := authority.denied(mine, authority.ASSUME, wanted, resource_policy=trust, needed=True):
        raise ActionError("PermissionError", f"{DENIED.format(role=wanted)}. {text}")
    return authority.session(call, wanted, run.id.replace("-", ""))


def require(
    run: ActionRun, action: str, resource: str, more: Known | None = None, *, calling: str, service: str, code: str = "", **policies: Any
) -> None:
    """End the action where its role does not allow a request. `calling` and `service` are the SDK's names of it."""
    if text := authority.denied(session(run), action, resource, more, **policies):
        error = code or "AccessDeniedException"
        status = "403" if service == "AmazonS3" else "400"
        about = f"(Service: {service}; Status Code: {status}; Error Code: {error}; Request ID: {run.id}; Proxy: null)"
        raise ActionError("PermissionError", f"Error calling {calling}: {text} {about}")


def ask(run: ActionRun, service: str, operation: str, needs: Iterable[Need], /, **params: Any) -> dict[str, Any]:
    """Send a request to another service in the action's role, as any client does: it may be refused. Raises ActionError."""
    calling, name = operation[0].lower() + operation[1:], NAMES[service]
    for action, resource, more in needs:
        require(run, action, resource, more, calling=calling, service=name)
    call = world.another(run.call, service, operation, **params)
    try:
        models.check(call)
        for rule in registry.rules[service, operation]:
            if (refusal := rule.check(call)) is not None:
                raise refusal
        handler = registry.handlers.get((service, operation))
        return handler(call) if handler else world.forward(call)
    except Refusal as refusal:
        about = f"(Service: {name}; Status Code: {refusal.status}; Error Code: {refusal.code}; Request ID: {run.id}; Proxy: null)"
        raise ActionError("ConfigurationError", f"Error calling {calling}: {refusal.message} {about}") from None


# How AWS's SDK names services in its errors.
NAMES = {
    "codebuild": "AWSCodeBuild",
    "codeconnections": "AWSCodeConnections",
    "codedeploy": "AmazonCodeDeploy",
    "ecr": "AmazonECR",
    "ecs": "AmazonECS",
    "s3": "AmazonS3",
}
