"""The smallest pages that AWS makes of a list. A client that reads one page only does not find what is on the next."""

from __future__ import annotations

from functools import cache

from botocore.exceptions import UnknownServiceError
from botocore.session import Session, get_session

from .wire import Call, with_params

# EC2 makes pages only for those that ask for them; the size of a page of the others is in the body of the request.
PROTOCOLS = ("json", "query")


@cache
def _session() -> Session:
    return get_session()


@cache
def _size(service: str, operation: str) -> str:
    """The parameter that says how large a page is, "" for an operation that has none."""
    try:
        config = _session().get_paginator_model(service).get_paginator(operation)
    except (UnknownServiceError, ValueError):
        return ""
    return str(config.get("limit_key", ""))


def shortest(call: Call) -> Call | None:
    """The same call with the smallest page that its model allows; None when it has no pages, or the client asks for a size."""
    size = _size(call.service, call.operation) if call.protocol in PROTOCOLS else ""
    shape = call.model.input_shape
    if not size or size in call.params or shape is None or size not in shape.members:
        return None
    return with_params(call, {**call.params, size: max(1, int(shape.members[size].metadata.get("min", 1)))})
