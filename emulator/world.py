"""What services and rules see of the emulated AWS: time, moto's backends, our own stores, and other services' operations."""

from __future__ import annotations

import io
import os
import threading
from collections import defaultdict
from typing import Any

from moto.backends import get_backend
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from . import registry
from .clock import Clock
from .wire import Answer, Call, Refusal, decode, service_model, with_params

# Nobody here starts machines: 500 images would be made for each Region after each reset.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
clock = Clock()
lock = threading.RLock()
# Where this AWS is served, for programs that it runs.
url = ""
_moto = DomainDispatcherApplication(create_backend_app)
_stores: dict[tuple[str, str, str], dict[str, Any]] = defaultdict(dict)
GLOBAL = {"iam": "aws", "s3": "aws", "route53": "aws", "sts": "aws"}


def pause() -> None:
    """Let others have the lock for a moment."""
    threading.Condition(lock).wait(0.02)


def backend(service: str, call: Call) -> Any:
    """moto's backend of a service (moto's name), in the caller's account and Region."""
    backends = get_backend(service)[call.account]  # type: ignore[call-overload]
    return backends[GLOBAL.get(service, call.region)]


def store(service: str, call: Call) -> dict[str, Any]:
    """Our own state of a service in the caller's account and Region; empty at first and after a reset."""
    return _stores[service, call.account, call.region]


def everywhere(service: str, call: Call) -> dict[str, Any]:
    """Our own state of a service that knows no Regions, in the caller's account."""
    return _stores[service, call.account, "aws-global"]


def regions(service: str, call: Call) -> list[tuple[str, dict[str, Any]]]:
    """Our own state of a service in each Region of the caller's account."""
    return [(region, kept) for (name, account, region), kept in _stores.items() if (name, account) == (service, call.account)]


def everywhere_of(service: str) -> list[dict[str, Any]]:
    """Our own state of a service in each account and Region that has some."""
    return [kept for (name, _, _), kept in _stores.items() if name == service]


def _host(call: Call) -> str:
    return f"https://{call.model.service_model.signing_name}.{call.region}.amazonaws.com"


def ask_moto(call: Call) -> Answer:
    """Send the call to moto and return its answer as it is."""
    if not any(pattern.match(_host(call)) for _, pattern in _moto.backend_url_patterns):
        raise unknown(call)
    environ = dict(call.environ, HTTP_X_MOTO_ACCOUNT_ID=call.account)
    environ.update({"wsgi.input": io.BytesIO(call.body), "CONTENT_LENGTH": str(len(call.body))})
    seen: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        seen.update(status=int(status.split(" ", 1)[0]), headers=dict(headers))

    try:
        chunks = _moto(environ, start)
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
    except NotImplementedError:
        raise unknown(call) from None
    if seen["status"] == 404 and body.startswith(b"<!doctype html>"):
        raise unknown(call)
    return Answer(seen["status"], seen["headers"], body)


def unknown(call: Call) -> Refusal:
    """The refusal of an operation that neither moto nor services/ has."""
    return Refusal("UnknownOperationException", f"the emulator does not have {call.service}:{call.operation}")


def forward(call: Call, params: dict[str, Any] | None = None) -> dict[str, Any]:
    """Send the call to moto, with other parameters if given, and return the output as a dict. Raises Refusal."""
    sent = call if params is None else with_params(call, params)
    return decode(sent, ask_moto(sent))


def aws(call: Call, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
    """Another operation in the same account and Region, as AWS's services do among themselves: no rules, no journal."""
    inner = another(call, service, operation, **params)
    handler = registry.handlers.get((service, operation))
    return handler(inner) if handler else forward(inner)


def another(call: Call, service: str, operation: str, /, **params: Any) -> Call:
    """A call of another operation in the same account and Region."""
    model = service_model(service).operation_model(operation)
    scope = f"Credential=EMULATOR/20200101/{call.region}/{model.service_model.signing_name}/aws4_request"
    target = model.metadata.get("targetPrefix")
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": f"{service}.{call.region}.amazonaws.com",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=none",
    }
    protocol = _internal_protocol(model)
    if protocol == "json":
        environ["HTTP_X_AMZ_TARGET"] = f"{target}.{operation}"
        environ["CONTENT_TYPE"] = f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.1')}"
    else:
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded; charset=utf-8"
    inner = Call(service, operation, params, call.account, call.region, model, protocol, environ, b"")
    return with_params(inner, params)


def _internal_protocol(model: Any) -> str:
    supported = model.metadata.get("protocols", [model.metadata["protocol"]])
    return next(name for name in ("json", "query", "ec2") if name in supported)


def reset() -> None:
    with lock:
        moto_api_backend.reset()
        clock.clear()
        _stores.clear()
        for forget in registry.resets:
            forget()
