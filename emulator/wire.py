"""Between bytes and plain values: which operation a request is, with which parameters, and how an answer or a refusal is sent.

The protocols are moto's own (`moto.core.parse`, `moto.core.serialize`) in one direction and botocore's in the other.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import UnknownServiceError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.utilities.aws_headers import gen_amzn_requestid_long
from werkzeug.exceptions import HTTPException, NotFound

from . import json_types
from .accounts import account_of
from .refusal import Refusal as Refusal  # services and rules take it from here
from .refusal import Unread

FORM = "application/x-www-form-urlencoded"
BOTOCORE_NAMES = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "codestar-connections": "codeconnections",
    "s3express": "s3",
    "tagging": "resourcegroupstaggingapi",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes
    # The only header that may come several times.
    cookies: tuple[str, ...] = ()


@dataclass
class Call:
    """One request, read: botocore's service name, the operation, its parameters, whose and where."""

    service: str
    operation: str
    params: dict[str, Any]
    account: str
    region: str
    model: OperationModel
    protocol: str
    environ: dict[str, Any]
    body: bytes
    notes: dict[str, Any] = field(default_factory=dict)

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        return f"arn:aws:{service}:{self.region if regional else ''}:{self.account}:{resource}"


# The code for a request whose form is wrong.
UNREADABLE = {
    "json": "SerializationException",
    "rest-json": "SerializationException",
    "query": "MalformedInput",
    "ec2": "InvalidParameterValue",
    "rest-xml": "MalformedInput",
    "rds": "InvalidParameterValue",
    "s3": "MalformedXML",
}


@cache
def service_model(name: str) -> ServiceModel:
    return get_service_model(name)


@cache
def _router(name: str) -> Any:
    return get_service_router(name)


def credential_scope(environ: dict[str, Any]) -> tuple[str, str, str] | None:
    """Access key, region and signing name of a SigV4 request (header or query string), or None when it is unsigned."""
    text = environ.get("HTTP_AUTHORIZATION", "")
    if "Credential=" in text:
        credential = text.split("Credential=", 1)[1].split(",")[0]
    elif "X-Amz-Credential=" in environ.get("QUERY_STRING", ""):
        credential = Request(environ).args.get("X-Amz-Credential", "")
    else:
        return None
    parts = credential.strip().split("/")
    return (parts[0], parts[2], parts[3]) if len(parts) >= 5 else None


def read(environ: dict[str, Any]) -> Call:
    """Read a request. Raises Unread when no service or operation answers to it, or when it is not in AWS's form."""
    scope = credential_scope(environ)
    unsigned = "sts" if environ.get("CONTENT_TYPE", "").startswith(FORM) else "s3"
    access_key, region, signing = scope or ("", "us-east-1", unsigned)
    service = BOTOCORE_NAMES.get(signing, signing)
    request = Request(environ)
    body = request.get_data()
    for name in ("wsgi.input_terminated", "HTTP_TRANSFER_ENCODING", "werkzeug.request"):
        environ.pop(name, None)
    environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    wanted = _wanted(request)
    request = Request(dict(environ))
    unread = partial(Unread, service=service, operation=wanted, protocol=_expected(environ, service))
    if environ.get("HTTP_SMITHY_PROTOCOL"):
        raise unread("UnsupportedProtocolException", f"the emulator does not read {environ['HTTP_SMITHY_PROTOCOL']}; use AWS JSON")
    try:
        model = service_model(service)
    except UnknownServiceError:
        raise unread("UnknownServiceException", f"the emulator knows no service that signs as '{signing}'") from None
    try:
        operation, uri = _match(model, request)
        protocol = determine_request_protocol(model, request.content_type)
    except (NotFound, NotImplementedError):
        raise unread("UnknownOperationException", f"{service} has no operation {wanted}") from None
    try:
        params = _parse(request, operation, protocol, uri)
    except Refusal as refusal:
        raise unread(refusal.code, refusal.message) from None
    except (RequestParserError, HTTPException, ValueError) as error:
        raise unread(UNREADABLE.get(service, UNREADABLE[protocol]), f"The request cannot be read: {error}") from None
    return Call(service, operation.name, params, account_of(access_key), region, operation, protocol, environ, body)


def _parse(request: Request, operation: OperationModel, protocol: str, uri: dict[str, Any]) -> dict[str, Any]:
    if protocol in ("json", "rest-json"):
        json_types.check(operation.input_shape, request.data, protocol)
    read: dict[str, Any] = {"method": request.method, "values": request.values, "headers": request.headers, "body": request.data}
    read.update(url_path=request.path, url_params=uri)
    params: dict[str, Any] = PROTOCOL_PARSERS[protocol](operation).parse(read)  # type: ignore[arg-type]
    return params


def _expected(environ: dict[str, Any], service: str) -> str:
    """The protocol in which the sender of a request reads an answer, as far as its form tells."""
    if environ.get("HTTP_SMITHY_PROTOCOL"):
        return "smithy-rpc-v2-cbor"
    if environ.get("HTTP_X_AMZ_TARGET"):
        return "json"
    if service == "ec2":
        return "ec2"
    if environ.get("CONTENT_TYPE", "").startswith(FORM):
        return "query"
    try:
        return "rest-xml" if service_model(service).metadata["protocol"] == "rest-xml" else "rest-json"
    except UnknownServiceError:
        return "rest-json"


def _match(model: ServiceModel, request: Request) -> tuple[OperationModel, dict[str, Any]]:
    target = request.headers.get("X-Amz-Target")
    name = target.rsplit(".", 1)[-1] if target else request.values.get("Action")
    if name and model.service_name != "s3":
        if name not in model.operation_names:
            raise NotFound
        return model.operation_model(name), {}
    found: tuple[OperationModel, dict[str, Any]] = _router(model.service_name).match(request)
    return found


def _wanted(request: Request) -> str:
    target = request.headers.get("X-Amz-Target", "")
    return target.rsplit(".", 1)[-1] or request.values.get("Action") or f"{request.method} {request.path}"


@cache
def _serializer(service: str, protocol: str) -> Any:
    """moto's, which also finds a member under other names than AWS's, by a context that is made for each. Ours are AWS's names."""
    kind: Any = get_serializer_class(service, protocol)

    def get_value(self: Any, value: Any, key: str, shape: Any) -> Any:
        if type(value) is dict:
            return value.get(key)
        return kind.get_value(self, value, key, shape)

    return type(kind.__name__, (kind,), {"get_value": get_value})


def encode(call: Call, result: Any) -> Answer:
    """The answer that carries `result`, a dict in the shape of the operation's output, or a Refusal."""
    serializer = _serializer(call.service, call.protocol)(call.model)
    response = serializer.serialize(result)
    headers = {"server": "amazon.com", **response["headers"]}
    body = response["body"]
    request_id = gen_amzn_requestid_long(headers)
    data = body if isinstance(body, bytes) else body.encode()
    status = result.status if isinstance(result, Refusal) else response["status_code"]
    return Answer(status, headers, data.replace(b"<RequestId></RequestId>", f"<RequestId>{request_id}</RequestId>".encode()))


def decode(call: Call, answer: Answer) -> dict[str, Any]:
    """The output of an answer as a dict; an error answer becomes a Refusal."""
    parser = create_parser("rest-xml" if call.service == "s3" else call.protocol)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    shape = None if answer.status >= 300 else call.model.output_shape
    parsed: dict[str, Any] = parser.parse({"status_code": answer.status, "headers": headers, "body": answer.body}, shape)
    metadata = parsed.pop("ResponseMetadata", {})
    if answer.status >= 300:
        error = parsed.get("Error", {})
        raise Refusal(error.get("Code", "InternalFailure"), error.get("Message", ""), metadata.get("HTTPStatusCode", answer.status))
    return parsed


def with_params(call: Call, params: dict[str, Any]) -> Call:
    """The same call with other parameters, its request written anew."""
    request = create_serializer(call.protocol).serialize_to_request(params, call.model)
    body = request["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True)
    data = body if isinstance(body, bytes) else (body or "").encode()
    return replace(call, params=params, body=data)
