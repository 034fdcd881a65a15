"""What Parameter Store holds: parameters, their versions, labels and tags. https://docs.aws.amazon.com/systems-manager/latest/userguide/

Names under `/aws/` are AWS's public parameters; moto has some of them.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ... import world
from ...wire import Call, Refusal

DEFAULT_KEY = "alias/aws/ssm"


@dataclass
class Version:
    """One version of a parameter. `ciphertext` is what a SecureString is to those who may not decrypt it."""

    number: int
    value: str
    type: str
    modified: datetime
    user: str
    tier: str = "Standard"
    data_type: str = "text"
    description: str = ""
    allowed_pattern: str = ""
    key_id: str = ""
    policies: list[dict[str, str]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    ciphertext: str = ""

    def __post_init__(self) -> None:
        if self.type == "SecureString":
            self.ciphertext = "AQICAH" + base64.b64encode(secrets.token_bytes(140 + len(self.value.encode()))).decode()


@dataclass
class Parameter:
    name: str
    versions: list[Version]
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def latest(self) -> Version:
        return self.versions[-1]


@dataclass(frozen=True)
class Secret:
    """A SecureString that a person has stored."""

    name: str
    value: str
    tags: dict[str, str]


# Each says what a person has stored in an account. Every Region has it, unless it has had another of that name.
seeds: list[Callable[[str], Sequence[Secret]]] = []


def parameters(call: Call) -> dict[str, Parameter]:
    """All parameters of the caller's account and Region by name."""
    store = world.store("ssm-parameters", call)
    held: dict[str, Parameter] = store.setdefault("parameters", {})
    planted: set[str] = store.setdefault("planted", set())
    for secret in (secret for find_all in seeds for secret in find_all(call.account)):
        if secret.name not in planted:
            planted.add(secret.name)
            first = Version(1, secret.value, "SecureString", world.clock.utc(), _person(call), key_id=DEFAULT_KEY)
            held.setdefault(secret.name, Parameter(secret.name, [first], dict(secret.tags)))
    return held


def _person(call: Call) -> str:
    return f"arn:aws:iam::{call.account}:root"


def arn(call: Call, name: str) -> str:
    return call.arn("ssm", f"parameter/{name.removeprefix('/')}")


def plain_name(call: Call, reference: str) -> str:
    """The name in a name or an ARN. `/a` and `a` are the same ARN and two names: the one that is held counts."""
    if not reference.startswith("arn:"):
        return reference
    name = reference.split(":parameter", 1)[-1]
    return name if name in parameters(call) or name.count("/") > 1 else name.removeprefix("/")


def find(call: Call, reference: str) -> Parameter:
    """The parameter of a name, or of an ARN in this account (AWS's own have none) and Region. Raises ParameterNotFound."""
    here = (call.arn("ssm", "parameter/"), f"arn:aws:ssm:{call.region}::parameter/")
    found = parameters(call).get(plain_name(call, reference))
    if found is None or (reference.startswith("arn:") and not reference.startswith(here)):
        raise Refusal("ParameterNotFound", f"Parameter {reference} not found.")
    return found


def select(call: Call, reference: str) -> tuple[Parameter, Version, str]:
    """Parameter, version and selector (`:2`, `:label`, or nothing) of a name, an ARN, `name:version` or `name:label`."""
    head, _, tail = reference.rpartition(":")
    is_arn = reference.startswith("arn:")
    if not head or (is_arn and ":parameter" not in head):
        parameter = find(call, reference)
        return parameter, parameter.latest, ""
    parameter = find(call, head)
    return parameter, version(parameter, tail), f":{tail}"


def version(parameter: Parameter, which: str) -> Version:
    """A version by number or label. Raises ParameterVersionNotFound."""
    if which.isdigit():
        found = next((each for each in parameter.versions if each.number == int(which)), None)
        words = f"version {which} of {parameter.name}. Verify the version"
    else:
        found = next((each for each in parameter.versions if which in each.labels), None)
        words = f"label {which} for parameter {parameter.name}. Verify the label"
    if found is None:
        raise Refusal("ParameterVersionNotFound", f"Systems Manager could not find {words} and try again.")
    return found


def seen(parameter_version: Version, decrypted: bool) -> str:
    return parameter_version.value if decrypted or parameter_version.type != "SecureString" else parameter_version.ciphertext


def page(items: Sequence[Any], wanted: dict[str, Any], default: int, key: str = "Parameters") -> dict[str, Any]:
    """`{key: …}` of one page, with a NextToken when there are more. Raises InvalidNextToken."""
    token = wanted.get("NextToken") or "0"
    if not token.isdigit() or int(token) > len(items):
        raise Refusal("InvalidNextToken", "The specified token is not valid.")
    start, size = int(token), wanted.get("MaxResults") or default
    result: dict[str, Any] = {key: list(items[start : start + size])}
    if start + size < len(items):
        result["NextToken"] = str(start + size)
    return result
