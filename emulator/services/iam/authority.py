"""What the roles of this AWS may do: their policies, as IAM has them at this moment, handed to emulator/authority.

A service that acts for somebody does so in a session of a role: `session` begins one, `decide` judges one request of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ... import world
from ...authority import decision
from ...authority.decision import Decision, Policies, Principal, Request
from ...wire import Call, Refusal
from .roles import find

# What is known of a request beside its principal, by key in lower case.
Known = Mapping[str, str | tuple[str, ...]]
ASSUME = "sts:AssumeRole"
# The actions for which sessions of roles were judged, by the role's ARN: those that a service asks for on somebody's behalf, too.
asked: dict[str, set[str]] = {}
# What the own policies of somebody else are taken to allow.
ANYTHING = ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',)


@dataclass(frozen=True)
class Session:
    """A session of a role, or a user. `identity`, `boundary` and `policy` (the session's own) are documents.

    A role that is not there has none, and may do nothing.
    """

    call: Call
    principal: Principal
    identity: tuple[str, ...] = ()
    boundary: tuple[str, ...] | None = None
    known: Mapping[str, str] | None = None
    policy: str = ""


def text(document: Any) -> str:
    """A policy as JSON; moto keeps some as text, some as bytes, and some as what the JSON says."""
    if isinstance(document, bytes):
        return document.decode()
    return document if isinstance(document, str) else json.dumps(document)


def documents(entity: Any) -> tuple[str, ...]:
    """The policies of one of moto's roles, users or groups: its own ones and those attached."""
    return (*(text(each) for each in entity.policies.values()), *(text(default(each)) for each in entity.managed_policies.values()))


def default(policy: Any) -> Any:
    """The document of the version that holds of a managed policy."""
    return next(each.document for each in policy.versions if each.is_default)


def boundary(call: Call, entity: Any) -> tuple[str, ...] | None:
    arn = getattr(entity, "permissions_boundary_arn", None)
    if not arn:
        return None
    found = world.backend("iam", call).managed_policies.get(arn)
    return (text(default(found)),) if found else ()


def session(call: Call, role_arn: str, name: str) -> Session:
    """A session of a role, with the name that the service gives it."""
    role = by_arn(call, role_arn)
    arn = f"arn:aws:sts::{call.account}:assumed-role/{role_arn.rsplit('/', 1)[-1]}/{name}"
    principal = Principal(arn, call.account, role_arn)
    if role is None:
        return Session(call, principal)
    known = {f"aws:principaltag/{key.lower()}": str(value) for key, value in tags(role).items()}
    return Session(call, principal, documents(role), boundary(call, role), {**known, "aws:userid": f"{role.id}:{name}"})


def tags(entity: Any) -> dict[str, str]:
    kept = entity.tags or {}
    pairs = kept.values() if isinstance(kept, dict) else kept
    return {pair["Key"]: pair["Value"] for pair in pairs}


def by_arn(call: Call, arn: str) -> Any:
    """moto's role of an ARN, or None."""
    role = find(call, arn.rsplit("/", 1)[-1])
    return role if role is not None and role.arn == arn else None


def context(call: Call, principal: Principal) -> dict[str, str]:
    """What every request of a principal is known by. AWS's own endpoints speak TLS only."""
    now = world.clock.utc()
    return {
        "aws:currenttime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:epochtime": str(int(now.timestamp())),
        "aws:principalaccount": principal.account,
        "aws:principalarn": principal.role or principal.arn,
        "aws:principaltype": "AssumedRole" if principal.role else "User",
        "aws:requestedregion": call.region,
        "aws:resourceaccount": call.account,
        "aws:securetransport": "true",
    }


def decide(who: Session, action: str, resource: str = "*", more: Known | None = None, **policies: Any) -> Decision:
    """Judge one request. `policies`: those of the resource, as in `decision.Policies`."""
    return judged(who, action, resource, more, **policies)[1]


def judged(who: Session, action: str, resource: str, more: Known | None = None, **policies: Any) -> tuple[Request, Decision]:
    if who.principal.role:
        asked.setdefault(who.principal.role, set()).add(action)
    known = {**context(who.call, who.principal), **(who.known or {}), **(more or {})}
    request = Request(who.principal, action, resource, known)
    return request, decision.decide(request, Policies(who.identity, who.boundary, who.policy, **policies))


def denied(who: Session, action: str, resource: str = "*", more: Known | None = None, **policies: Any) -> str:
    """AWS's sentence for what a session may not do; "" for what it may."""
    request, found = judged(who, action, resource, more, **policies)
    return "" if found.allowed else decision.sentence(request, found)


def assumable(call: Call, role_arn: str, service: str, source: str = "") -> bool:
    """Whether a role is there and its trust policy lets a service in (IAM-1).

    `source`: the ARN on whose behalf; a service that is not documented to say it says neither that nor the account.
    """
    role = by_arn(call, role_arn)
    if role is None:
        return False
    known = {"aws:sourceaccount": call.account, "aws:sourcearn": source} if source else {}
    return admits(text(role.assume_role_policy_document), Principal(service=service), ASSUME, "*", known)


def admits(policy: str, principal: Principal, action: str, resource: str, known: Mapping[str, str]) -> bool:
    """Whether the policy of a resource by itself lets a principal in that has no policies here: a service, or another account."""
    request = Request(principal, action, resource, {"aws:securetransport": "true", **known})
    return decision.decide(request, Policies(ANYTHING, resource_policy=policy, needed=True)).allowed


def may_use_key(who: Session, key: str, action: str, more: Known | None = None) -> bool:
    """Whether a session may use a key of KMS: what the key's own policy does not allow, nobody may."""
    try:
        described = world.aws(who.call, "kms", "DescribeKey", KeyId=key)["KeyMetadata"]
        policy = world.aws(who.call, "kms", "GetKeyPolicy", KeyId=described["KeyId"], PolicyName="default")["Policy"]
    except Refusal:
        return False
    return decide(who, action, described["Arn"], more, resource_policy=policy, needed=True).allowed
