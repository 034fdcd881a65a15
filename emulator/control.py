"""The control endpoints, under `/_emulator/`: identity, time, latency, faults, journal, reset, fork, and those that others register.

Everything but `identity` wants the token of the state file in the header `X-Emulator-Token`.
"""

from __future__ import annotations

import hmac
import json
import math
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from . import executors, faults, journal, latency, stale_reads, world
from .process import proof
from .registry import control_endpoint, control_endpoints
from .wire import Answer

PREFIX = "/_emulator/"
Serve = Callable[[Path, int, int], None]
_token = ""
_serve: Serve


def begin(token: str, serve: Serve) -> None:
    """Answer those who know `token`. A fork serves with `serve`: its state file, port and parent."""
    global _token, _serve
    _token, _serve = token, serve


def answer(environ: dict[str, Any]) -> Answer:
    name = environ["PATH_INFO"].removeprefix(PREFIX)
    query = {key: values[0] for key, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    if name == "identity":
        return _json({"proof": proof(_token, query.get("challenge", "")), "speed": world.clock.speed, "latency": latency.on()})
    if not hmac.compare_digest(environ.get("HTTP_X_EMULATOR_TOKEN", ""), _token):
        return _json({"error": "this endpoint wants the token of the emulator's state file"}, 403)
    if name not in control_endpoints:
        return _json({"error": f"no such endpoint; there are {', '.join(sorted(control_endpoints))}"}, 404)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    try:
        body = json.loads(environ["wsgi.input"].read(length) or b"{}")
        with world.lock:
            return _json(control_endpoints[name]({**query, **body}))
    except (KeyError, TypeError, ValueError) as error:
        return _json({"error": f"{name} cannot be asked like this: {error!r}"}, 400)


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(value, default=str).encode())


@control_endpoint("advance")
def _advance(wanted: dict[str, Any]) -> Any:
    seconds = float(wanted["seconds"])
    if not 0 <= seconds < math.inf:
        raise ValueError("time only goes forward")
    goal = world.clock.now() + seconds / world.clock.speed
    world.clock.advance(seconds)
    world.clock.run_due()
    while world.clock.held:
        world.pause()
        world.clock.run_due()
        if not world.clock.held:
            world.clock.reach(goal)
            world.clock.run_due()
    return {"now": world.clock.now()}


@control_endpoint("speed")
def _speed(wanted: dict[str, Any]) -> Any:
    factor = float(wanted["factor"])
    if not 0 < factor < math.inf:
        raise ValueError("a speed is more than 0")
    before, world.clock.speed = world.clock.speed, factor
    return {"speed": world.clock.speed, "before": before}


@control_endpoint("latency")
def _latency(wanted: dict[str, Any]) -> Any:
    latency.use(wanted["table"], int(wanted.get("seed", 0)))
    return {"latency": latency.on()}


@control_endpoint("faults")
def _faults(wanted: dict[str, Any]) -> Any:
    faults.use(wanted["faults"], int(wanted.get("seed", 0)))
    return {"faults": len(wanted["faults"])}


@control_endpoint("reset")
def _reset(_: dict[str, Any]) -> Any:
    world.reset()
    journal.clear()
    latency.again()
    faults.use([])
    return {"reset": True}


@control_endpoint("fork")
def _fork(wanted: dict[str, Any]) -> Any:
    if executors.alive():
        raise ValueError("programs run in this emulator, and a copy would have none")
    """A process of its own with a copy of this AWS. It is nobody's child, so that nobody has to wait for its end."""
    with journal.quiet():
        child = os.fork()
        if not child and not os.fork():
            _begin_anew(Path(wanted["path"]), int(wanted.get("parent", 0)))
        if not child:
            os._exit(0)
    os.waitpid(child, 0)
    return {"forked": True}


def _begin_anew(path: Path, parent: int) -> None:
    """Be an emulator beside the one this was: none of its connections, and locks that nobody holds."""
    try:
        stale_reads.leave()
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        world.lock = threading.RLock()
        journal.begin_anew()
        _serve(path, 0, parent)
    finally:
        os._exit(1)


@control_endpoint("journal")
def _journal(wanted: dict[str, Any]) -> Any:
    return journal.entries(int(wanted.get("since", 0)))
