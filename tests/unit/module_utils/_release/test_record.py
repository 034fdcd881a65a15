"""Records of releases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import record
from tests.support.objects import BUCKET, Objects


@pytest.fixture
def s3() -> Objects:
    return Objects()


def release(number: int, status: str = "succeeded", **more: Any) -> record.Release:
    return {**record.BLANK, "number": number, "status": status, **more}


def test_a_release_is_opened_changed_and_found(s3: Objects) -> None:
    opened = record.open_release(s3, BUCKET, image="shop@sha256:11", requested_by="deborah")
    assert opened.value["number"] == 1 and opened.value["status"] == "running" and opened.value["started_at"]
    assert set(opened.value) == set(record.BLANK) and list(s3.stored) == ["releases/00000001.json"]
    changed = record.update(s3, BUCKET, opened, deployment_id="d-1")
    found = record.find(s3, BUCKET, 1)
    assert found is not None and found.value == changed.value == {**opened.value, "deployment_id": "d-1"}
    assert record.find(s3, BUCKET, 2) is None


# As version 0.1.0 has written it before its members had the names of this version.
OLD_RECORD = b"""{"number": 7, "kind": "migration", "status": "running", "stage": null, "image": "shop@sha256:11", "digest": "sha256:11",
"commit": null, "task_definitions": {}, "schema_before": "20260101", "schema_after": "20260202", "contract": ["20260202"],
"contract_unknown": true, "who": "deborah", "reason": "legacy column", "back_to": null, "token": "7-sha256:11", "started_at":
"2026-01-31T09:00:00+00:00", "finished_at": null, "engine": null, "deployment_id": null, "result": null, "stages": {}}"""


def test_record_of_an_earlier_version_is_read_and_updated(s3: Objects) -> None:
    s3.put_object(Bucket=BUCKET, Key=record.key(7), Body=OLD_RECORD)
    found = record.find(s3, BUCKET, 7)
    assert found is not None and set(found.value) == set(record.BLANK)
    assert (found.value["destructive_migrations"], found.value["destructive_migrations_unknown"]) == (["20260202"], True)
    assert found.value["requested_by"] == "deborah"
    assert record.destructive_since(record.recent(s3, BUCKET), 1) == ["20260202"] and record.unclosed(s3, BUCKET)
    ended = record.update(s3, BUCKET, found, **record.ended(found.value, "failed", "interrupted"))
    assert record.recent(s3, BUCKET) == [ended.value] and set(ended.value) == set(record.BLANK)


def test_two_at_once_get_two_numbers(s3: Objects) -> None:
    record.open_release(s3, BUCKET)
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: record.open_release(s3, BUCKET).value["number"], range(8)))
    assert sorted(numbers) == [2, 3, 4, 5, 6, 7, 8, 9] == sorted(record.numbers(s3, BUCKET))[1:]


def test_a_lost_reply_opens_one_release(s3: Objects) -> None:
    s3.lose()
    assert record.open_release(s3, BUCKET).value["number"] == 1 and len(s3.stored) == 1


def test_only_one_writes_a_record(s3: Objects) -> None:
    opened = record.open_release(s3, BUCKET)
    record.update(s3, BUCKET, opened, status="failed")
    with pytest.raises(RailyardError, match="somebody else has changed the record of release 1"):
        record.update(s3, BUCKET, opened, status="succeeded")
    writes = s3.writes
    assert record.update(s3, BUCKET, opened, status="running") is opened and s3.writes == writes


@pytest.mark.parametrize("wrong", [{"colour": "blue"}, {"status": "fine"}])
def test_a_release_has_nothing_else(s3: Objects, wrong: dict[str, str]) -> None:
    with pytest.raises(RailyardError, match="a release has no"):
        record.open_release(s3, BUCKET, **wrong)
    assert s3.writes == 0


def test_stages_follow_each_other(s3: Objects) -> None:
    value = release(1, "running")
    value |= record.entered(value, "migrate", "1:00")
    value |= record.entered(value, "deploy", "2:00")
    value |= record.ended(value, "failed", "a task stopped", "3:00")
    assert value["stages"] == {"migrate": {"started": "1:00", "finished": "2:00"}, "deploy": {"started": "2:00", "finished": "3:00"}}
    assert (value["stage"], value["status"], value["result"], value["finished_at"]) == ("deploy", "failed", "a task stopped", "3:00")


def test_the_newest_come_first_and_are_not_more_than_asked(s3: Objects) -> None:
    assert record.recent(s3, BUCKET) == []
    for _ in range(12):
        record.open_release(s3, BUCKET)
    s3.put_object(Bucket=BUCKET, Key="releases/notes.txt", Body=b"not ours")
    assert [each["number"] for each in record.recent(s3, BUCKET, 3)] == [12, 11, 10]
    assert len(record.recent(s3, BUCKET, 0)) == 12


def test_a_record_of_an_earlier_version_has_all_members(s3: Objects) -> None:
    s3.put_object(Bucket=BUCKET, Key=record.key(1), Body=b'{"number": 1}')
    assert record.recent(s3, BUCKET) == [release(1, "running")]


def test_destructive_migrations_since_a_release() -> None:
    records = [
        release(5, "failed", destructive_migrations=["5a"]),
        release(4, destructive_migrations=["4a", "4b"]),
        release(3, "rolled_back"),
        release(2, destructive_migrations=["2a", "4a"]),
        release(1, destructive_migrations=["1a"]),
    ]
    assert record.destructive_since(records, 5) == []
    assert record.destructive_since(records, 4) == ["5a"]
    assert record.destructive_since(records, 2) == ["4a", "4b", "5a"]
    assert record.destructive_since(records, 1) == ["2a", "4a", "4b", "5a"]


def test_migrations_have_numbers_among_releases(s3: Objects) -> None:
    record.open_release(s3, BUCKET, digest="a", status="succeeded", stage="keep", stages={"migrate": {}})
    record.open_release(s3, BUCKET, digest="b", status="running", stage="migrate", stages={"migrate": {}})
    record.open_release(s3, BUCKET, kind=record.MIGRATION, digest="c", status="succeeded")
    record.open_release(s3, BUCKET, kind=record.MIGRATION, digest="d")
    assert [found.value["number"] for found in record.unclosed(s3, BUCKET)] == [4, 2]
    assert [item["number"] for item in record.releases(record.recent(s3, BUCKET))] == [2, 1]
    assert {digest: record.has_migrated(s3, BUCKET, digest) for digest in "abcd"} == {"a": True, "b": False, "c": True, "d": False}
    with pytest.raises(RailyardError, match="a release has no"):
        record.open_release(s3, BUCKET, kind="holiday")


def test_a_release_that_left_the_database_alone_has_migrated_nothing() -> None:
    assert not record.migrated(release(1, stage="keep", stages={"configure": {}, "keep": {}}))
    assert not record.migrated(release(1, back_to=3, stage="keep"))
    assert not record.migrated(release(1, "failed", stage="migrate", stages={"migrate": {"finished": "2026-01-01"}}))
