"""The environment variables of a build: what a project, a call and a specification say, and the secrets that are fetched under its role.

What is said when a build is started comes before the project's, and that before the specification's.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ... import world
from ...wire import Refusal
from ..iam import authority
from ..iam.authority import Session
from ..ssm import parameter_store as ssm
from .buildspec import Buildspec

PLAINTEXT, PARAMETER, SECRET = "PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"
# Codes of contexts, as logs of builds show them.
OF_PARAMETERS, OF_SECRETS = "Decrypted Variables Error", "Secrets Manager Error"
LOCKED = (
    "AccessDeniedException: The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are "
    "not allowed to access."
)


class Unresolved(Exception):
    """A secret that cannot be had: the code of the phase's context, and AWS's words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass
class Resolved:
    """Values by name. `secret`: names of those that were fetched, whose values are masked and not exported."""

    values: dict[str, str] = field(default_factory=dict)
    secret: set[str] = field(default_factory=set)


def resolve(who: Session, spec: Buildspec, given: Iterable[Mapping[str, Any]]) -> Resolved:
    """All variables of a build. `given`: EnvironmentVariables of CodeBuild, of which a later one replaces an earlier. Raises Unresolved."""
    wanted: dict[str, tuple[str, str]] = {}
    for kind, said in ((PLAINTEXT, spec.variables), (PARAMETER, spec.parameters), (SECRET, spec.secrets)):
        wanted |= {name: (kind, value) for name, value in said.items()}
    for variable in given:
        wanted[variable["name"]] = (variable.get("type") or PLAINTEXT, variable["value"])
    found = Resolved()
    for name, (kind, value) in wanted.items():
        found.values[name] = _value(who, kind, value)
        if kind != PLAINTEXT:
            found.secret.add(name)
    return found


def _value(who: Session, kind: str, value: str) -> str:
    if kind == PARAMETER:
        return _parameter(who, value)
    return _secret(who, value) if kind == SECRET else value


def _parameter(who: Session, said: str) -> str:
    """A parameter by its name, or its ARN."""
    call, name = who.call, said.partition(":parameter")[2] if said.startswith("arn:") else said
    if denied := authority.denied(who, "ssm:GetParameters", ssm.arn(call, name)):
        raise Unresolved(OF_PARAMETERS, f"AccessDeniedException: {denied}")
    answer = world.aws(call, "ssm", "GetParameters", Names=[name], WithDecryption=True)
    if not answer["Parameters"]:
        raise Unresolved(OF_PARAMETERS, f"parameter does not exist: {said}")
    key = ssm.find(call, name).latest.key_id
    via = {"kms:viaservice": f"ssm.{call.region}.amazonaws.com", "kms:encryptioncontext:parameter_arn": ssm.arn(call, name)}
    if key not in ("", ssm.DEFAULT_KEY) and not authority.may_use_key(who, key, "kms:Decrypt", via):
        raise Unresolved(OF_PARAMETERS, LOCKED)
    return str(answer["Parameters"][0]["Value"])


def _secret(who: Session, said: str) -> str:
    """`secret-id:json-key:version-stage:version-id`, of which an ARN has six colons of its own."""
    parts = said.split(":")
    head = 7 if said.startswith("arn:") else 1
    name, (key, stage, version) = ":".join(parts[:head]), [*parts[head:], "", "", ""][:3]
    try:
        described = world.aws(who.call, "secretsmanager", "DescribeSecret", SecretId=name)
        if denied := authority.denied(who, "secretsmanager:GetSecretValue", described["ARN"]):
            raise Unresolved(OF_SECRETS, f"AccessDeniedException: {denied}")
        more = {**({"VersionStage": stage} if stage else {}), **({"VersionId": version} if version else {})}
        text = str(world.aws(who.call, "secretsmanager", "GetSecretValue", SecretId=name, **more)["SecretString"])
    except Refusal as refusal:
        raise Unresolved(OF_SECRETS, f"{refusal.code}: {refusal.message}") from None
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError):
        raise Unresolved(OF_SECRETS, f"the secret {name} has no key {key}") from None
