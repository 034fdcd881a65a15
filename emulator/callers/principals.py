"""Who a request's access key belongs to."""

from __future__ import annotations

import re
from dataclasses import replace

from moto.sts.models import sts_backends

from .. import world
from ..accounts import account_of
from ..authority.decision import Principal
from ..services.iam import authority
from ..services.iam.authority import Session
from ..wire import Call, Refusal, credential_scope

# The keys of administrators: the emulator's own, and the one of another account that begins with that account's number.
ADMINISTRATOR = re.compile(r"EMULATOR|AKIA\d{12}[A-Z]{4}")
INVALID = "The security token included in the request is invalid."
UNKNOWN = {
    "ec2": ("AuthFailure", "AWS was not able to validate the provided access credentials", 401),
    "s3": ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403),
    "query": ("InvalidClientTokenId", INVALID, 403),
    "json": ("UnrecognizedClientException", INVALID, 400),
    "rest-json": ("UnrecognizedClientException", INVALID, 403),
}


def session(call: Call) -> Session | None:
    """The session of whoever sends a request, None for an administrator. Raises Refusal for a key that nobody has."""
    key = (credential_scope(call.environ) or ("",))[0]
    if ADMINISTRATOR.fullmatch(key):
        return None
    found = _user(call, key) or _role(call, key)
    if found is None:
        code, text, status = UNKNOWN.get(call.service) or UNKNOWN.get(call.protocol) or UNKNOWN["query"]
        raise Refusal(code, text, status)
    return found


def _user(call: Call, key: str) -> Session | None:
    backend = world.backend("iam", call)
    for user in backend.users.values():
        if any(each.access_key_id == key and each.status == "Active" for each in user.access_keys):
            groups = [group for group in backend.groups.values() if user in group.users]
            documents = tuple(text for entity in (user, *groups) for text in authority.documents(entity))
            principal = Principal(user.arn, call.account)
            known = {"aws:username": user.name, "aws:userid": user.id}
            return Session(call, principal, documents, authority.boundary(call, user), known)
    return None


def _role(call: Call, key: str) -> Session | None:
    """A session of AssumeRole."""
    for account in {account_of(key), call.account}:
        found = sts_backends[account]["aws"].get_assumed_role_from_access_key(key)
        if found is not None:
            begun = authority.session(call, found.role_arn, found.session_name)
            return replace(begun, policy=found.policy or "")
    return None
