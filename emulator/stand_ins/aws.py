"""`aws`: the operations of botocore's models with the options of AWS's command line, `s3 cp`, `s3 ls`, `s3 rm`, and waiters.

https://docs.aws.amazon.com/cli/latest/userguide/cli-usage.html. What is not here ends with 252, as an option that AWS's does not know.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
import jmespath
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError, UnknownServiceError

from . import s3, values
from .values import UsageError

# Exit codes of AWS's command line: of its usage, of its service.
USAGE, SERVICE, FAILED = 252, 254, 255
GLOBAL = {"query": "", "output": "json", "region": "", "endpoint-url": "", "profile": ""}
FLAGS = ("no-cli-pager", "no-paginate", "no-cli-auto-prompt", "no-verify-ssl", "debug", "no-sign-request")


def main(words: Sequence[str]) -> int:
    try:
        return _main(list(words))
    except UsageError as error:
        print(f"\naws: [ERROR]: {error}", file=sys.stderr)
        return USAGE
    except ParamValidationError as error:
        print(f"\n{error}", file=sys.stderr)
        return USAGE
    except ClientError as error:
        print(f"\n{error}", file=sys.stderr)
        return SERVICE
    except BotoCoreError as error:
        print(f"\n{error}", file=sys.stderr)
        return FAILED


def _main(words: list[str]) -> int:
    said, rest = _globals(words)
    if rest[:1] == ["--version"]:
        print("aws-cli/2.0.0 (emulated)")
        return 0
    if len(rest) < 2:
        raise UsageError("the following arguments are required: command")
    service, operation, *options = rest
    settings = {"region_name": said["region"] or None, "endpoint_url": said["endpoint-url"] or None}
    if service == "s3":
        return s3.run(boto3.client("s3", **settings), operation, options)
    try:
        client = boto3.client("s3" if service == "s3api" else service, **settings)
    except UnknownServiceError:
        raise UsageError(f"argument command: Found invalid choice '{service}'") from None
    if (service, operation) == ("ecr", "get-login-password"):
        print(_login_password(client))
        return 0
    if operation == "wait":
        return _wait(client, options)
    answer = _call(client, operation, options, paginate="no-paginate" not in said)
    _print(answer, said["query"], said["output"])
    return 0


def _globals(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options that every command has, and the rest."""
    said, rest = dict(GLOBAL), list[str]()
    index = 0
    while index < len(words):
        name, equals, value = words[index].partition("=")
        name = name.removeprefix("--") if name.startswith("--") else ""
        if name in FLAGS:
            said[name] = "yes"
        elif name in GLOBAL:
            index += 0 if equals else 1
            said[name] = value if equals else _value(words, index, name)
        else:
            rest.append(words[index])
        index += 1
    return said, rest


def _value(words: Sequence[str], index: int, name: str) -> str:
    if index >= len(words):
        raise UsageError(f"argument --{name}: expected one argument")
    return words[index]


def _login_password(client: Any) -> str:
    """What docker signs in to ECR with."""
    import base64

    token: str = client.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return str(base64.b64decode(token).decode().partition(":")[2])


def _operation(client: Any, name: str) -> str:
    known = {xform_name(each, "-"): each for each in client.meta.service_model.operation_names}
    if name not in known:
        raise UsageError(f"argument operation: Found invalid choice '{name}'")
    return str(known[name])


def _call(client: Any, name: str, options: list[str], paginate: bool) -> Any:
    operation = _operation(client, name)
    shape = client.meta.service_model.operation_model(operation).input_shape
    given = values.read(shape, options)
    method = xform_name(operation)
    sizes = {"MaxItems", "PageSize", "StartingToken"}
    if paginate and client.can_paginate(method) and not sizes & set(given):
        paginator = client.get_paginator(method)
        if not set(paginator._input_token if isinstance(paginator._input_token, list) else [paginator._input_token]) & set(given):
            return paginator.paginate(**given).build_full_result()
    answer = getattr(client, method)(**given)
    answer.pop("ResponseMetadata", None)
    return {key: value.read().decode() if hasattr(value, "read") else value for key, value in answer.items()}


def _wait(client: Any, options: list[str]) -> int:
    if not options or options[0].replace("-", "_") not in client.waiter_names:
        raise UsageError("argument subcommand: Found invalid choice of a waiter")
    waiter = client.get_waiter(options[0].replace("-", "_"))
    operation = client.meta.service_model.operation_model(waiter.config.operation)
    waiter.wait(**values.read(operation.input_shape, options[1:]))
    return 0


def _print(answer: Any, query: str, output: str) -> None:
    found = jmespath.search(query, json.loads(json.dumps(answer, default=_plain))) if query else answer
    if output == "text":
        lines = _text(json.loads(json.dumps(found, default=_plain)))
        print("\n".join(lines))
    elif output == "json":
        if found not in ({}, None) or query:
            print(json.dumps(found, indent=4, default=_plain, ensure_ascii=False))
    else:
        raise UsageError(f"argument --output: the stand-in writes json and text, not {output}")


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value.decode() if isinstance(value, bytes) else str(value)


def _text(value: Any, name: str = "") -> list[str]:
    """As `--output text` writes it: scalars of one level in a line with tabs, what is below in lines of its own."""
    if isinstance(value, Mapping):
        own = [_scalar(each) for key, each in sorted(value.items()) if not isinstance(each, (dict, list))]
        lines = ["\t".join(([name.upper()] if name else []) + own)] if own else []
        return lines + [line for key, each in sorted(value.items()) if isinstance(each, (dict, list)) for line in _text(each, key)]
    if isinstance(value, list):
        if any(isinstance(each, (dict, list)) for each in value):
            return [line for each in value for line in _text(each, name)]
        return ["\t".join(([name.upper()] if name else []) + [_scalar(each) for each in value])]
    return [_scalar(value)]


def _scalar(value: Any) -> str:
    return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
