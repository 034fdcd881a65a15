"""Trying a release out: against a real HTTP server that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._environment.description import SmokeTest
from ansible_collections.railyard.fargate.plugins.module_utils._release import deploy, smoke
from ansible_collections.railyard.fargate.plugins.module_utils._release.environment import Environment
from tests.support.names import names

Answers = list[tuple[int, str]]


class Site:
    def __init__(self) -> None:
        self.answers: Answers = []
        self.front: tuple[int, str] | None = (404, "")
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                if self.path == "/":
                    return self.front()
                status, body = site.answers.pop(0) if len(site.answers) > 1 else site.answers[0]
                self.send_response(status)
                if status == 301:
                    self.send_header("Location", "/production")
                self.end_headers()
                self.wfile.write(body.encode())

            def front(self) -> None:
                if site.front:
                    self.send_response(site.front[0])
                    self.send_header("Location", site.front[1])
                    self.end_headers()

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


ASKED = {"url": "http://shop-1.elb.amazonaws.com:8080/up", "status": 200, "https": False}
TO_HTTPS = "https://shop-1.elb.amazonaws.com:8080/up?token=x"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_https_that_nobody_answers_is_told_as_that(status: int) -> None:
    fault = str(smoke.judge(ASKED, status, "", TO_HTTPS))
    assert f"{TO_HTTPS.partition('?')[0]}, where nothing listens" in fault and "RAILS_FORCE_SSL" in fault and "token" not in fault
    assert "RAILS_FORCE_SSL" in str(smoke.judge({**ASKED, "status": status}, status, "", TO_HTTPS))
    assert smoke.judge({**ASKED, "status": status, "https": True}, status, "", TO_HTTPS) is None
    assert "RAILS_FORCE_SSL" not in str(smoke.judge(ASKED, status, "", "/login"))


@pytest.mark.parametrize("to", ["https://login.company.example/", "/login", "http://shop-1.elb.amazonaws.com/"])
def test_a_redirect_to_elsewhere_is_an_answer_like_others(to: str) -> None:
    assert smoke.judge({**ASKED, "status": 302}, 302, "", to) is None


@pytest.mark.parametrize(
    ("https", "to", "fails"), [(False, "https://127.0.0.1/", True), (True, "https://127.0.0.1/", False), (False, "/", False)]
)
def test_users_of_the_front_page_must_not_be_sent_where_nothing_listens(site: Site, https: bool, to: str, fails: bool) -> None:
    site.answers, site.front = [(200, "OK")], (301, to)
    if not fails:
        assert smoke.test(wanted(site, https=https))["status"] == 200
        return
    with pytest.raises(RailyardError, match=r"/ answers 301 and sends users to https://127\.0\.0\.1/, where nothing listens"):
        smoke.test(wanted(site, https=https))
    assert site.asked == ["/up", "/"] * 3


def test_a_front_page_that_does_not_answer_is_no_matter(site: Site) -> None:
    site.answers, site.front = [(200, "OK")], None
    assert smoke.test(wanted(site, https=False))["tries"] == 1


def test_smoke_test_repeats_until_the_answer_is_right(site: Site) -> None:
    site.answers = [(503, "not yet"), (200, "welcome"), (500, "never asked")]
    said: list[str] = []
    found = smoke.test(wanted(site, body="wel.ome"), said.append)
    assert (found["status"], found["tries"], len(site.asked)) == (200, 2, 2)
    assert "answers 503, not 200: not yet" in said[0] and said[1].endswith("answers 200")


@pytest.mark.parametrize(
    ("answer", "words"),
    [((500, "oh\n  no"), "answers 500, not 200: oh no"), ((200, "hello"), "nothing in it matches 'welcome'"), ((301, ""), "answers 301")],
)
def test_smoke_test_names_the_wrong_answer(answer: tuple[int, str], words: str, site: Site) -> None:
    site.answers = [answer]
    with pytest.raises(RailyardError) as error:
        smoke.test(wanted(site, body="welcome"))
    assert words in error.value.message and "failed 3 times" in error.value.message
    assert site.asked == ["/up"] * 3, "a redirect would lead to production"


def test_smoke_test_without_a_server_fails(site: Site) -> None:
    with pytest.raises(RailyardError, match=r"refused; is this machine allowed to reach the test listener \(vpc_alb_test_sources\)"):
        smoke.test(wanted(site, url="http://127.0.0.1:9/up", tries=1))


def test_smoke_test_uses_the_proxy(site: Site) -> None:
    site.answers = [(200, "welcome")]
    smoke.test(wanted(site, url="http://shop-production-1.eu-west-1.elb.amazonaws.com:8080/up", proxy=site.url.rpartition("/")[0]))
    assert site.asked == ["http://shop-production-1.eu-west-1.elb.amazonaws.com:8080/up"]


@pytest.mark.parametrize(
    ("declared", "protocols", "https"),
    [(None, ["HTTP", "HTTP"], False), (None, ["HTTP", "HTTPS"], True), (True, ["HTTP"], True), (False, ["HTTPS"], False)],
)
def test_whether_users_are_answered_by_https(declared: bool | None, protocols: list[str], https: bool) -> None:
    elb = boto3.client("elbv2", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    test: SmokeTest = {"port": 8080, "path": "/up", "https": declared}
    env = Environment(names(), {}, smoke=test)
    with Stubber(elb) as aws:
        aws.add_response("describe_load_balancers", {"LoadBalancers": [{"LoadBalancerArn": "arn", "DNSName": "shop-1.elb"}]})
        aws.add_response("describe_listeners", {"Listeners": [{"Protocol": protocol} for protocol in protocols]})
        release: Any = SimpleNamespace(env=env, clients={"elbv2": elb})
        asked = deploy.request_of(release, test)
        assert asked == {**test, "url": "http://shop-1.elb:8080/up", "https": https}
