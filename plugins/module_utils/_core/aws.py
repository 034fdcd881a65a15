# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls to AWS: plain values in, plain dicts out, one typed error."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

try:
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from .errors import RailyardError, Unanswered

# botocore's errors of a request that has not left this machine.
UNSENT = ("ConnectTimeoutError", "EndpointConnectionError", "NoCredentialsError", "ProxyConnectionError")
# AWS has not begun: the 503 of S3 and EC2 among them.
THROTTLED = re.compile("Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|LimitExceededException")

# How many calls to AWS are under way at the same time.
AT_ONCE = 8
Item = TypeVar("Item")
Found = TypeVar("Found")
_once = threading.local()
_registering = threading.Lock()

# What to look at where AWS's own words leave a person alone.
ADVICE = {
    (
        "CreateRole",
        "AccessDenied",
    ): "; where an account demands a permissions boundary, railyard_permissions_boundary is its ARN",
}
# Whoever makes one more than the account may have. A deployment that is refused like this waits for another one instead.
QUOTA = re.compile(
    "(Allocate|Create(?!Deployment:))[A-Za-z]*:(?!RequestLimit|Bandwidth)([A-Za-z]*LimitExceeded(Exception)?|[A-Za-z]*QuotaExceeded|"
    "TooMany(Buckets|Listeners|LoadBalancers|TargetGroups))"
)
MORE = "; that is a quota of the account in this Region: delete what nobody needs, or ask for more at Service Quotas, and run it again"


def call(client: Any, operation: str, **params: Any) -> dict[str, Any]:
    """Call `operation` (AWS's name, `CreateApplication`) and return its output.

    Throttling, 5xx and connection faults are retried by botocore (see `_module.aws_client`). Raises RailyardError with AWS's words.
    """
    output = answer(client, operation, **params)
    output.pop("ResponseMetadata", None)
    return output


def answer(client: Any, operation: str, **params: Any) -> dict[str, Any]:
    """`call`, but with what botocore knows of the answer itself under `ResponseMetadata`: its headers, for example."""
    with _told(operation):
        output: dict[str, Any] = getattr(client, xform_name(operation))(**params)
    return output


@contextmanager
def _told(operation: str) -> Iterator[None]:
    """What botocore raises inside is a RailyardError, with AWS's words where it is AWS's refusal."""
    try:
        yield
    except ClientError as error:
        raise _refused(operation, error) from error
    except (BotoCoreError, RuntimeError) as error:
        # A RuntimeError is botocore's for keys that have ended and could not be renewed.
        raise RailyardError(f"{operation}: {error}") from error


def call_once(client: Any, operation: str, **params: Any) -> dict[str, Any]:
    """`call` for what AWS would do twice: botocore goes on after throttling, and not where the first try may have been carried out.

    Raises Unanswered then.
    """
    service = client.meta.service_model.service_id.hyphenize()
    with _registering:
        client.meta.events.register(f"needs-retry.{service}.{operation}", _stop, unique_id=f"once-{operation}")
    _once.operation = operation
    try:
        return call(client, operation, **params)
    finally:
        _once.operation = ""


def _stop(response: Any, caught_exception: Exception | None, **_event: Any) -> None:
    """End a call of `call_once` after its first try. Other threads may call the same operation by the same client otherwise."""
    operation = getattr(_once, "operation", "")
    if not operation:
        return
    status, said = (response[0].status_code, response[1].get("Error", {})) if response else (0, {})
    if caught_exception and type(caught_exception).__name__ not in UNSENT:
        raise Unanswered(f"{operation}: {caught_exception}") from caught_exception
    if status >= 500 and not THROTTLED.search(said.get("Code", "")):
        raise Unanswered(f"{operation}: {said.get('Code', status)}: {said.get('Message', '')}", said.get("Code", ""))


def time_of(output: dict[str, Any]) -> datetime:
    """When AWS gave this `answer`, by its own clock, to the second; ours may be wrong."""
    header = output["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(header) if header else datetime.now(UTC)


def _refused(operation: str, error: ClientError) -> RailyardError:
    """AWS's refusal with its code, its words and the id of the request."""
    said = error.response.get("Error", {})
    code, text = said.get("Code", ""), said.get("Message", str(error))
    request = error.response.get("ResponseMetadata", {}).get("RequestId", "")
    advice = ADVICE.get((operation, code), MORE if QUOTA.fullmatch(f"{operation}:{code}") else "")
    return RailyardError(f"{operation}: {code}: {text.rstrip('.') if advice else text}{advice}", code, request_id=request)


def find(client: Any, operation: str, absent: Iterable[str], **params: Any) -> dict[str, Any] | None:
    """`call`, but None when AWS answers with one of the `absent` codes."""
    try:
        return call(client, operation, **params)
    except RailyardError as error:
        if error.code in absent:
            return None
        raise


def pages(client: Any, operation: str, key: str, absent: Iterable[str] = (), **params: Any) -> list[Any]:
    """Every item of `key` over all pages of a list; [] when AWS answers with one of the `absent` codes."""
    name = xform_name(operation)
    if not client.can_paginate(name):
        found = find(client, operation, absent, **params)
        return list((found or {}).get(key, []))
    try:
        with _told(operation):
            return [item for page in client.get_paginator(name).paginate(**params) for item in page.get(key, [])]
    except RailyardError as error:
        if error.code in absent:
            return []
        raise


def some_pages(client: Any, operation: str, key: str, most: int, **params: Any) -> list[Any] | None:
    """`pages`, but None where there are more than `most`: another way is better then."""
    with _told(operation):
        pages = list(itertools.islice(client.get_paginator(xform_name(operation)).paginate(**params), most + 1))
    return [item for page in pages for item in page.get(key, [])] if len(pages) <= most else None


def beginning(names: list[str]) -> str:
    """The characters with which all names begin, for lists that take a prefix. Pure."""
    same = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in same)


def batches(items: list[Any], size: int) -> list[list[Any]]:
    """`items` in lists of at most `size`, for operations that take no more at once."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def concurrently(work: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """`work` done for each of the items, some at a time; its results in their order. Raises what the first of them raises."""
    every = list(items)
    if len(every) < 2:
        return [work(item) for item in every]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, every))


def together(*asks: Callable[[], Any]) -> list[Any]:
    """What each of these returns, asked at the same time; in their order."""
    return concurrently(_ask, asks)


def _ask(ask: Callable[[], Found]) -> Found:
    return ask()
