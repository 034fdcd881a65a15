"""The emulator's own door, under `/_emulator/`: proof of identity, time, journal, scripts of tasks, images, reset.

Everything but `identity` wants the token of the state file in the header `X-Emulator-Token`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from . import images, journal, tasks, world
from .wire import Answer

PREFIX = "/_emulator/"
_token = ""


def set_token(token: str) -> None:
    global _token
    _token = token


def proof(token: str, challenge: str) -> str:
    """What only a server that knows `token` can say to `challenge`."""
    return hmac.new(token.encode(), challenge.encode(), hashlib.sha256).hexdigest()


def answer(environ: dict[str, Any]) -> Answer:
    name = environ["PATH_INFO"].removeprefix(PREFIX)
    query = {key: values[0] for key, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    if name == "identity":
        return _json({"proof": proof(_token, query.get("challenge", ""))})
    if not hmac.compare_digest(environ.get("HTTP_X_EMULATOR_TOKEN", ""), _token):
        return _json({"error": "this door wants the token of the emulator's state file"}, 403)
    if name not in DOORS:
        return _json({"error": f"no such door; there are {', '.join(sorted(DOORS))}"}, 404)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = json.loads(environ["wsgi.input"].read(length) or b"{}")
    with world.lock:
        return _json(DOORS[name]({**query, **body}))


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(value, default=str).encode())


def _advance(wanted: dict[str, Any]) -> Any:
    world.clock.advance(float(wanted["seconds"]))
    world.clock.run_due()
    return {"now": world.clock.now()}


def _speed(wanted: dict[str, Any]) -> Any:
    world.clock.speed = float(wanted["factor"])
    return {"speed": world.clock.speed}


def _reset(_: dict[str, Any]) -> Any:
    world.reset()
    journal.clear()
    return {"reset": True}


DOORS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "advance": _advance,
    "speed": _speed,
    "reset": _reset,
    "journal": lambda wanted: journal.entries(int(wanted.get("since", 0))),
    "images": lambda wanted: images.hold(wanted["repository"], wanted.get("tag", "made-up")),
    "scripts": lambda wanted: tasks.script(**wanted),
}
