# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls that the fetcher makes: each once, without a second try."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import pickle
import threading
from collections.abc import Callable
from typing import Any

from .cache import AT_ONCE
from .request import Credentials, Request

try:
    import botocore.session
    from botocore import xform_name
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

    # A second try is the module's business, and a throttled call shall be seen at once.
    ONCE = Config(retries={"total_max_attempts": 1}, max_pool_connections=AT_ONCE, connect_timeout=5, read_timeout=20)
except ImportError:
    pass  # The server ends, and modules run without it.

# How a module reaches AWS, when its environment says so.
NETWORK = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
THROTTLED = ("Throttl", "RequestLimitExceeded", "TooManyRequests", "SlowDown", "RequestThrottled", "BandwidthLimitExceeded")
METADATA = "ResponseMetadata"


@dataclasses.dataclass(frozen=True)
class Answer:
    """What AWS has said, pickled: `whole` as a module gets it, `said` without what is of this one call alone."""

    said: bytes
    whole: bytes = dataclasses.field(compare=False)


class Throttled(Exception):
    """AWS asks for fewer calls."""


def network(environment: dict[str, str]) -> dict[str, str]:
    """The part of an environment that says how to reach AWS."""
    return {name: value for name, value in environment.items() if name.upper() in NETWORK}


class Clients:
    """A client per service, region, endpoint and identity; safe for threads. `named`: endpoints that are not AWS's own, and that modules of
    this run have; no other is called, whatever the last run had."""

    def __init__(self) -> None:
        self.named: set[str] = set()
        self._made: dict[Any, Any] = {}
        self._avoided: set[str] = set()
        self._lock = threading.Lock()

    def read(self, request: Request, credentials: Credentials) -> Answer | None:
        """The answer; None for any failure. Raises Throttled."""
        if request.endpoint in self._avoided:
            return None
        try:
            client = self._client(request, credentials)
            if client is None:
                return None
            found = getattr(client, xform_name(request.operation))(**json.loads(request.params))
            return Answer(pickle.dumps({name: value for name, value in found.items() if name != METADATA}), pickle.dumps(found))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code", "").startswith(THROTTLED):
                raise Throttled from error
            return None
        except (EndpointConnectionError, ConnectTimeoutError):
            self._avoided.add(request.endpoint)
            return None
        except (BotoCoreError, OSError, AttributeError, TypeError, ValueError, pickle.PicklingError):
            return None

    def places(self, like: Request, credentials: Credentials) -> Callable[[str], tuple[str, str]]:
        """Region and endpoint that a module has for a service, by those that it has for another."""
        if _make(like, credentials).meta.endpoint_url != like.endpoint:
            return lambda service: (like.region, like.endpoint)

        @functools.cache
        def place(service: str) -> tuple[str, str]:
            client = _make(dataclasses.replace(like, service=service), credentials)
            return client.meta.region_name, client.meta.endpoint_url

        return place

    def _client(self, request: Request, credentials: Credentials) -> Any:
        key = (request.service, request.region, request.endpoint, credentials.identity)
        with self._lock:
            if key not in self._made:
                plain = _make(request, credentials)
                if plain.meta.endpoint_url == request.endpoint:
                    self._made[key] = plain
                elif request.endpoint in self.named:
                    self._made[key] = _make(request, credentials, endpoint_url=request.endpoint)
                else:
                    self._avoided.add(request.endpoint)
                    return None
            return self._made[key]


def _make(request: Request, credentials: Credentials, **more: Any) -> Any:
    return botocore.session.Session().create_client(
        request.service,
        region_name=request.region,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        config=ONCE,
        **more,
    )


def take_network(environment: dict[str, str]) -> None:
    """Reach AWS as the run does: the fetcher, like the server, was started without the run's environment."""
    os.environ.update(environment)
