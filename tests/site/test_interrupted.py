"""Ctrl-C at a real terminal while a release, a migration or a command goes on: what a person sees, what goes on, and what ends it."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from emulator import process
from tests.support.emulated import Emulated
from tests.support.persons import until
from tests.support.playbooks import play
from tests.support.releasing import Releasing

from .conftest import Made
from .test_console import MINUTE, Person

NAME = "shop-local"
SLOW, FAST = 10.0, 600.0
DEPLOY, SWEEP = "playbooks/deploy.yml", "playbooks/sweep.yml"


@pytest.fixture(scope="module")
def shop(made: Made) -> Releasing:
    """An environment with a live release; the migrations of a new image take ten minutes when they are asked to."""
    return Releasing(made("-e", "railyard_engine=codedeploy"))


def slowly(shop: Releasing) -> None:
    process.control(shop.emulated.state, "speed", factor=SLOW)


def quickly(shop: Releasing) -> None:
    process.control(shop.emulated.state, "speed", factor=FAST)


def running(shop: Releasing) -> list[str]:
    found: list[str] = shop.emulated.client("ecs").list_tasks(cluster=NAME, family=f"{NAME}-run", desiredStatus="RUNNING")["taskArns"]
    return found


def newest(shop: Releasing) -> dict[str, Any]:
    return shop.records()[0]


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)])
def test_in_the_middle_of_a_shift(number: signal.Signals, shop: Releasing) -> None:
    image = shop.push()
    slowly(shop)
    person = Person(shop.emulated, DEPLOY, "-e", f"image={image.partition('@')[2]}")
    person.sees("shifting: 10 %")
    if number == signal.SIGINT:
        person.types("\x03")
        person.sees("User interrupted execution")
    else:
        os.kill(person.playbook, number)
    said = person.sees("ended with")
    person.seat.close(force=True)
    deployment = newest(shop)["deployment_id"]
    assert f"deployment {deployment} to web in cluster {NAME} is shifting and goes on by itself: https://" in said
    assert "live now: " in said and "scaling of web, worker is resumed" in said and not shop.silent()
    assert newest(shop)["status"] == "interrupted" and not shop.locked()
    shown = play(shop.emulated, "playbooks/releases.yml").output
    assert "interrupted, in stage shift" in shown and "running" not in shown, shown
    for playbook in ("rollback", "releases"):
        assert f"ansible-playbook playbooks/{playbook}.yml -i inventories/local" in said
    again = re.search(r"ansible-playbook playbooks/deploy\.yml -i inventories/local (-e image=\S+)", said)
    assert again, said
    quickly(shop)
    done = play(shop.emulated, DEPLOY, *again[1].split())
    assert done.code == 0 and "going on with release" in done.output and newest(shop)["status"] == "succeeded", done.output
    assert newest(shop)["deployment_id"] == deployment


@pytest.mark.soak
def test_a_terminal_that_is_closed_in_the_middle_of_a_shift(shop: Releasing) -> None:
    image = shop.push()
    slowly(shop)
    person = Person(shop.emulated, DEPLOY, "-e", f"image={image.partition('@')[2]}")
    person.sees("shifting: 10 %")
    playbook = person.playbook
    person.seat.ptyproc.fileobj.close()
    until(
        lambda: (
            not Path(f"/proc/{playbook}/stat").exists() or Path(f"/proc/{playbook}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        ),
        MINUTE,
    )
    person.seat.close(force=True)
    assert newest(shop)["status"] == "interrupted" and not shop.silent()
    until(lambda: not shop.locked(), MINUTE)
    quickly(shop)
    done = play(shop.emulated, DEPLOY, "-e", f"image={image.partition('@')[2]}")
    assert done.code == 0 and "going on with release" in done.output and newest(shop)["status"] == "succeeded", done.output


@pytest.mark.soak
def test_in_a_migration_that_the_next_run_follows(shop: Releasing) -> None:
    image = shop.push([{"version": "20270101000000", "name": "Backfill", "seconds": 600}])
    slowly(shop)
    person = Person(shop.emulated, DEPLOY, "-e", f"image={image.partition('@')[2]}")
    person.sees("Backfill: migrating")
    person.types("\x03")
    said = person.sees("ended with")
    person.seat.close(force=True)
    (task,) = running(shop)
    assert f"task {task.rpartition('/')[2]} is running and goes on by itself; its lines: https://" in said
    assert newest(shop)["status"] == "interrupted" and newest(shop)["stage"] == "migrate" and not shop.locked()
    seen = play(shop.emulated, SWEEP)
    assert seen.count("changed") == 0 and task.rpartition("/")[2] in seen.output and running(shop) == [task], seen.output
    assert "ansible-playbook playbooks/sweep.yml -i inventories/local -e sweep=yes -e open=yes" in seen.output
    quickly(shop)
    before = shop.emulated.writes().count("ecs:RunTask")
    done = play(shop.emulated, DEPLOY, "-e", f"image={image.partition('@')[2]}")
    assert done.code == 0 and newest(shop)["status"] == "succeeded" and "20270101000000" in shop.applied(), done.output
    assert shop.emulated.writes().count("ecs:RunTask") == before + 1, "the same token, and so the same task"


def test_a_command_that_runs_on_is_shown_and_ended_by_sweep(shop: Releasing) -> None:
    slowly(shop)
    person = Person(shop.emulated, "playbooks/run.yml", "-e", 'command="sleep 86400"')
    person.sees(" running,")
    person.types("\x03")
    said = person.sees("ended with")
    person.seat.close(force=True)
    (task,) = running(shop)
    assert "goes on by itself" in said and "ansible-playbook playbooks/sweep.yml -i inventories/local" in said
    left = play(shop.emulated, SWEEP, "-e", "sweep=yes")
    assert left.code == 0 and running(shop) == [task] and "sleep 86400" in left.output, left.output
    quickly(shop)
    ended = play(shop.emulated, SWEEP, "-e", "sweep=yes", "-e", "open=yes")
    assert ended.code == 0 and running(shop) == [] and ended.count("changed") == 1, ended.output
    assert "No one-off task runs." in play(shop.emulated, SWEEP).output


def test_interruption_before_the_release_begins(shop: Releasing) -> None:
    held = _hold(shop.emulated)
    try:
        person = Person(shop.emulated, DEPLOY, "-e", "force=yes", "-e", "lock_timeout=600")
        person.sees("waiting, at most")
        person.types("\x03")
        assert "it was interrupted before anything was begun" in person.sees("ended with")
        person.seat.close(force=True)
    finally:
        held.release()


def _hold(emulated: Emulated) -> Any:
    from ansible_collections.railyard.fargate.plugins.module_utils._release import lock

    return lock.acquire(emulated.client("s3"), f"{NAME}-releases-123456789012", "pipeline", "releasing something else")
