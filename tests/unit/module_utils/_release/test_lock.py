"""The lock: who gets it, who loses it, and what a holder that is gone leaves."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import process
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import lock, lock_state
from ansible_collections.railyard.fargate.plugins.module_utils._s3 import store
from tests.support.objects import BUCKET, Objects

ELSEWHERE = {"boot_id": "another machine", "namespace": "pid:[1]", "pid": 1, "started": 1}


@pytest.fixture
def s3() -> Objects:
    return Objects()


def acquire(s3: Objects, owner: str = "deborah", **options: Any) -> lock.Lock:
    return lock.acquire(s3, BUCKET, owner, "releasing shop@sha256:11", **options)


def elsewhere(s3: Objects, **changes: Any) -> lock.Lock:
    """A lock that a process of another machine holds."""
    held = acquire(s3, "pipeline")
    held.note(host="builder", process=ELSEWHERE, **changes)
    return held


def stored(s3: Objects) -> dict[str, Any] | None:
    return json.loads(s3.stored[lock_state.KEY]["Body"]) if lock_state.KEY in s3.stored else None


def test_refusal_names_the_holder_and_the_unlock_playbook(s3: Objects) -> None:
    elsewhere(s3, since="2026-01-31T08:50:00+00:00")
    s3.advance(20)
    with pytest.raises(RailyardError) as refused:
        acquire(s3, "tom")
    said = "pipeline on builder is releasing shop@sha256:11 since 2026-01-31T08:50:00+00:00 (10 minutes), last heartbeat 20 s ago"
    assert refused.value.message.startswith(f"{said}; to look: ansible-playbook playbooks/unlock.yml")
    shown = refused.value.details["lock"]
    assert (shown["status"], shown["requested_by"], shown["heartbeat_age_seconds"]) == ("held", "pipeline", 20)
    assert "token" not in json.dumps(shown)


# As version 0.1.0 has written it before its members had the names of this version.
OLD_LOCK = b"""{"owner": "pipeline", "host": "builder", "process":
{"boot_id": "another machine", "namespace": "pid:[1]", "pid": 1, "started":
1}, "reason": "releasing shop@sha256:11", "since": "2026-01-31T08:50:00+00:00", "beat": "2026-01-31T09:00:00+00:00", "token": "11",
"release": 7, "scaling": {"web": false}}"""


def test_lock_of_an_earlier_version_is_shown_and_taken_over(s3: Objects) -> None:
    s3.put_object(Bucket=BUCKET, Key=lock_state.KEY, Body=OLD_LOCK)
    found = lock.find(s3, BUCKET)
    assert found is not None and (found["requested_by"], found["status"], found["release"]) == ("pipeline", "held", 7)
    with pytest.raises(RailyardError, match="pipeline on builder is releasing"):
        acquire(s3, "tom")
    s3.advance(lock_state.STALE)
    taken = acquire(s3, "tom")
    assert taken.left is not None and taken.left["requested_by"] == "pipeline" and taken.value["scaling"] == {"web": False}


def test_a_released_lock_is_free(s3: Objects) -> None:
    held = acquire(s3)
    assert stored(s3) is not None and held.release() and stored(s3) is None
    assert acquire(s3, "tom").left is None


@pytest.mark.parametrize(("seconds", "taken"), [(59, False), (60, True)])
def test_lock_is_stale_after_a_minute_by_s3s_clock(s3: Objects, seconds: int, taken: bool) -> None:
    elsewhere(s3)
    s3.advance(seconds)
    if not taken:
        with pytest.raises(RailyardError, match="last heartbeat 59 s ago"):
            acquire(s3, "tom")
        return
    assert acquire(s3, "tom").value["requested_by"] == "tom"


def test_heartbeat_restarts_the_minute(s3: Objects) -> None:
    held = elsewhere(s3)
    s3.advance(50)
    held.note()
    s3.advance(50)
    with pytest.raises(RailyardError, match="pipeline"):
        acquire(s3, "tom")


def test_a_holder_of_this_machine_that_has_died_is_followed_at_once(s3: Objects) -> None:
    gone = {**process.this(), "started": -1}
    acquire(s3).note(process=gone, release=7, scaling={"web": False})
    held = acquire(s3, "tom")
    assert held.left is not None and (held.left["release"], held.left["scaling"]) == (7, {"web": False})


def test_what_was_noted_survives_two_deaths(s3: Objects) -> None:
    elsewhere(s3, release=7, scaling={"web": False})
    s3.advance(60)
    acquire(s3, "tom").note(process=ELSEWHERE)
    s3.advance(60)
    left = acquire(s3, "ann").left
    assert left is not None and (left["requested_by"], left["release"], left["scaling"]) == ("tom", 7, {"web": False})


@pytest.mark.parametrize("stale", [False, True])
def test_who_was_a_moment_too_late_is_told_the_new_holder(s3: Objects, stale: bool) -> None:
    if stale:
        elsewhere(s3)
        s3.advance(60)
    s3.meanwhile(lambda: acquire(s3, "ann") and None)
    with pytest.raises(RailyardError, match="ann"):
        acquire(s3, "tom")


def test_waiting_says_for_whom_and_ends_with_the_lock(s3: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    held, lines, pauses = elsewhere(s3), [], []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            held.release()

    monkeypatch.setattr(lock.time, "sleep", sleep)
    assert acquire(s3, "tom", lock_timeout=600, say=lines.append).value["requested_by"] == "tom"
    assert len(lines) == 1 and "waiting, at most 600 s: pipeline on builder" in lines[0]
    assert pauses == [0.5, 0.75, 1.125]


@pytest.mark.parametrize("fault", ["lose", "break_off"])
def test_lost_replies_neither_lose_the_lock_nor_leave_it(s3: Objects, fault: str) -> None:
    getattr(s3, fault)()
    held = acquire(s3)
    getattr(s3, fault)()
    held.note(release=3)
    held.note(scaling={"web": True})
    assert stored(s3) == held.value and held.value["release"] == 3
    getattr(s3, fault)()
    assert held.release() and stored(s3) is None


def test_a_lock_of_somebody_else_is_never_released(s3: Objects) -> None:
    late = elsewhere(s3)
    s3.advance(60)
    acquire(s3, "tom")
    assert late.release() is False and stored(s3)["requested_by"] == "tom"  # type: ignore[index]
    with pytest.raises(RailyardError, match="the lock is lost: tom on"):
        late.check()


def test_work_that_is_not_finished_stays_for_the_next_one(s3: Objects) -> None:
    held = acquire(s3)
    held.note(release=4, scaling={"web": False})
    assert held.release(finished=False)
    shown = lock.find(s3, BUCKET)
    assert shown is not None and (shown["status"], shown["abandoned"]) == ("abandoned", "deborah")
    taken = acquire(s3, "tom")
    assert taken.left is not None and taken.left["scaling"] == {"web": False}
    assert taken.release(finished=True) and stored(s3) is None


def test_heartbeats_are_written_until_the_end(s3: Objects) -> None:
    with lock.Heartbeat(acquire(s3), every=0.001), s3.wrote:
        assert s3.wrote.wait_for(lambda: s3.writes >= 4, 30)
    beats = [thread for thread in threading.enumerate() if thread.name == "lock"]
    for beat in beats:
        beat.join(30)
    assert not any(beat.is_alive() for beat in beats)


def test_the_holder_learns_that_it_was_lost(s3: Objects) -> None:
    with lock.Heartbeat(elsewhere(s3), every=0.001) as held:
        s3.stored[lock_state.KEY] = s3.stored[lock_state.KEY] | {
            "Body": store.body(lock_state.fresh("ann", "releasing", None)),
            "ETag": '"other"',
        }
        assert held.lost.wait(30)
        with pytest.raises(RailyardError, match="the lock is lost: ann on"):
            held.check()


def test_a_network_that_was_gone_for_a_moment_is_no_loss(s3: Objects) -> None:
    held = acquire(s3)
    s3.unplugged = True
    with lock.Heartbeat(held, every=0.001):
        held.check()
        with s3.wrote:
            assert s3.wrote.wait_for(lambda: s3.unheard, 30)
        s3.unplugged = False
        with s3.wrote:
            assert s3.wrote.wait_for(lambda: s3.writes >= 2, 30)
        held.check()


def test_holder_reads_the_lock_after_a_minute_without_heartbeat(s3: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    held = elsewhere(s3)
    held.check()
    writes, awake = s3.writes, lock.clock()
    monkeypatch.setattr(lock, "clock", lambda: awake + 3600)
    held.check()
    assert s3.writes == writes + 1
    s3.advance(3600)
    acquire(s3, "tom")
    monkeypatch.setattr(lock, "clock", lambda: awake + 7200)
    with pytest.raises(RailyardError, match="the lock is lost: tom on"):
        held.check()


def test_s3_that_refuses_everything_ends_it(s3: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "create", lambda *_arguments: None)
    with pytest.raises(RailyardError, match="refused 20 times"):
        acquire(s3)


def wanted(**changes: Any) -> dict[str, Any]:
    return {"bucket": BUCKET, "state": "released", "requested_by": "tom", "force": False, **changes}


def test_live_lock_is_released_only_with_force(s3: Objects) -> None:
    assert not lock.make_plan(wanted(), None).changed
    held = elsewhere(s3)
    live = lock.find(s3, BUCKET)
    assert live is not None and not lock.make_plan(wanted(state="shown"), live).changed
    with pytest.raises(RailyardError, match=r"and is alive: last heartbeat 0 s ago\. Nothing was done; only force"):
        lock.make_plan(wanted(), live)
    deletion = lock.make_plan(wanted(force=True), live)
    assert [step.operation for step in deletion.steps] == ["DeleteObject"] and deletion.steps[0].params["IfMatch"] == live["etag"]

    held.note(scaling={"web": False})
    s3.advance(60)
    live = lock.find(s3, BUCKET)
    step = lock.make_plan(wanted(), live).steps[0]
    s3.put_object(**step.params)
    assert not lock.make_plan(wanted(), lock.find(s3, BUCKET)).changed
    with pytest.raises(RailyardError, match="the lock is lost: tom has taken it"):
        held.note()
    left = acquire(s3, "ann").left
    assert left is not None and left["scaling"] == {"web": False}
