"""One request from beginning to end."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Iterable
from http.client import responses
from typing import Any
from urllib.parse import quote

from . import control, docker_registry, faults, journal, latency, models, registry, router, world
from .callers import judge, trail
from .refusal import Refusal, Unread, plain
from .services.ecr import layers
from .wire import Answer, Call, decode, encode, read

# The only place that knows the product: it registers itself with the others.
registry.load("emulator.services", "emulator.rules", "emulator.product")
# AWS's models do not list every error that AWS sends; moto warns of each that they lack.
SAFE = "/:@!$&'()*+,;=~"
warnings.filterwarnings("ignore", message="Exception.* does not match an error shape")


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The WSGI application."""
    answer = _answered(environ)
    length = str(len(answer.body))
    if environ["REQUEST_METHOD"] == "HEAD":
        length = answer.headers.get("Content-Length", length)
    headers = {**answer.headers, "Content-Length": length}
    start_response(
        f"{answer.status} {responses.get(answer.status, 'Unknown')}",
        [*headers.items(), *(("Set-Cookie", cookie) for cookie in answer.cookies)],
    )
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]


def through(place: str, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The same for whoever is at a load balancer already, and does not name it: `place` is its scheme, name and port."""
    query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
    return application({**environ, "REQUEST_URI": f"{place}{quote(environ['PATH_INFO'], safe=SAFE)}{query}"}, start_response)


def _answered(environ: dict[str, Any]) -> Answer:
    if docker_registry.asked(environ):
        return docker_registry.answer(environ, serve)
    if router.asked(environ):
        return router.answer(environ)
    if layers.asked(environ):
        return layers.download(environ)
    return control.answer(environ) if environ["PATH_INFO"].startswith(control.PREFIX) else serve(environ)


def serve(environ: dict[str, Any]) -> Answer:
    try:
        call = read(environ)
    except Unread as refusal:
        with journal.record(refusal.service, refusal.operation) as entry, latency.at_least(refusal.service, refusal.operation):
            entry.status, entry.error = refusal.status, refusal.code
        return Answer(refusal.status, *plain(refusal))
    with journal.record(call.service, call.operation) as entry, latency.at_least(call.service, call.operation):
        if not entry.write:
            entry.request = journal.fingerprint(call.params, call.account, call.region)
        with world.lock:
            answer = faults.around(call, entry, _answer)
            if entry.write:
                trail.note(call, entry.error)
        entry.status = answer.status
    return answer


def _answer(call: Call) -> tuple[Answer, str]:
    try:
        world.clock.run_due()
        models.check(call)
        judge.check(call)
        for rule in registry.rules[call.service, call.operation]:
            if (refusal := rule.check(call)) is not None:
                raise refusal
        handler = registry.handlers.get((call.service, call.operation))
        if handler is None:
            answer = world.ask_moto(call)
            return answer, _code(call, answer)
        return encode(call, handler(call)), ""
    except Refusal as refusal:
        return encode(call, refusal), refusal.code
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        failure = Refusal("InternalFailure", f"the emulator failed in {call.service}:{call.operation}: {error!r}", 500)
        return encode(call, failure), failure.code


def _code(call: Call, answer: Answer) -> str:
    if answer.status < 400:
        return ""
    try:
        decode(call, answer)
    except Refusal as refusal:
        return refusal.code
    return str(answer.status)
