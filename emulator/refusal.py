"""AWS's answer to a request that it does not accept, and how it is written where no operation is known to write it for."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape


class Refusal(Exception):
    """AWS's answer to a request that it does not accept: `code` and `message` as AWS words them."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        for name, value in members.items():
            setattr(self, name, value)


class Unread(Refusal):
    """A request that could not be read. `protocol` is the one in which its sender expects the answer."""

    def __init__(self, code: str, message: str, *, service: str, operation: str, protocol: str) -> None:
        super().__init__(code, message)
        self.service = service
        self.operation = operation
        self.protocol = protocol


def plain(refusal: Unread) -> tuple[dict[str, str], bytes]:
    """Headers and body of a refusal in its sender's protocol."""
    code, message = refusal.code, refusal.message
    if refusal.protocol == "smithy-rpc-v2-cbor":
        text = b"\xa2" + b"".join(_cbor(part) for part in ("__type", code, "message", message))
        return {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, text
    if refusal.protocol in ("json", "rest-json"):
        body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
        return {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}, body
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if refusal.protocol == "ec2":
        xml = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>-</RequestID></Response>"
    elif refusal.service == "s3":
        xml = f"<Error>{error}</Error>"
    else:
        xml = f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>-</RequestId></ErrorResponse>"
    return {"Content-Type": "text/xml"}, xml.encode()


def _cbor(text: str) -> bytes:
    """A text of less than 64 KiB in CBOR (RFC 8949, major type 3)."""
    data = text.encode()
    return b"\x79" + len(data).to_bytes(2, "big") + data
