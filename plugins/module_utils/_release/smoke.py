# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trying a release out on the test listener, before it gets any of the production traffic."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .._core import interruption
from .._core.errors import RailyardError
from .._core.progress import Say
from .._environment.description import SmokeRequest

# As much of an answer as is looked at and shown.
MOST = 1 << 20
SHOWN = 300
UNREACHED = "; is this machine allowed to reach the test listener (vpc_alb_test_sources)?"
NO_HTTPS = (
    'the load balancer has no HTTPS listener yet; RAILS_FORCE_SSL: "0" in railyard_variables keeps Rails from it; '
    "where something before the load balancer answers by https, say railyard_smoke: {https: true}"
)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, not a way: the test listener's would lead to production."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def test(wanted: SmokeRequest, say: Say = lambda line: None, heartbeat: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Ask until an answer is as wanted, `tries` times at most; returns that answer: {url, status, seconds, tries}.

    Where nothing answers by https, users must not be sent there from / either: Rails leaves its health path out of what it redirects.
    Raises RailyardError with the last answer.
    """
    last, hint = "no answer", UNREACHED
    for number in range(1, wanted["tries"] + 1):
        heartbeat()
        began = time.monotonic()
        try:
            status, body, location = _get(wanted)
        except OSError as error:
            last, hint = str(getattr(error, "reason", error)), UNREACHED
        else:
            fault, hint = judge(wanted, status, body, location) or _front(wanted), ""
            if fault is None:
                say(f"smoke test: {wanted['url']} answers {status}")
                return {"url": wanted["url"], "status": status, "seconds": round(time.monotonic() - began, 3), "tries": number}
            last = fault
        say(f"smoke test {number} of {wanted['tries']}: {last}")
        if number < wanted["tries"]:
            interruption.sleep(wanted["pause"])
    raise RailyardError(f"the smoke test of {wanted['url']} failed {wanted['tries']} times, the last time: {last}{hint}")


def judge(wanted: SmokeRequest, status: int, body: str, location: str = "") -> str | None:
    """What is wrong with an answer, None when it is as wanted. Pure."""
    if leads_nowhere(wanted, status, location):
        return f"answers {status} and sends users to {location.partition('?')[0]}, where nothing listens: {NO_HTTPS}"
    if status != wanted["status"]:
        return f"answers {status}, not {wanted['status']}: {_short(body)}"
    if (pattern := wanted.get("body")) and not re.search(pattern, body):
        return f"answers {status}, but nothing in it matches {pattern!r}: {_short(body)}"
    return None


def leads_nowhere(wanted: SmokeRequest, status: int, location: str) -> bool:
    """Whether an answer sends users to HTTPS of the load balancer that they have asked, and it has none. Pure.

    https://api.rubyonrails.org/classes/ActionDispatch/SSL.html
    """
    to = urlsplit(location)
    there = to.scheme == "https" and to.hostname == urlsplit(wanted["url"]).hostname
    return 300 <= status < 400 and there and wanted.get("https") is False


def _front(wanted: SmokeRequest) -> str | None:
    """What is wrong with a redirect that / answers; whatever else it answers, or that it does not, is no matter here."""
    if wanted.get("https") is not False:
        return None
    try:
        status, _body, location = _get({**wanted, "url": urlsplit(wanted["url"])._replace(path="/", query="").geturl()})
    except OSError:
        return None
    return f"/ {judge(wanted, status, '', location)}" if leads_nowhere(wanted, status, location) else None


def _get(wanted: SmokeRequest) -> tuple[int, str, str]:
    """Status, body, and where a redirect leads."""
    proxy = wanted.get("proxy")
    proxies = {"http": proxy, "https": proxy} if proxy else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies), _NoRedirect)
    request = urllib.request.Request(wanted["url"], headers={"User-Agent": "railyard-smoke-test"})
    try:
        with opener.open(request, timeout=wanted["timeout"]) as answer:
            return answer.status, answer.read(MOST).decode(errors="replace"), ""
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read(MOST).decode(errors="replace"), answer.headers.get("Location") or ""


def _short(body: str) -> str:
    text = " ".join(body.split())
    return text[:SHOWN] + ("…" if len(text) > SHOWN else "") or "an empty body"
