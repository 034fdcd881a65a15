"""The environment's lock during a run of ansible-playbook: who gets it, what the other is told, and how it ends with the run."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import lock
from tests.support.emulated import REGION, Emulated
from tests.support.playbooks import Playing, begin, converge, play

BUCKET = "shop-local-releases-123456789012"
WARM = "railyard.fargate.warm"
ELSEWHERE = {"boot_id": "another machine", "namespace": "pid:[1]", "pid": 1, "started": 1}
PLAY = """
- hosts: all
  gather_facts: false
  connection: CONNECTION
  module_defaults:
    group/railyard.fargate.own:
      {region: "{{ railyard_region }}", endpoint_url: "{{ railyard_endpoint_url }}", access_key: EMULATOR, secret_key: EMULATOR}
  tasks:
    - railyard.fargate.release_lock: {bucket: BUCKET, state: held, requested_by: tom, reason: converging}
      register: held
    - ansible.builtin.debug: {msg: "{{ lookup('ansible.builtin.pipe', 'touch FOLDER/held') }}"}
    - ansible.builtin.wait_for: {path: "FOLDER/go", sleep: 1, timeout: 300}
      when: not ansible_check_mode
    - railyard.fargate.release_lock: {bucket: BUCKET, state: released, holder: "{{ held.holder }}"}
      when: held.holder is not none
    - ansible.builtin.assert: {that: fails is not defined}
"""


@pytest.fixture
def s3(emulated: Emulated) -> Any:
    client = emulated.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def until(seen: Callable[[], Any], seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while not (found := seen()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@pytest.fixture
def playbook(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path, connection = tmp_path / "play.yml", getattr(request, "param", WARM)
    path.write_text(PLAY.replace("CONNECTION", connection).replace("BUCKET", BUCKET).replace("FOLDER", str(tmp_path)))
    return path


def holding(emulated: Emulated, playbook: Path, s3: Any, *words: str) -> Playing:
    """A run that has the lock, and goes on until the file `go` is there."""
    playing = begin(emulated, str(playbook), *words)
    assert until((playbook.parent / "held").exists) and lock.find(s3, BUCKET), playing.kill().output
    return playing


def go(playbook: Path) -> None:
    (playbook.parent / "go").touch()


@pytest.mark.parametrize(
    ("playbook", "number"),
    [("local", signal.SIGKILL), (WARM, signal.SIGKILL), (WARM, signal.SIGINT), (WARM, None)],
    indirect=["playbook"],
)
def test_the_lock_ends_with_the_run_however_it_ends(emulated: Emulated, s3: Any, playbook: Path, number: int | None) -> None:
    playing = holding(emulated, playbook, s3, "-e", "fails=yes")
    shown = lock.find(s3, BUCKET)
    assert shown is not None and (shown["status"], shown["requested_by"], shown["reason"]) == ("held", "tom", "converging")
    assert shown["process"]["pid"] == playing.process.pid
    with pytest.raises(RailyardError, match=r"tom on .* is converging since .*unlock.yml"):
        lock.acquire(s3, BUCKET, "ann", "releasing")
    if number is None:
        go(playbook)
    ended = playing.kill(number) if number else playing.end()
    assert ended.code != 0
    if number == signal.SIGINT:
        assert "shop_local: interrupted while converging. What was made stays" in ended.output, ended.output
        assert "Next: ansible-playbook site.yml -i inventories/local\nUnder way was: ansible.builtin.wait_for" in ended.output, ended.output
    else:
        assert "interrupted while" not in ended.output
    assert until(lambda: lock.find(s3, BUCKET) is None), lock.find(s3, BUCKET)


def test_a_run_that_ends_well_has_released_it_and_changed_nothing(emulated: Emulated, s3: Any, playbook: Path) -> None:
    go(playbook)
    played = play(emulated, str(playbook))
    assert played.code == 0 and played.count("changed") == 0, played.output
    assert lock.find(s3, BUCKET) is None
    calls = [entry["operation"] for entry in emulated.journal() if entry["operation"].endswith("Object")]
    assert calls.count("PutObject") >= 1 and calls.count("DeleteObject") == 1


def test_lock_of_a_dead_run_is_taken_over_at_once_on_this_machine(emulated: Emulated, s3: Any, playbook: Path) -> None:
    playing = holding(emulated, playbook, s3)
    emulated.faults({"fault": "reset", "operation": "s3:DeleteObject"})
    playing.kill()
    emulated.faults()
    go(playbook)
    played = play(emulated, str(playbook))
    assert played.code == 0, played.output


def test_a_run_that_lost_the_lock_says_so(emulated: Emulated, s3: Any, playbook: Path) -> None:
    playing = holding(emulated, playbook, s3)
    s3.delete_object(Bucket=BUCKET, Key="lock.json")
    lock.acquire(s3, BUCKET, "ann", "releasing shop@sha256:11")
    go(playbook)
    ended = playing.end()
    assert ended.code != 0 and "the lock was taken from this run before it ended" in ended.output, ended.output
    assert "ann on" in ended.output, ended.output
    found = lock.find(s3, BUCKET)
    assert found is not None and found["requested_by"] == "ann"


def test_check_mode_takes_no_lock(emulated: Emulated, s3: Any, playbook: Path) -> None:
    played = play(emulated, str(playbook), "--check")
    assert played.code == 0 and lock.find(s3, BUCKET) is None
    assert not [entry for entry in emulated.journal() if entry["operation"] == "PutObject"]


@pytest.mark.parametrize(
    "words",
    [
        ("site.yml",),
        ("playbooks/destroy.yml", "-e", "destroy=shop-local"),
        ("playbooks/repair.yml",),
        ("playbooks/sweep.yml", "-e", "sweep=yes", "-e", "open=yes"),
    ],
)
def test_writing_playbooks_fail_while_another_run_holds_the_lock(made: Callable[..., Emulated], words: tuple[str, ...]) -> None:
    emulated = made()
    s3 = emulated.client("s3")
    held = lock.acquire(s3, BUCKET, "pipeline", "releasing shop@sha256:11")
    held.note(process=ELSEWHERE)
    before = emulated.writes()
    try:
        played = play(emulated, *words)
        assert played.code != 0 and "pipeline on" in played.output and "releasing shop@sha256:11 since" in played.output, played.output
        assert "playbooks/unlock.yml" in played.output
        assert emulated.writes() == before
    finally:
        held.release()


def test_read_only_playbooks_ignore_the_lock(made: Callable[..., Emulated]) -> None:
    emulated = made()
    held = lock.acquire(emulated.client("s3"), BUCKET, "pipeline", "releasing shop@sha256:11")
    before = emulated.writes()
    looked = play(emulated, "playbooks/sweep.yml", "-e", "sweep=yes", "--check")
    assert looked.code == 0 and emulated.writes() == before, looked.output
    held.release()


def test_of_two_first_converges_one_makes_everything(emulated: Emulated) -> None:
    emulated.inventory()
    both = [begin(emulated, "site.yml") for _ in range(2)]
    ended = [playing.end() for playing in both]
    assert sorted(played.code == 0 for played in ended) == [False, True], "\n".join(played.output for played in ended)
    refused = next(played for played in ended if played.code != 0)
    caller = emulated.client("sts").get_caller_identity()["Arn"].split(":", 5)[-1]
    assert "is converging since" in refused.output and caller in refused.output, refused.output
    named = [{"Name": "tag:application", "Values": ["shop"]}]
    ec2 = emulated.client("ec2")
    assert len(ec2.describe_vpcs(Filters=named)["Vpcs"]) == len(ec2.describe_internet_gateways(Filters=named)["InternetGateways"]) == 1
    assert converge(emulated, "-e", "lock_timeout=60").count("changed") == 0
