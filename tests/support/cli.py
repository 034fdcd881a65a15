"""A command of the AWS command line, done with boto3: what a message tells a person to type is tried as it stands."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from botocore import xform_name

from .emulated import Emulated

SERVICES = {"deploy": "codedeploy", "s3api": "s3"}


def aws(emulated: Emulated, command: str) -> dict[str, Any]:
    """Run `aws <service> <operation> --option value …`. An option that AWS does not have is an error of boto3's."""
    program, service, verb, *words = shlex.split(command)
    assert program == "aws", command
    client = emulated.client(SERVICES.get(service, service))
    model = client.meta.service_model
    name = next(known for known in model.operation_names if xform_name(known) == verb.replace("-", "_"))
    members = model.operation_model(name).input_shape.members
    options = {xform_name(member): member for member in members}
    params: dict[str, Any] = {}
    for option, values in _options(words):
        if option != "region":
            member = options[option.replace("-", "_")]
            params[member] = _value(members[member], values)
    answer: dict[str, Any] = getattr(client, xform_name(name))(**params)
    return answer


def _options(words: list[str]) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for word in words:
        if word.startswith("--"):
            found.append((word[2:], []))
        else:
            found[-1][1].append(word)
    return found


def _value(shape: Any, values: list[str]) -> Any:
    """Values in the forms that the command line takes: JSON, `Key=a,Value=b` for a structure, `a=b,c=d` for a map."""
    if values[0].startswith(("{", "[")):
        return json.loads(values[0])
    if shape.type_name == "map":
        return _pairs(values[0])
    if shape.type_name == "list":
        return [_pairs(value) if shape.member.type_name == "structure" else value for value in values]
    return values[0]


def _pairs(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in re.split(r",(?=[\w-]+=)", text))
