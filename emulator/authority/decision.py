"""The decision about one request, with AWS's words for a refusal.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and, for the words,
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from . import conditions
from .conditions import Context, filled
from .documents import Patterns, Statement, like, statements


@dataclass(frozen=True)
class Principal:
    """Who asks: a user, a session of a role (`role` is then the role's ARN), or a service of AWS."""

    arn: str = ""
    account: str = ""
    role: str = ""
    service: str = ""


@dataclass(frozen=True)
class Request:
    principal: Principal
    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Policies:
    """Documents in JSON. `boundary` None: there is none. `session`: the policy with which a session began, "" without one.

    `resource_policy`: the policy of the resource, "" when it has none. `foreign`: the resource is another account's. `needed`: without the
    resource's own policy nobody is allowed, whatever else says (trust policies of roles, key policies of KMS).
    """

    identity: tuple[str, ...] = ()
    boundary: tuple[str, ...] | None = None
    session: str = ""
    resource_policy: str = ""
    foreign: bool = False
    needed: bool = False


@dataclass(frozen=True)
class Decision:
    """`reason` is the end of AWS's sentence, "" for what is allowed."""

    allowed: bool
    reason: str = ""


ALLOWED = Decision(True)
IDENTITY, BOUNDARY, SESSION, RESOURCE = "identity-based policy", "permissions boundary", "session policy", "resource-based policy"
# How a statement of a resource's policy means a principal: itself, the role of its session, or its whole account.
ITSELF, ROLE, ACCOUNT = 3, 2, 1


def decide(request: Request, policies: Policies) -> Decision:
    """What AWS decides. An explicit denial anywhere is the last word."""
    session = (policies.session,) if policies.session else None
    limits = ((BOUNDARY, policies.boundary), (SESSION, session))
    for name, documents in ((IDENTITY, policies.identity), *((name, documents or ()) for name, documents in limits)):
        if any(_matches(each, request) for each in _each(documents, allows=False)):
            return _denied(name)
    resource = _of_resource(request, policies.resource_policy)
    if any(not allows for allows, _ in resource):
        return _denied(RESOURCE)
    granted = max((degree for allows, degree in resource if allows), default=0)
    if granted == ITSELF and not policies.foreign:
        return ALLOWED
    for name, limit in limits:
        if limit is not None and not _allows(request, limit):
            return _lacking(request, name)
    if granted == ROLE and not policies.foreign:
        return ALLOWED
    if (policies.needed or policies.foreign) and not granted:
        return _lacking(request, RESOURCE)
    return ALLOWED if _allows(request, policies.identity) else _lacking(request, IDENTITY)


def _denied(kind: str) -> Decision:
    return Decision(False, f"with an explicit deny in {'an' if kind == IDENTITY else 'a'} {kind}")


def _lacking(request: Request, kind: str) -> Decision:
    return Decision(False, f"because no {kind} allows the {request.action} action")


def sentence(request: Request, decision: Decision) -> str:
    """What AWS tells whoever is refused."""
    who, what = request.principal.arn, request.action
    return f"User: {who} is not authorized to perform: {what} on resource: {request.resource} {decision.reason}"


def _each(documents: Iterable[str], *, allows: bool) -> Iterable[Statement]:
    return (each for document in documents for each in statements(document) if each.allows is allows)


def _allows(request: Request, documents: Iterable[str]) -> bool:
    return any(_matches(each, request) for each in _each(documents, allows=True))


def _matches(statement: Statement, request: Request) -> bool:
    return (
        _named(statement.actions, request.action.lower(), {})
        and _named(statement.resources, request.resource, request.context)
        and conditions.met(statement.conditions, request.context)
    )


def _named(patterns: Patterns, text: str, context: Context) -> bool:
    return any(_like(text, pattern, context) for pattern in patterns.values) is not patterns.inverted


def _like(text: str, pattern: str, context: Context) -> bool:
    try:
        return like(text, filled(pattern, context))
    except conditions.Unknown:
        return False


def _of_resource(request: Request, document: str) -> list[tuple[bool, int]]:
    """Of each statement that is about this request: whether it allows, and how it means the principal."""
    found = statements(document) if document else ()
    degrees = [(each.allows, _meant(each, request.principal)) for each in found if _matches(each, request)]
    return [(allows, degree) for allows, degree in degrees if degree]


def _meant(statement: Statement, principal: Principal) -> int:
    degree = max((_degree(kind, value, principal) for kind, value in statement.principals or ()), default=0)
    if statement.other_principals:
        return 0 if degree else ITSELF
    return degree


def _degree(kind: str, value: str, principal: Principal) -> int:
    if kind == "Service":
        return ITSELF if value == principal.service else 0
    if kind != "AWS":
        return 0
    if value in ("*", principal.arn):
        return ITSELF
    if principal.role and value == principal.role:
        return ROLE
    own = bool(principal.account) and value in (principal.account, f"arn:aws:iam::{principal.account}:root")
    return ACCOUNT if own else 0
