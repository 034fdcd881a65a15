"""Sessions of roles that services begin for real programs of theirs: keys with which those programs ask this AWS.

Whoever asks with such a key is judged, also while the authority judges nobody else. A session is heard by whoever began it.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass

from ... import registry, world
from ...wire import Call

Heard = Callable[[Call], None]
_heard: dict[str, Heard] = {}


@dataclass(frozen=True)
class Keys:
    access_key: str
    secret_key: str
    token: str

    def environment(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key, "AWS_SESSION_TOKEN": self.token}


def begin(call: Call, role_arn: str, name: str, heard: Heard) -> Keys:
    """Keys of a session of a role, which the caller has asked whether it can be assumed. `heard` is told each request."""
    # moto gives a key that does not tell its account.
    backend = world.backend("sts", call)
    given = world.aws(call, "sts", "AssumeRole", RoleArn=role_arn, RoleSessionName=name)["Credentials"]
    made = backend.get_assumed_role_from_access_key(given["AccessKeyId"])
    made.access_key_id = _key(call.account)
    _heard[made.access_key_id] = heard
    return Keys(made.access_key_id, made.secret_access_key, made.session_token)


def _key(account: str) -> str:
    while True:
        key = f"ASIA{account}{''.join(secrets.choice(string.ascii_uppercase) for _ in range(4))}"
        if key not in _heard:
            return key


def end(keys: Keys) -> None:
    """Nobody hears it any more; it is judged as before."""
    _heard[keys.access_key] = lambda call: None


def told(key: str, call: Call) -> bool:
    """Whether a request comes with such a key; whoever began its session is told."""
    heard = _heard.get(key)
    if heard is not None:
        heard(call)
    return heard is not None


@registry.on_reset
def _forget() -> None:
    _heard.clear()
