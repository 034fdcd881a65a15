"""release_lock, and the lock itself, against the emulated S3: two processes, one of which is killed at any moment."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import lock
from tests.support.emulated import REGION, Emulated
from tests.support.walk import differences

BUCKET = "shop-production-releases-123456789012"
ELSEWHERE = {"boot_id": "another machine", "namespace": "pid:[1]", "pid": 1, "started": 1}
SPEED = 600  # Of the emulator of these tests.

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.support.preload"])


@pytest.fixture
def s3(emulated: Emulated) -> Any:
    client = emulated.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


def run(emulated: Emulated, **params: Any) -> dict[str, Any]:
    return emulated.run("release_lock", **{"bucket": BUCKET, "requested_by": "tom", **params})


def elsewhere(s3: Any, **noted: Any) -> lock.Lock:
    held = lock.acquire(s3, BUCKET, "pipeline", "releasing shop@sha256:11")
    held.note(process=ELSEWHERE, **noted)
    return held


def without_heartbeat(emulated: Emulated, seconds: int) -> None:
    emulated.advance(seconds * SPEED)


def test_a_lock_that_nobody_has_is_shown_and_released(emulated: Emulated, s3: Any) -> None:
    for params in ({}, {"state": "released"}, {"state": "released", "force": True}):
        shown = run(emulated, **params)
        assert not shown["changed"] and shown["lock"] is None and differences("release_lock", shown) == []


def test_a_living_holder_is_shown_and_not_disturbed(emulated: Emulated, s3: Any) -> None:
    held = elsewhere(s3, release=3)
    shown = run(emulated)
    assert not shown["changed"] and differences("release_lock", shown) == []
    assert (shown["lock"]["status"], shown["lock"]["requested_by"], shown["lock"]["release"]) == ("held", "pipeline", 3)
    refused = run(emulated, state="released")
    assert refused["failed"] and "and is alive" in refused["msg"] and "only force" in refused["msg"]
    held.check()
    held.note()


def test_stale_lock_is_opened(emulated: Emulated, s3: Any) -> None:
    held = elsewhere(s3)
    without_heartbeat(emulated, 61)
    assert run(emulated)["lock"]["status"] == "stale"
    before = emulated.writes()
    predicted = run(emulated, state="released", check=True)
    assert predicted["changed"] and predicted["lock"] is None and emulated.writes() == before
    opened = run(emulated, state="released")
    assert opened["changed"] and opened["lock"] is None and opened["diff"]["before"]["requested_by"] == "pipeline"
    assert not run(emulated, state="released")["changed"]
    successor = lock.acquire(s3, BUCKET, "ann", "releasing")
    assert held.release() is False
    successor.note()


def test_forced_release_hands_noted_work_to_the_next_holder(emulated: Emulated, s3: Any) -> None:
    held = elsewhere(s3, release=7, scaling={"web": False})
    opened = run(emulated, state="released", force=True)
    assert opened["changed"] and differences("release_lock", opened) == []
    assert (opened["lock"]["status"], opened["lock"]["abandoned"]) == ("abandoned", "tom")
    assert not run(emulated, state="released", force=True)["changed"]
    assert held.release() is False and held.lost.is_set()
    taken = lock.acquire(s3, BUCKET, "ann", "releasing")
    assert taken.left is not None and (taken.left["release"], taken.left["scaling"]) == (7, {"web": False})


@pytest.mark.parametrize("stale", [False, True])
def test_one_of_ten_gets_it(emulated: Emulated, s3: Any, stale: bool) -> None:
    if stale:
        elsewhere(s3, release=7)
        without_heartbeat(emulated, 61)
    together = threading.Barrier(10)

    def contend(number: int) -> str:
        together.wait()
        try:
            return str(lock.acquire(s3, BUCKET, f"p{number}", "releasing").value["requested_by"])
        except RailyardError as refused:
            return f"not: {refused.details['lock']['requested_by']}"

    with ThreadPoolExecutor(10) as pool:
        said = list(pool.map(contend, range(10)))
    winners = [owner for owner in said if not owner.startswith("not")]
    assert len(winners) == 1 and said.count(f"not: {winners[0]}") == 9
    assert run(emulated)["lock"]["requested_by"] == winners[0]


def test_a_bucket_that_is_not_there_is_said(emulated: Emulated) -> None:
    assert "there is no bucket" in run(emulated)["msg"]


def hold(url: str, number: int, moment: str) -> None:
    """A holder's life of four writes, killed just before or just after the one with this number has reached S3."""
    import boto3

    client = boto3.client("s3", region_name=REGION, endpoint_url=url, aws_access_key_id="EMULATOR", aws_secret_access_key="x")
    done = {"before-send": 0, "after-call": 0}

    def write(event: str) -> None:
        done[event] += 1
        if event == moment and done[event] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    for event in done:
        for operation in ("PutObject", "DeleteObject"):
            client.meta.events.register(f"{event}.s3.{operation}", lambda event=event, **_: write(event))
    held = lock.acquire(client, BUCKET, "pipeline", "releasing")
    held.note(release=7, scaling={"web": False})
    held.note()
    held.release()


# What the next one finds after a kill: nobody's lock, a lock without notes, or one with them.
NOBODY, BARE, NOTED = None, (None, None), (7, {"web": False})


@pytest.mark.parametrize(
    ("number", "moment", "left"),
    [
        (1, "before-send", NOBODY),
        (1, "after-call", BARE),
        (2, "before-send", BARE),
        (2, "after-call", NOTED),
        (3, "before-send", NOTED),
        (3, "after-call", NOTED),
        (4, "before-send", NOTED),
        (4, "after-call", NOBODY),
    ],
)
def test_a_holder_that_is_killed_is_followed_at_once(emulated: Emulated, s3: Any, number: int, moment: str, left: Any) -> None:
    child = processes.Process(target=hold, args=(emulated.state.url, number, moment))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    found = lock.acquire(s3, BUCKET, "tom", "releasing").left
    assert (found and (found["release"], found["scaling"])) == left


def take_over(url: str, moment: str) -> None:
    """One that finds what a dead holder left, and is killed around its first write."""
    import boto3

    client = boto3.client("s3", region_name=REGION, endpoint_url=url, aws_access_key_id="EMULATOR", aws_secret_access_key="x")
    client.meta.events.register(f"{moment}.s3.PutObject", lambda **_: os.kill(os.getpid(), signal.SIGKILL))
    lock.acquire(client, BUCKET, "tom", "releasing")


@pytest.mark.parametrize("moment", ["before-send", "after-call"])
def test_a_take_over_that_is_killed_forgets_nothing(emulated: Emulated, s3: Any, moment: str) -> None:
    elsewhere(s3, release=7, scaling={"web": False})
    without_heartbeat(emulated, 61)
    child = processes.Process(target=take_over, args=(emulated.state.url, moment))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    found = lock.acquire(s3, BUCKET, "ann", "releasing").left
    assert found is not None and (found["requested_by"], found["release"]) == ("pipeline" if moment == "before-send" else "tom", 7)
