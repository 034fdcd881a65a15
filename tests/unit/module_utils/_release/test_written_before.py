"""Records and locks that an earlier version has written are still read."""

from __future__ import annotations

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import lock, lock_state, record, rollback
from ansible_collections.railyard.fargate.plugins.module_utils._release.release_run import Order
from ansible_collections.railyard.fargate.plugins.module_utils._s3 import store
from tests.support import written
from tests.support.objects import BUCKET, Objects

LIVE = "sha256:9d08bbf3de2aaf916435bf48b831208b87d6ccd39d327ef824da3a3e838d3815"


@pytest.fixture(params=written.VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def s3(version: str) -> Objects:
    client = Objects()
    for key, value in written.objects(version).items():
        assert store.create(client, BUCKET, key, value)
    return client


def test_records_have_all_members(s3: Objects) -> None:
    found = record.recent(s3, BUCKET, 0)
    assert [(one["number"], one["kind"], one["status"], one["stage"]) for one in found] == [
        (2, "release", "succeeded", "keep"),
        (1, "release", "succeeded", None),
    ]
    assert all(set(one) == set(record.BLANK) for one in found)
    newest = found[0]
    assert newest["digest"] == LIVE and newest["deployment_id"] == "d-VTTZUEQAO" and newest["stages"]["workers"]["finished"]
    assert "user/moto" in newest.values(), "who has released"
    assert record.has_migrated(s3, BUCKET, LIVE) and record.unclosed(s3, BUCKET) == []


def test_rollback_finds_an_earlier_release(s3: Objects) -> None:
    found = record.recent(s3, BUCKET, 0)
    target = rollback.last_but_one(found, LIVE, [])
    assert target is not None and target["number"] == 1
    rollback.guard(Order(), found, target)


@pytest.mark.parametrize(("left_out", "told"), [(["kind", "token"], True), (["contract_unknown"], False), (["reason", "back_to"], False)])
def test_members_that_were_not_written_yet_are_as_when_nothing_is_known(version: str, left_out: list[str], told: bool) -> None:
    client = Objects()
    for key, value in written.objects(version).items():
        if key.startswith(record.PREFIX):
            store.create(
                client, BUCKET, key, {name: value[name] for name in value if name not in left_out} | ({"contract": ["1"]} if told else {})
            )
    found = record.recent(client, BUCKET, 0)
    names = [record.RENAMED.get(name, name) for name in left_out]
    assert all(one[name] == record.BLANK[name] for one in found for name in names)  # type: ignore[literal-required]
    target = rollback.last_but_one(found, LIVE, [])
    assert target is not None and target["number"] == 1
    if told:
        with pytest.raises(RailyardError, match="release 1 does not know migrations 1"):
            rollback.guard(Order(), found, target)
    else:
        rollback.guard(Order(), found, target)


def test_a_lock_is_shown_and_taken_over_with_what_is_noted(s3: Objects) -> None:
    shown = lock.find(s3, BUCKET)
    assert shown is not None and (shown["status"], shown["host"], shown["release"]) == ("held", "laptop", 2)
    assert "user/moto" in shown.values()
    s3.advance(lock_state.STALE)
    taken = lock.acquire(s3, BUCKET, "deborah", "releasing")
    assert taken.left is not None and taken.value["release"] == 2
    assert taken.value["scaling"] is not None and taken.value["scaling"]["web"]["suspended"]["DynamicScalingInSuspended"] is False
