"""Releases of the whole environment: what goes well, what goes wrong, and what is left when the one who releases is killed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release.preconditions import Live, check, read
from tests.support.fargate import slowly
from tests.support.names import option
from tests.support.playbooks import play
from tests.support.releases import COPIED
from tests.support.releasing import LOCAL, NAME, Releasing, words

from .conftest import Made

CRASH: dict[str, Any] = {"seconds": 2, "exit_code": 1, "lines": ["KeyError: key not found: REDIS_URL"]}
ADD = {"version": "20260101000000", "name": "AddTotalToOrders"}
DROP = {"version": "20260201000000", "name": "DropLegacy", "destructive": ["remove_column"]}
FAILS = {"version": "20260301000000", "name": "AddIndex", "fails": True}


@pytest.fixture(scope="module", params=["codedeploy", "ecs"])
def fresh(request: pytest.FixtureRequest, made: Made) -> Releasing:
    """The environment before its first release, under one of the engines."""
    env = replace(LOCAL, engine=request.param)
    return Releasing(made(*words(env)), env)


@pytest.fixture
def shop(fresh: Releasing) -> Iterator[Releasing]:
    """The environment; after each test nobody has the lock, and scaling speaks."""
    yield fresh
    assert not fresh.locked() and not fresh.silent()


@pytest.fixture
def settled(shop: Releasing) -> Iterator[Releasing]:
    """The environment; after the test `site` has nothing to do."""
    yield shop
    assert play(shop.emulated, "site.yml", *shop.words).changed_tasks == []


# What has nothing to do with who deploys is tried once.
ONCE = pytest.mark.parametrize("fresh", ["codedeploy"], indirect=True)


def test_the_first_release_and_the_next(shop: Releasing, settled: Releasing) -> None:
    assert shop.counts() == {"web": 0, "worker": 0}
    first = shop.push(migrations=[ADD])
    done = shop.release(first)
    assert done["changed"] and shop.live() == {"web": first, "worker": first} and shop.counts() == {"web": 2, "worker": 1}
    assert shop.applied() == [ADD["version"]]
    record = done["release"]
    assert (record["number"], record["status"], record["schema_after"], record["requested_by"]) == (
        1,
        "succeeded",
        ADD["version"],
        "deborah",
    )
    assert not shop.release(first)["changed"] and len(shop.records()) == 1
    shop.release(shop.push())
    third, passed = shop.push(), shop.passed
    with shop.users as users:
        shop.release(third)
    assert set(users.statuses) == {200} and users.images[third], "no request fails, and new tasks get some"
    assert "smoke test" in " ".join(shop.said)
    # The canary takes 300 s. ECS has no way to end the bake time of the release before, another 300 s; CodeDeploy has.
    assert shop.passed - passed < {"codedeploy": 300, "ecs": 600}[shop.env.engine] + 150
    assert shop.live() == {"web": third, "worker": third}


def test_rollback_twice(shop: Releasing) -> None:
    records = shop.records()
    with slowly(shop.emulated):
        assert shop.back()["back_to"] == records[0]["number"] - 1
        assert shop.live() == {"web": records[1]["image"], "worker": records[1]["image"]}
        assert shop.back()["back_to"] == records[0]["number"] - 2, shop.said
    assert shop.live()["web"] == records[2]["image"]
    assert shop.back(back_to=records[0]["number"])["release"]["back_to"] == records[0]["number"]
    assert shop.live() == {"web": records[0]["image"], "worker": records[0]["image"]}


@ONCE
def test_a_migration_that_fails_starts_no_deployment(shop: Releasing) -> None:
    before = shop.live()
    error = shop.refused(shop.push(migrations=[FAILS]))
    assert "in stage migrate" in error.message and "No deployment was started" in error.message
    assert "codedeploy:CreateDeployment" not in shop.emulated.writes()[-12:]
    assert shop.live() == before and shop.records()[0]["status"] == "failed"


def test_new_tasks_that_die_leave_production_alone(shop: Releasing) -> None:
    with slowly(shop.emulated):
        shop.sleep(300)  # the bake time of the release before
    before, started = shop.live(), shop.passed
    with shop.users as users:
        error = shop.refused(shop.push(**CRASH))
    assert set(users.statuses) == {200} and set(users.images) == {before["web"]}
    assert "REDIS_URL" in error.message and "exit code 1" in error.message and before["web"] in error.message
    assert shop.passed - started < 300, "noticed long before CodeDeploy's hour"
    assert shop.live() == before and shop.records()[0]["status"] == "rolled_back"


def test_a_smoke_test_that_fails_is_seen_by_nobody(shop: Releasing) -> None:
    before = shop.live()
    image = shop.push(pages={"/up": [500, "no such table: orders"]}, healthy=True)
    with shop.users as users:
        error = shop.refused(image)
    assert "in stage smoke" in error.message and "answers 500, not 200: no such table" in error.message
    assert set(users.statuses) == {200} and image not in users.images
    assert shop.live() == before and shop.records()[0]["status"] == "rolled_back"


def test_an_alarm_in_the_middle_of_a_canary_brings_everything_back(shop: Releasing, settled: Releasing) -> None:
    before, image = shop.live(), shop.push()
    shop.watch_alarm("errors")

    def ring(line: str) -> None:
        shop.said.append(line)
        if line.startswith("shifting: 10 %"):
            shop.ring("errors")

    with slowly(shop.emulated), shop.users as users:
        error = shop.refused(image, say=ring)
    shop.forget_alarms()
    assert "errors" in error.message and shop.records()[0]["status"] == "rolled_back"
    assert set(users.statuses) == {200} and shop.live() == before


@ONCE
def test_destructive_migrations_are_asked_for_where_the_environment_is_protected(shop: Releasing) -> None:
    image = shop.push(migrations=[DROP])
    protected = Releasing(shop.emulated, replace(shop.env, protected=True), pushed=100)
    error = protected.refused(image)
    assert "DropLegacy" in error.message and "allow_destructive_migrations=yes" in error.message and DROP["version"] not in shop.applied()
    assert protected.release(image, allow_destructive_migrations=True)["release"]["destructive_migrations"] == [DROP["version"]]
    with pytest.raises(Exception, match="drop or rename"):
        shop.back()
    shop.back(allow_destructive_migrations=True)


@ONCE
def test_rollback_is_refused_across_a_migration_without_a_release(shop: Releasing) -> None:
    shop.release(shop.push())
    version = "20260202000000"
    image = shop.push(migrations=[{"version": version, "name": "DropNotes", "destructive": ["drop_table"]}])
    place = {"names": option(), "protected": False}
    migrated = shop.emulated.run("rails_migration", image=image.partition("@")[2], allow_destructive_migrations=True, **place)
    assert migrated["applied"] == [version], migrated
    assert shop.release(image)["migration"]["applied"] == []
    with pytest.raises(RailyardError, match=f"does not know migrations {version}"):
        shop.back()
    assert shop.live()["web"] == image
    refused = play(shop.emulated, "playbooks/rollback.yml", "--check", *shop.words)
    assert refused.code != 0 and version in refused.output
    shop.back(allow_destructive_migrations=True)


@ONCE
def test_a_family_of_one_off_tasks_that_somebody_else_has_taken(shop: Releasing) -> None:
    ecs, image = shop.emulated.client("ecs"), shop.push()
    theirs = ecs.describe_task_definition(taskDefinition=f"{NAME}-run")["taskDefinition"]
    given = {key: theirs[key] for key in COPIED if theirs.get(key)}
    registered = ecs.register_task_definition(**given, tags=[{"key": "owner", "value": "team-billing"}])["taskDefinition"]
    number = len(shop.records())
    error = shop.refused(image)
    assert f"task definition {NAME}-run is there already and is not ours" in error.message and "Nothing was done" in error.message
    assert "owner: team-billing" in error.message and len(shop.records()) == number
    ecs.deregister_task_definition(taskDefinition=registered["taskDefinitionArn"])
    assert shop.release(image)["changed"]


@ONCE
def test_an_image_that_is_live_and_was_never_migrated_is_something_to_release(shop: Releasing) -> None:
    """As after `-e migrate=no`, or after an image was taken over: it is migrated, and its tasks stay as they are."""
    image = shop.push(migrations=[{"version": "20260203000000", "name": "CreateOrders"}])
    shop.release(image, migrate=False)
    assert "20260203000000" not in shop.applied() and not shop.release(image, migrate=False)["changed"]
    started = shop.emulated.writes().count("codedeploy:CreateDeployment")
    done = shop.release(image)
    assert done["changed"] and "20260203000000" in shop.applied() and done["release"]["status"] == "succeeded"
    assert shop.emulated.writes().count("codedeploy:CreateDeployment") == started and shop.live()["web"] == image
    assert not shop.release(image)["changed"]


@ONCE
def test_release_is_possible_right_after_a_deployment_moved_the_listener(shop: Releasing) -> None:
    """What was read of the service before the listener moved does not refuse the next release, in flight or just after."""
    seen: list[Live] = []

    def look(line: str) -> None:
        if line.startswith("shifting: 10 %"):
            seen.append(read(shop.env, shop.clients))
        if seen and line.startswith("waiting"):
            check(shop.env, shop.clients, seen[0])
            seen.append(seen[0])

    shop.release(shop.push(), say=look)
    assert len(seen) > 1
    check(shop.env, shop.clients, seen[0])
    shop.emulated.advance(3600)
    check(shop.env, shop.clients, seen[0])


@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.soak)])
def test_a_kill_after_any_write(step: int, shop: Releasing, settled: Releasing) -> None:
    """The same command again ends the same release: one migration, one deployment, no lock, scaling as it was."""
    write, killed = 0, True
    while killed:
        write += step
        version = f"202605{step:02d}00{write:04d}"
        image = shop.push(migrations=[{"version": version, "name": "Later"}])
        tasks = len([entry for entry in shop.emulated.writes() if entry == "ecs:RunTask"])
        killed = shop.killed_after(write, image)
        shop.release(image)
        assert shop.live() == {"web": image, "worker": image} and version in shop.applied(), write
        assert [item["digest"] for item in shop.records() if item["status"] == "succeeded"].count(image.partition("@")[2]) == 1, write
        assert not [item for item in shop.records() if item["status"] == "running"], write
        assert len([entry for entry in shop.emulated.writes() if entry == "ecs:RunTask"]) - tasks <= 2
        assert not shop.locked() and not shop.silent(), write
    assert write > 15


@ONCE
def test_messages_of_a_release(shop: Releasing) -> None:
    """At a tenth of the usual speed of tests: playbooks look at the clock by themselves."""
    with slowly(shop.emulated, 60.0):
        image = shop.push()
        tag = f"build-{shop.pushed}"
        said = ("-e", f"image={tag}", *shop.words)
        checked = play(shop.emulated, "playbooks/deploy.yml", *said, "--check")
        assert checked.code == 0 and "would be released" in checked.output and shop.live()["web"] != image
        played = play(shop.emulated, "playbooks/deploy.yml", *said)
        assert played.code == 0 and "% on the new tasks" in played.output and "is live" in played.output, played.output
        assert shop.live() == {"web": image, "worker": image}
        again = play(shop.emulated, "playbooks/deploy.yml", *said)
        assert again.count("changed") == 0 and "nothing to release" in again.output
        went = play(shop.emulated, "playbooks/rollback.yml", *shop.words, "-e", 'reason="smoke in the kitchen"')
        assert went.code == 0 and shop.live()["web"] != image and shop.records()[0]["reason"] == "smoke in the kitchen", went.output
        listed = play(shop.emulated, "playbooks/releases.yml")
        assert listed.code == 0 and "shop local" in listed.output
