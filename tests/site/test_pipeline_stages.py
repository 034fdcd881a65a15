"""A release by the stages of a pipeline: the same as by hand, whatever goes wrong in one of them, and between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from tests.support.executions import COMMIT, PIPELINE
from tests.support.names import option
from tests.support.piped import VERBS, Piped
from tests.support.releasing import LOCAL, Releasing, words

from .conftest import Made

CRASH: dict[str, Any] = {"seconds": 2, "exit_code": 1, "lines": ["KeyError: key not found: REDIS_URL"]}
# Of a record: what says who, when and how often, and not what.
WHOSE = {"number", "requested_by", "commit", "author", "subject", "link", "pipeline", "execution_id"}
EACH = {"image", "digest", "task_definitions", "deployment_id", "result", "started_at", "finished_at", "stages"} | {
    "schema_before",
    "schema_after",
}


@pytest.fixture(scope="module", params=["codedeploy", "ecs"])
def fresh(request: pytest.FixtureRequest, made: Made) -> Releasing:
    """The environment before its first release, under one of the engines."""
    env = replace(LOCAL, engine=request.param)
    return Releasing(made(*words(env)), env)


@pytest.fixture
def piped(fresh: Releasing) -> Iterator[Piped]:
    """The environment; after each test nobody has the lock, and scaling is on."""
    yield Piped(fresh)
    assert not fresh.locked() and not fresh.silent()


# What has nothing to do with who deploys is tried once.
ONCE = pytest.mark.parametrize("fresh", ["codedeploy"], indirect=True)


def adding(version: str, **more: Any) -> list[dict[str, Any]]:
    return [{"version": version, "name": "AddTotalToOrders", **more}]


def tasks(shop: Releasing) -> int:
    return shop.emulated.writes().count("ecs:RunTask")


def test_three_stages_are_a_release_by_hand(piped: Piped) -> None:
    """The first release of an environment is one of a pipeline, too."""
    shop = piped.shop
    first = shop.push(migrations=adding("20260101000000"))
    execution = piped.start()
    piped.run("migrate", execution, first)
    held = piped.held()
    assert (held["status"], held["process"], held["execution"]["stage"]) == ("held", None, "Migrate")
    assert shop.applied() == ["20260101000000"] and shop.records()[0]["status"] == "running"
    assert not shop.silent() and shop.counts()["web"] == 0
    piped.run("deploy", execution)
    assert shop.live() == {"web": first, "worker": first} and piped.held()["execution"]["stage"] == "Deploy" and not shop.silent()
    piped.run("record", execution)
    assert piped.held() is None and shop.counts() == {"web": 2, "worker": 1}
    by_pipeline = shop.records()[0]
    shop.release(shop.push(migrations=adding("20260102000000")))
    by_hand = shop.records()[0]
    assert {name: by_pipeline[name] for name in by_hand if name not in WHOSE | EACH} == {
        name: by_hand[name] for name in by_hand if name not in WHOSE | EACH
    }
    assert all(bool(by_pipeline[name]) == bool(by_hand[name]) for name in EACH - {"schema_before"})
    assert set(by_pipeline["stages"]) == set(by_hand["stages"]) and all(stage["finished"] for stage in by_pipeline["stages"].values())
    assert set(by_pipeline["task_definitions"]) == {"web", "worker"}
    known = {"requested_by": f"pipeline {PIPELINE}", "pipeline": PIPELINE, "execution_id": execution, "author": "Deborah"}
    assert {name: by_pipeline[name] for name in known} == known
    assert (by_pipeline["commit"], by_pipeline["subject"]) == (COMMIT["CommitId"], "Add totals to orders")
    assert not {by_hand[name] for name in known if name != "requested_by"} - {None}


def test_new_tasks_that_die_go_back_and_a_retry_brings_them(piped: Piped) -> None:
    shop = piped.shop
    before, image, execution = shop.live(), shop.push(**CRASH), piped.start()
    piped.run("migrate", execution, image)
    error = piped.refused("deploy", execution)
    assert "REDIS_URL" in error.message and before["web"] in error.message
    assert "push it: the next execution releases it" in error.message
    assert shop.live() == before and shop.records()[0]["status"] == "rolled_back" and not shop.silent() and not shop.locked()
    assert not shop.records()[0]["result"].endswith(":"), shop.records()[0]["result"]
    shop.emulated.script(image=image)
    number, ran = shop.records()[0]["number"], tasks(shop)
    piped.run("deploy", execution)
    assert f"release {number} ended as rolled back; this is another attempt: release {number + 1}" in piped.said
    piped.run("record", execution)
    assert shop.live()["web"] == image and tasks(shop) == ran
    newest = shop.records()[0]
    assert (newest["status"], newest["execution_id"], newest["author"]) == ("succeeded", execution, "Deborah")


@ONCE
def test_a_migration_that_fails_holds_up_who_was_waiting(piped: Piped) -> None:
    shop = piped.shop
    before, first, waiting = shop.live(), piped.start(), piped.start()
    broken = shop.push(migrations=adding("20260103000000", fails=True))
    error = piped.refused("migrate", first, broken)
    assert "in stage migrate" in error.message and "and push it: the next execution releases it" in error.message
    assert not shop.locked() and shop.records()[0]["status"] == "failed" and shop.live() == before
    piped.end(first, "Failed")
    ran, number = tasks(shop), len(shop.records())
    image = shop.push(migrations=adding("20260103000000"))
    held_up = piped.refused("migrate", waiting, image)
    assert f"execution {first}, has failed" in held_up.message and "Nothing was done" in held_up.message
    assert tasks(shop) == ran and len(shop.records()) == number and not shop.locked()
    # Somebody has seen it, and tries that one again.
    piped.release(image, waiting)
    assert shop.live()["web"] == image and "20260103000000" in shop.applied()


@ONCE
def test_a_migration_by_hand_opens_the_way(piped: Piped) -> None:
    shop = piped.shop
    first, waiting = piped.start(), piped.start()
    piped.refused("migrate", first, shop.push(migrations=adding("20260104000000", fails=True)))
    piped.end(first, "Failed")
    image = shop.push(migrations=adding("20260104000000"))
    piped.refused("migrate", waiting, image)
    later = piped.start()
    migrated = shop.emulated.run("rails_migration", image=image.partition("@")[2], names=option(), protected=False)
    assert migrated["applied"] == ["20260104000000"], migrated
    piped.release(image, later)
    assert shop.live()["web"] == image


@ONCE
def test_destructive_migrations_are_asked_for_where_the_environment_is_protected(piped: Piped) -> None:
    shop = piped.shop
    image = shop.push(migrations=adding("20260105000000", destructive=["remove_column"]))
    protected, execution = Piped(replace_env(shop, protected=True)), piped.start()
    protected.pipeline = piped.pipeline
    error = protected.refused("migrate", execution, image)
    assert "drop or rename" in error.message and "playbooks/migrate.yml -e image=sha256:" in error.message
    assert "20260105000000" not in shop.applied() and not shop.locked()
    allowed = {"allow_destructive_migrations": True, "names": option(), "protected": True}
    assert shop.emulated.run("rails_migration", image=image.partition("@")[2], **allowed)["applied"] == ["20260105000000"]
    protected.release(image, execution)
    assert shop.live()["web"] == image


def replace_env(shop: Releasing, **changes: Any) -> Releasing:
    return Releasing(shop.emulated, replace(shop.env, **changes), pushed=shop.pushed)


@ONCE
def test_whoever_comes_between_two_stages_is_told_which_execution_has_the_lock(piped: Piped) -> None:
    shop = piped.shop
    image, execution = shop.push(), piped.start()
    piped.run("migrate", execution, image)
    shop.emulated.advance(3600)
    another = piped.refused("migrate", piped.start(), image)
    assert f"execution {execution} of pipeline {PIPELINE}" in another.message and "has come past its stage Migrate" in another.message
    # Stopped while it waited for an approval: the next one takes over, and its release is no good one.
    piped.end(execution, "Stopped")
    newer = shop.push()
    piped.release(newer)
    assert [item["status"] for item in shop.records()[:2]] == ["succeeded", "failed"]
    late = piped.refused("deploy", execution)
    assert "has been released since" in late.message and "playbooks/rollback.yml" in late.message and shop.live()["web"] == newer


@ONCE
@pytest.mark.parametrize("verb", ["migrate", "deploy"])
def test_an_execution_that_is_being_stopped_begins_nothing(piped: Piped, verb: str) -> None:
    shop = piped.shop
    image, execution = shop.push(migrations=adding(f"2026010600000{len(verb)}")), piped.start()
    before, ran = shop.live(), tasks(shop)
    if verb == "deploy":
        piped.run("migrate", execution, image)
        ran += 1
    piped.end(execution, "Stopping")
    error = piped.refused(verb, execution, image)
    assert "is Stopping: nothing more is begun" in error.message
    assert shop.records()[0]["status"] == "stopped" and tasks(shop) == ran and shop.live() == before
    # That it was stopped is no failure of a migration.
    piped.release(shop.push())


@ONCE
def test_codepipelines_own_deployment_is_found_and_recorded(piped: Piped, tmp_path: Path) -> None:
    shop = piped.shop
    image, execution = shop.push(migrations=adding("20260107000000")), piped.start()
    piped.run("migrate", execution, image)
    early = piped.refused("record", execution)
    assert "has not deployed" in early.message
    piped.run("migrate", execution, image)
    deployment = piped.deploy_by_codepipeline(execution, image, tmp_path)
    assert shop.live()["web"] == image != shop.live()["worker"]
    piped.run("record", execution)
    newest = shop.records()[0]
    assert (newest["status"], newest["deployment_id"]) == ("succeeded", deployment) and shop.live() == {"web": image, "worker": image}
    running = shop.emulated.client("ecs").describe_services(cluster=shop.env.cluster, services=["web"])["services"][0]["taskSets"]
    assert newest["task_definitions"]["web"] == next(item["taskDefinition"] for item in running if item["status"] == "PRIMARY")
    assert not shop.release(image)["changed"], "by hand there is nothing to release"


@ONCE
def test_a_stage_that_is_rolled_back_releases_the_earlier_image(piped: Piped) -> None:
    shop = piped.shop
    earlier = shop.push()
    first = piped.release(earlier)
    piped.release(shop.push())
    number = next(item["number"] for item in shop.records() if item["execution_id"] == first)
    rollback = piped.start(executionType="ROLLBACK", rollbackMetadata={"rollbackTargetPipelineExecutionId": first})
    piped.run("deploy", rollback)
    assert shop.live() == {"web": earlier, "worker": earlier}
    assert (shop.records()[0]["back_to"], shop.records()[0]["execution_id"]) == (number, rollback)
    unknown = piped.start(executionType="ROLLBACK", rollbackMetadata={"rollbackTargetPipelineExecutionId": "gone"})
    assert "there is no release of execution gone that succeeded" in piped.refused("deploy", unknown).message


@pytest.mark.parametrize(
    ("fresh", "step"),
    [("codedeploy", 11), pytest.param("codedeploy", 1, marks=pytest.mark.soak), pytest.param("ecs", 2, marks=pytest.mark.soak)],
    indirect=["fresh"],
)
def test_a_kill_after_any_write_of_any_stage(step: int, piped: Piped) -> None:
    """Another attempt ends the same release: one migration, one deployment, no lock, scaling as it was."""
    shop = piped.shop
    for number, verb in enumerate(VERBS):
        write, killed = 0, True
        while killed:
            write += step
            version = f"20260{5 + number}{step:02d}00{write:04d}"
            image, execution = shop.push(migrations=adding(version)), piped.start()
            ran = tasks(shop)
            for before in list(VERBS)[:number]:
                piped.run(before, execution, image)
            killed = piped.killed_after(write, verb, execution, image)
            for later in list(VERBS)[number:]:
                piped.run(later, execution, image)
            piped.end(execution)
            place = (verb, write)
            assert shop.live() == {"web": image, "worker": image} and version in shop.applied(), place
            own = [item for item in shop.records() if item["execution_id"] == execution]
            assert [item["status"] for item in own] == ["succeeded"], place
            assert tasks(shop) - ran <= 2 and not shop.locked() and not shop.silent(), place


@ONCE
def test_a_stage_that_nobody_tries_again_leaves_it_to_the_next_release(piped: Piped) -> None:
    """Killed in the middle of a deployment: the next holder of the lock resumes the scaling."""
    shop = piped.shop
    image, execution = shop.push(), piped.start()
    piped.run("migrate", execution, image)
    write = 0
    while not shop.silent():
        write += 1
        assert piped.killed_after(write, "deploy", execution, image)
    with pytest.raises(RailyardError, match=f"execution {execution}"):
        piped.run("migrate", piped.start(), image)
    piped.end(execution, "Failed")
    newer = shop.push()
    piped.release(newer)
    assert shop.live() == {"web": newer, "worker": newer}
