"""Conditional writes: who was faster, and whose own write it was."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._s3 import store
from tests.support.objects import BUCKET, Objects, refusal

KEY = "lock.json"


@pytest.fixture
def s3() -> Objects:
    return Objects()


def made(s3: Objects, **value: Any) -> store.Stored:
    stored = store.create(s3, BUCKET, KEY, value)
    assert stored is not None
    return stored


def value(s3: Objects) -> dict[str, Any] | None:
    stored = store.read(s3, BUCKET, KEY)
    return stored.value if stored else None


def test_what_is_written_is_read_with_s3s_own_times(s3: Objects) -> None:
    assert store.read(s3, BUCKET, KEY) is None
    stored = made(s3, owner="a")
    assert stored.age == 0
    s3.advance(42)
    read = store.read(s3, BUCKET, KEY)
    assert read is not None and (read.value, read.etag, read.age) == ({"owner": "a"}, stored.etag, 42)


def test_the_second_one_is_told_that_somebody_was_faster(s3: Objects) -> None:
    first = made(s3, owner="a")
    assert store.create(s3, BUCKET, KEY, {"owner": "b"}) is None
    assert store.replace(s3, BUCKET, KEY, {"owner": "c"}, first.etag) is not None
    assert store.replace(s3, BUCKET, KEY, {"owner": "d"}, first.etag) is None
    assert store.delete(s3, BUCKET, KEY, first.etag) is False and value(s3) == {"owner": "c"}


def test_what_is_gone_is_not_written_again(s3: Objects) -> None:
    first = made(s3, owner="a")
    assert store.delete(s3, BUCKET, KEY, first.etag) and value(s3) is None
    assert store.replace(s3, BUCKET, KEY, {"owner": "b"}, first.etag) is None and value(s3) is None
    assert store.delete(s3, BUCKET, KEY, first.etag)


@pytest.mark.parametrize("fault", ["lose", "break_off"])
def test_a_write_whose_reply_was_lost_is_known_as_our_own(s3: Objects, fault: str) -> None:
    getattr(s3, fault)()
    first = made(s3, owner="a")
    getattr(s3, fault)()
    second = store.replace(s3, BUCKET, KEY, {"owner": "b"}, first.etag)
    assert second is not None and value(s3) == {"owner": "b"}
    getattr(s3, fault)()
    assert store.delete(s3, BUCKET, KEY, second.etag) and value(s3) is None


def test_the_same_words_of_somebody_else_are_not_our_own(s3: Objects) -> None:
    made(s3, owner="a")
    assert store.create(s3, BUCKET, KEY, {"owner": "a"}) is None


def test_a_deletion_whose_reply_was_lost_leaves_the_successor(s3: Objects) -> None:
    first = made(s3, owner="a")
    store.delete(s3, BUCKET, KEY, first.etag)
    made(s3, owner="b")
    assert store.delete(s3, BUCKET, KEY, first.etag) is False and value(s3) == {"owner": "b"}


def test_a_write_that_never_arrived_is_an_error(s3: Objects) -> None:
    first = made(s3, owner="a")
    s3.unplugged = True
    with pytest.raises(RailyardError, match="PutObject"):
        store.replace(s3, BUCKET, KEY, {"owner": "b"}, first.etag)
    with pytest.raises(RailyardError, match="DeleteObject"):
        store.delete(s3, BUCKET, KEY, first.etag)
    assert value(s3) == {"owner": "a"}


def test_two_writes_that_meet_are_somebody_elses_luck(s3: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    def conflict(**_params: Any) -> None:
        raise refusal("PutObject", "ConditionalRequestConflict")

    monkeypatch.setattr(s3, "put_object", conflict)
    assert store.create(s3, BUCKET, KEY, {}) is None


def test_other_refusals_are_errors(s3: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_params: Any) -> None:
        raise refusal("PutObject", "AccessDenied")

    monkeypatch.setattr(s3, "put_object", denied)
    with pytest.raises(RailyardError, match="AccessDenied"):
        store.create(s3, BUCKET, KEY, {})


def test_a_bucket_that_is_not_there_is_named(s3: Objects) -> None:
    for act in (
        lambda: store.read(s3, "elsewhere", KEY),
        lambda: store.create(s3, "elsewhere", KEY, {}),
        lambda: store.delete(s3, "elsewhere", KEY, "x"),
        lambda: store.keys(s3, "elsewhere", ""),
    ):
        with pytest.raises(RailyardError, match=r"there is no bucket elsewhere; site\.yml makes it"):
            act()


def test_what_somebody_wrote_by_hand_is_refused(s3: Objects) -> None:
    for text in (b"free", b"[]"):
        s3.put_object(Bucket=BUCKET, Key=KEY, Body=text)
        with pytest.raises(RailyardError, match="is not JSON as it was written here"):
            store.read(s3, BUCKET, KEY)


def test_keys_are_sorted_and_of_the_prefix(s3: Objects) -> None:
    for key in ("releases/2", "releases/1", "lock.json"):
        store.create(s3, BUCKET, key, {})
    assert store.keys(s3, BUCKET, "releases/") == ["releases/1", "releases/2"]
