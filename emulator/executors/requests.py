"""A user's request to a program that runs, as an Application Load Balancer passes it on.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html. Each has a connection of its own: what a load
balancer does with connections that it keeps is not seen here.
"""

from __future__ import annotations

import http.client
import os
import time
from typing import Any

from ..wire import Answer

# Hop by hop (RFC 9110, 7.6.1), and what this server writes itself.
NOT_PASSED = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "date",
    "set-cookie",
}
IDLE = 60.0


def forward(address: tuple[str, int], environ: dict[str, Any], path: str, protocol: str, port: int) -> Answer:
    """Answer a request by the program at `address`. `protocol` and `port` are the listener's."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    connection = http.client.HTTPConnection(*address, timeout=IDLE)
    try:
        connection.request(environ["REQUEST_METHOD"], path, body, _headers(environ, protocol, port))
        answer = connection.getresponse()
        content = answer.read()
    except TimeoutError:
        return Answer(504, {"Content-Type": "text/plain", "Server": "awselb/2.0"}, b"504 Gateway Time-out")
    except (OSError, http.client.HTTPException):
        return Answer(502, {"Content-Type": "text/plain", "Server": "awselb/2.0"}, b"502 Bad Gateway")
    finally:
        connection.close()
    headers = {name: value for name, value in answer.getheaders() if name.lower() not in NOT_PASSED}
    return Answer(answer.status, headers, content, tuple(answer.headers.get_all("Set-Cookie", [])))


def _headers(environ: dict[str, Any], protocol: str, port: int) -> dict[str, str]:
    given = {name[5:].replace("_", "-").title(): str(value) for name, value in environ.items() if name.startswith("HTTP_")}
    headers = {name: value for name, value in given.items() if name.lower() not in NOT_PASSED}
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    before = [headers["X-Forwarded-For"]] if "X-Forwarded-For" in headers else []
    own = {
        "X-Forwarded-For": ", ".join([*before, environ.get("REMOTE_ADDR", "127.0.0.1")]),
        "X-Forwarded-Proto": protocol.lower(),
        "X-Forwarded-Port": str(port),
    }
    return {"X-Amzn-Trace-Id": f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()}", **headers, **own}
