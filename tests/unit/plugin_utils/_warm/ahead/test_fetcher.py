"""Hosts of one run: what one writes ends what was read for all, and each has what is still to come read again."""

from __future__ import annotations

import pickle
import threading
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead import aws, record
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.fetcher import Fetcher
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.request import Credentials, Request
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.writes import Slot, Writes

HOSTS = [f"host{number}" for number in range(10)]
READS = 20
CREDENTIALS = Credentials("key", "secret", None)


def read(host: str, number: int) -> Request:
    return Request("logs", "eu-west-1", "https://logs.eu-west-1.amazonaws.com", "DescribeLogGroups", f"{host} {number}")


@pytest.fixture
def fetcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetcher:
    """Of a run whose record has all hosts' reads, one of each in turn. AWS answers with how often it was asked."""
    asked: Counter[str] = Counter()

    def answer(_clients: aws.Clients, request: Request, _credentials: Credentials) -> aws.Answer:
        asked[request.params] += 1
        said = str(asked[request.params]).encode()
        return aws.Answer(said, said)

    monkeypatch.setattr(aws.Clients, "read", answer)
    record.save(tmp_path / "record", [record.Entry(host, 0, 0, read(host, number)) for number in range(READS) for host in HOSTS])
    made = Fetcher(tmp_path / "record", Writes())
    for _number in range(4):
        threading.Thread(target=made.read, daemon=True).start()
    return made


def ahead(fetcher: Fetcher) -> set[str]:
    """What waits to be asked for, or is about to be read."""
    return {request.params for (request, _identity), entries in fetcher.cache._entries.items() if entries}


def test_one_environment_that_changes_does_not_leave_the_others_without_what_is_read_ahead(fetcher: Fetcher) -> None:
    for number in range(READS - 1):
        if number in (5, 10):
            with Slot(fetcher.writes, 1).writing():
                pass
        for host in HOSTS:
            answer = fetcher.ask(host, read(host, number), CREDENTIALS, {})
            assert answer == (b"1" if number < 5 else b"2" if number < 10 else answer), "read again after each write, and not before"
            assert read(host, number + 1).params in ahead(fetcher)
        if number == 10:
            assert {read(host, number + 4).params for host in HOSTS} <= ahead(fetcher), "each has a window of its own"


def test_while_one_writes_all_read_for_themselves(fetcher: Fetcher) -> None:
    fetcher.ask("host0", read("host0", 0), CREDENTIALS, {})
    with Slot(fetcher.writes, 1).writing():
        assert [fetcher.ask(host, read(host, 1), CREDENTIALS, {}) for host in HOSTS] == [None] * len(HOSTS)


def test_what_runs_beside_the_server_is_a_write_from_its_beginning_to_its_end(fetcher: Fetcher) -> None:
    before = fetcher.writes.state()
    fetcher.begins("one")
    fetcher.begins("other")
    fetcher.ends("one")
    assert fetcher.writes.state() is None
    fetcher.ends("other")
    after = fetcher.writes.state()
    assert after not in (None, before)
    fetcher.changed()
    assert fetcher.writes.state() not in (None, before, after)


SECRET = Request("ssm", "eu-west-1", "https://aws", "DescribeParameters", '{"Values": ["/shop/local/KEY"]}')
SERVICE = Request("ecs", "eu-west-1", "https://aws", "DescribeServices", '{"cluster": "shop-local"}')


def asks(fetcher: Fetcher, request: Request, answered: bool = True) -> None:
    fetcher.ask("host", request, CREDENTIALS, {})
    fetcher.note("host", request, CREDENTIALS.identity, answered)


@pytest.mark.parametrize(
    ("file", "happens", "planned"),
    [
        ("site.json", "", True),
        ("deploy.json", "", False),
        ("site.json", "there is no such cluster", False),
        ("site.json", "the run has written", False),
        ("site.json", "nobody knows the account", False),
    ],
)
def test_without_a_record_an_environment_that_is_there_is_read_ahead(
    file: str, happens: str, planned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = aws.Answer(b"", pickle.dumps({"Account": "210987654321"}))
    monkeypatch.setattr(aws.Clients, "read", lambda *_: None if "account" in happens else said)
    monkeypatch.setattr(aws.Clients, "places", lambda *_: lambda service: ("eu-west-1", f"https://{service}"))
    made = Fetcher(tmp_path / file, Writes())
    monkeypatch.setattr(threading, "Thread", lambda target, args, daemon: SimpleNamespace(start=lambda: target(*args)))
    asks(made, SECRET)
    if "written" in happens:
        with Slot(made.writes, 1).writing():
            pass
    asks(made, SERVICE, answered="no such" not in happens)
    queued = {(entry.key[0].service, entry.key[0].endpoint, entry.key[0].params) for entry in made.cache._queue}
    assert bool(queued) == planned
    if planned:
        assert ("s3", "https://s3", '{"Bucket": "shop-local-releases-210987654321"}') in queued
        assert made.ask("host", Request("iam", "eu-west-1", "https://iam", "GetRole", '{"RoleName": "other"}'), CREDENTIALS, {}) is None
