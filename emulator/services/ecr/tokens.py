"""ECR: passwords of its registry. Each is that of whoever asked for it, for twelve hours.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
"""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import Any

from ... import registry, world
from ...registry import operation
from ...wire import Call, credential_scope

EXPIRES = 12 * 3600
_keys: dict[str, str] = {}


@operation("ecr", "GetAuthorizationToken")
def get_authorization_token(call: Call) -> dict[str, Any]:
    accounts = call.params.get("registryIds") or [call.account]
    password = f"{call.account}-auth-token-{secrets.token_hex(8)}"
    _keys[password] = (credential_scope(call.environ) or ("",))[0]
    world.clock.after(EXPIRES, lambda: _forget_one(password))
    token = base64.b64encode(f"AWS:{password}".encode()).decode()
    expires = world.clock.utc() + timedelta(seconds=EXPIRES)
    return {
        "authorizationData": [
            {"authorizationToken": token, "expiresAt": expires, "proxyEndpoint": f"https://{each}.dkr.ecr.{call.region}.amazonaws.com"}
            for each in accounts
        ]
    }


def key(password: str) -> str | None:
    """The access key of whoever asked for a password; None when it is none, or is over."""
    return _keys.get(password)


def _forget_one(password: str) -> None:
    _keys.pop(password, None)


@registry.on_reset
def _forget() -> None:
    _keys.clear()
