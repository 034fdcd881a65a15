"""What is kept between runs."""

from __future__ import annotations

import dataclasses
import os
import stat
from pathlib import Path

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead import record
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.request import Request

ENTRY = record.Entry(
    "shop", 0, 0, Request("ec2", "eu-west-1", "https://ec2.eu-west-1.amazonaws.com", "DescribeVpcs", '{"VpcIds": ["vpc-1"]}')
)


def test_a_record_comes_back_as_it_was_and_is_the_users_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    record.save(file, [ENTRY, ENTRY])
    assert record.load(file) == [ENTRY, ENTRY]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 1, "reads": []}', '{"version": 2, "reads": [{"host": "x"}]}', '{"version": 2}']
)
def test_what_is_not_understood_is_no_record(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    assert record.load(tmp_path / "a.json") == []
    assert record.load(tmp_path / "absent.json") == []


def test_runs_of_another_kind_have_another_record(tmp_path: Path) -> None:
    kinds = [(["inventory"], [None]), (["inventory"], ["a"]), (["other"], [None]), (["inventory", "other"], [None])]
    assert len({record.path(tmp_path, "", *kind) for kind in kinds}) == len(kinds)
    assert record.playbook(record.path(tmp_path, "site", *kinds[0])) == "site"


def test_old_records_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "KEPT", 2)
    for number in range(4):
        record.save(tmp_path / f"{number}.json", [ENTRY])
        os.utime(tmp_path / f"{number}.json", (number, number))
    record.save(tmp_path / "new.json", [ENTRY])
    assert {path.name for path in tmp_path.iterdir()} == {"3.json", "new.json"}


def entries(text: str, part: int = 0) -> list[record.Entry]:
    return [dataclasses.replace(ENTRY, part=part, request=dataclasses.replace(ENTRY.request, params=letter)) for letter in text]


def likely(found: list[record.Entry]) -> str:
    return "".join(entry.request.params for entry in found if entry.likely)


def test_what_a_run_without_writes_has_read_is_likely_to_be_read_again() -> None:
    assert likely(record.judged(entries("abca"), entries("x"), converges=False)) == "abca"


def test_of_a_run_that_has_written_what_two_runs_have_read_is_likely_and_as_often_as_both_have() -> None:
    both = entries("ab") + entries("cd", part=1)
    first = record.judged(both, [], converges=True)
    assert likely(first) == "abcd", "there is no other to compare it with"
    assert likely(record.judged(both, [], converges=False)) == "ab", "and after the first write a release has its own tasks"
    for converges in (True, False):
        second = record.judged(entries("a") + entries("dde", part=2), first, converges)
        assert likely(second) == "ad"
        third = record.judged(entries("aee", part=1), second, converges)
        assert likely(third) == "ae", "what was not likely is remembered all the same"
