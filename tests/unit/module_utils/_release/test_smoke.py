"""Trying a release out: against a real HTTP server that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import smoke

Answers = list[tuple[int, str]]


class Site:
    def __init__(self) -> None:
        self.answers: Answers = []
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                status, body = site.answers.pop(0) if len(site.answers) > 1 else site.answers[0]
                self.send_response(status)
                if status == 301:
                    self.send_header("Location", "/production")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_words: Any) -> None:
                return None

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/up"


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def wanted(site: Site, **changes: Any) -> dict[str, Any]:
    return {"url": site.url, "status": 200, "body": None, "tries": 3, "pause": 0, "timeout": 5, "proxy": None, **changes}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_https_that_nobody_answers_is_told_as_that(status: int) -> None:
    asked = {"status": 200, "https": False}
    fault = str(smoke.judge(asked, status, "", "https://shop.example.com/up?token=x"))
    assert "https://shop.example.com/up, where nothing listens" in fault and "RAILS_FORCE_SSL" in fault and "token" not in fault
    assert "RAILS_FORCE_SSL" in str(smoke.judge({**asked, "status": status}, status, "", "https://shop.example.com/up"))
    assert smoke.judge({"status": status, "https": True}, status, "", "https://shop.example.com/up") is None
    assert "RAILS_FORCE_SSL" not in str(smoke.judge(asked, status, "", "/login"))


def test_it_asks_until_the_answer_is_right(site: Site) -> None:
    site.answers = [(503, "not yet"), (200, "welcome"), (500, "never asked")]
    said: list[str] = []
    found = smoke.test(wanted(site, body="wel.ome"), said.append)
    assert (found["status"], found["tries"], len(site.asked)) == (200, 2, 2)
    assert "answers 503, not 200: not yet" in said[0] and said[1].endswith("answers 200")


@pytest.mark.parametrize(
    ("answer", "words"),
    [((500, "oh\n  no"), "answers 500, not 200: oh no"), ((200, "hello"), "nothing in it matches 'welcome'"), ((301, ""), "answers 301")],
)
def test_what_is_wrong_is_said(answer: tuple[int, str], words: str, site: Site) -> None:
    site.answers = [answer]
    with pytest.raises(RailyardError) as error:
        smoke.test(wanted(site, body="welcome"))
    assert words in error.value.message and "failed 3 times" in error.value.message
    assert site.asked == ["/up"] * 3, "a redirect would lead to production"


def test_nobody_there(site: Site) -> None:
    with pytest.raises(RailyardError, match=r"refused; is this machine allowed to reach the test listener \(vpc_alb_test_sources\)"):
        smoke.test(wanted(site, url="http://127.0.0.1:9/up", tries=1))


def test_through_a_proxy(site: Site) -> None:
    site.answers = [(200, "welcome")]
    smoke.test(wanted(site, url="http://shop-production-1.eu-west-1.elb.amazonaws.com:8080/up", proxy=site.url.rpartition("/")[0]))
    assert site.asked == ["http://shop-production-1.eu-west-1.elb.amazonaws.com:8080/up"]
