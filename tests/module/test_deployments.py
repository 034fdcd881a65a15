"""Deployments by both engines: one table of what can happen, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import begin
from ansible_collections.railyard.fargate.plugins.module_utils._release.follow import follow, observe
from tests.support import deploying, fargate
from tests.support.deploying import Deploying
from tests.support.emulated import Emulated

Build = Callable[..., Deploying]


@pytest.fixture(params=deploying.ENGINES)
def build(request: pytest.FixtureRequest, emulated: Emulated) -> Iterator[Build]:
    """Builds the stage for one engine, and then lets time pass only when it is told to."""
    with fargate.slowly(emulated):
        yield lambda **options: deploying.build(emulated, request.param, **options)


def start(site: Deploying, image: str, on_running: str = "wait", **more: object) -> str:
    """Start a release; its id."""
    outcome = begin.start(site.live, site.wanted(image, **more), on_running, site.how())
    assert outcome.changed and outcome.deployment
    return str(outcome.deployment["deployment_id"])


def until(site: Deploying, identity: str, status: str) -> None:
    """Let time pass until a deployment is in this state."""
    for now, seconds in observe(site.live, identity, site.how()):
        if now["status"] == status:
            return
        assert seconds < 3600, now


def test_a_release_from_beginning_to_end(build: Build) -> None:
    site = build()
    wanted = site.wanted("shop:2", description="release 2")
    outcome = begin.start(site.live, wanted, "wait", site.how())
    assert outcome.changed and outcome.deployment
    assert outcome.deployment["status"] == "preparing" and outcome.deployment["engine"] == site.engine
    identity = outcome.deployment["deployment_id"]

    shifted = follow(site.live, identity, "shifted", site.how())
    assert shifted["status"] == "waiting" and shifted["image"] == "shop:2" and shifted["finished_at"] is None
    assert list(shifted["weights"].items()) == [(site.stage.green, 100), (site.stage.blue, 0)]
    assert shifted["tasks"] == {"desired": 2, "running": 2, "pending": 0, "healthy": 2}
    assert shifted["task_definition"].endswith(":2") and shifted["previous_task_definition"].endswith(":1")
    assert any(line.startswith("shifting: 10 % on the new tasks, 2 of 2 healthy, ") for line in site.said), site.said

    ended = follow(site.live, identity, "ended", site.how())
    assert ended["status"] == "succeeded" and ended["finished_at"] and ended["rollback"] is None
    assert ended["weights"][site.stage.green] == 100

    again = begin.start(site.live, wanted, "wait", site.how())
    assert not again.changed and again.deployment and again.deployment["deployment_id"] == identity


def test_a_release_that_waits_is_continued(build: Build) -> None:
    site = build(pause=True)
    identity = start(site, "shop:2")
    ready = follow(site.live, identity, "ready", site.how())
    assert ready["status"] == "ready" and ready["weights"] == {site.stage.green: 0, site.stage.blue: 100}
    assert site.stage.weights(site.stage.test_listener) == {"green": 100, "blue": 0}

    assert begin.proceed(site.live, None, check=True).changed
    outcome = begin.proceed(site.live, None, site.how())
    assert outcome.changed
    assert follow(site.live, identity, "shifted", site.how())["status"] == "waiting"
    assert begin.proceed(site.live, identity, site.how()).changed == (site.engine == "codedeploy")
    assert follow(site.live, identity, "ended", site.how())["status"] == "succeeded"
    assert not begin.proceed(site.live, identity, site.how()).changed


BAD: dict[str, dict[str, object]] = {
    "crashes": {"seconds": 2.0, "exit_code": 1, "lines": ["bundler: failed to load command: puma", "KeyError: DATABASE_URL"]},
    "runs out of memory": {"seconds": 2.0, "exit_code": 137, "exit_reason": "OutOfMemoryError: Container killed due to memory usage"},
    "cannot be pulled": {"reason": "CannotPullContainerError: manifest unknown", "stop_code": "TaskFailedToStart"},
    "is unhealthy": {"healthy": False},
}
SAID = {
    "crashes": ("exit code 1", "KeyError: DATABASE_URL", "Essential container in task exited"),
    "runs out of memory": ("exit code 137", "OutOfMemoryError"),
    "cannot be pulled": ("CannotPullContainerError: manifest unknown", "TaskFailedToStart"),
    "is unhealthy": ("Task failed ELB health checks",),
}


@pytest.mark.parametrize("what", BAD)
def test_new_tasks_that_keep_dying_are_taken_back_within_minutes(build: Build, what: str) -> None:
    site = build()
    site.emulated.script(image="shop:bad", **BAD[what])
    identity = start(site, "shop:bad")
    site.passed = 0.0
    with pytest.raises(RailyardError) as caught:
        follow(site.live, identity, "shifted", site.how())
    assert site.when("stopping") < 120, site.said
    for words in SAID[what]:
        assert words in caught.value.message, caught.value.message
    deployment = caught.value.details["deployment"]
    assert deployment["status"] == "rolled_back" and deployment["rollback"]["status"] == "succeeded"
    assert "live now: shop:1 behind" in caught.value.message.replace("Live", "live")
    assert deployment["weights"] == {site.stage.green: 0, site.stage.blue: 100}


def test_an_alarm_is_named_and_its_rollback_is_a_failure(build: Build) -> None:
    site = build()
    site.watch_alarm("errors")
    identity = start(site, "shop:2")
    until(site, identity, "shifting")
    site.ring("errors")
    with pytest.raises(RailyardError) as caught:
        follow(site.live, identity, "ended", site.how())
    assert "errors" in caught.value.message and "rolled back" in caught.value.message
    assert caught.value.details["deployment"]["rollback"]["status"] == "succeeded"


def test_one_in_flight_is_refused_waited_for_or_superseded(build: Build) -> None:
    site = build()
    first = start(site, "shop:2")
    with pytest.raises(RailyardError, match="is being deployed by") as refused:
        begin.start(site.live, site.wanted("shop:3"), "refuse", site.how())
    assert first.rpartition("/")[2] in refused.value.message and "on_running" in refused.value.message
    with pytest.raises(RailyardError, match="is being deployed by"):
        begin.start(site.live, site.wanted("shop:3"), "refuse", check=True)

    second = start(site, "shop:3", "supersede")
    superseded, running = site.live.read(first), site.live.running()
    # ECS keeps no words of ours: there it is a deployment that somebody has rolled back.
    assert superseded["status"] == {"codedeploy": "superseded", "ecs": "rolled_back"}[site.engine]
    assert [item["deployment_id"] for item in running] == [second]

    third = start(site, "shop:4", "wait")
    assert site.live.read(second)["status"] == "succeeded" and third != second
    assert follow(site.live, third, "shifted", site.how())["image"] == "shop:4"


def test_old_tasks_that_are_kept_do_not_block_the_next_release(build: Build) -> None:
    site = build(keep_minutes=1000)
    follow(site.live, start(site, "shop:2"), "shifted", site.how())
    site.passed = 0.0
    second = start(site, "shop:3", "refuse")
    assert site.passed < 60
    assert follow(site.live, second, "shifted", site.how())["image"] == "shop:3"


def test_the_same_release_in_flight_is_returned_and_not_started_twice(build: Build) -> None:
    site = build()
    wanted = site.wanted("shop:2", token="t1")
    first = begin.start(site.live, wanted, "wait", site.how())
    again = begin.start(site.live, wanted, "refuse", site.how())
    assert first.changed and not again.changed
    assert first.deployment and again.deployment and again.deployment["deployment_id"] == first.deployment["deployment_id"]
    assert len(site.live.running()) == 1


def test_stopping_goes_back_and_is_followed_to_the_end(build: Build) -> None:
    site = build()
    assert not begin.stop(site.live, None, True, site.how()).changed
    identity = start(site, "shop:2")
    until(site, identity, "shifting")
    assert begin.stop(site.live, None, True, check=True).changed
    outcome = begin.stop(site.live, None, True, site.how())
    assert outcome.changed and outcome.deployment and outcome.deployment["status"] == "rolled_back"
    assert outcome.deployment["weights"] == {site.stage.green: 0, site.stage.blue: 100}
    assert outcome.deployment["rollback"]["status"] == "succeeded"
    assert not begin.stop(site.live, identity, True, site.how()).changed
    with pytest.raises(RailyardError, match="was rolled back"):
        follow(site.live, identity, "ended", site.how())


def test_a_state_that_lasts_too_long_is_an_error(build: Build) -> None:
    site = build(keep_minutes=1000)
    identity = start(site, "shop:2")
    with pytest.raises(RailyardError, match=r"timeouts\.waiting") as caught:
        follow(site.live, identity, "ended", site.how(timeouts={"waiting": 120}))
    assert "Live now: shop:2 behind" in caught.value.message
    assert site.live.read(identity)["status"] == "waiting"


def test_tasks_that_are_not_ready_in_time_are_taken_back(build: Build) -> None:
    site = build()
    identity = start(site, "shop:2")
    with pytest.raises(RailyardError, match=r"timeouts\.preparing") as caught:
        follow(site.live, identity, "shifted", site.how(timeouts={"preparing": 0}))
    assert caught.value.details["deployment"]["status"] == "rolled_back"


def test_the_newest_deployments_are_listed(build: Build) -> None:
    site = build(keep_minutes=0)
    ids = []
    for image in ("shop:2", "shop:3"):
        ids.append(start(site, image))
        follow(site.live, ids[-1], "ended", site.how())
    assert [item["deployment_id"] for item in site.live.recent(2)] == ids[::-1]
    assert [item["status"] for item in site.live.recent(2)] == ["succeeded", "succeeded"]
    with pytest.raises(RailyardError, match="has no deployment"):
        site.live.read("d-AAAAAAAAA" if site.engine == "codedeploy" else f"{ids[0]}x")


def test_one_that_another_release_replaced_is_superseded(emulated: Emulated) -> None:
    """ECS lets a newer deployment take the place of one in flight; CodeDeploy refuses it and names the one in flight."""
    with fargate.slowly(emulated):
        site = deploying.build(emulated, "ecs")
        first = start(site, "shop:2")
        emulated.client("ecs").update_service(cluster="shop", service="web", taskDefinition=site.define("shop:3"))
        with pytest.raises(RailyardError, match="was superseded") as caught:
            follow(site.live, first, "ended", site.how())
        assert caught.value.details["deployment"]["status"] == "superseded"


def test_codedeploy_names_the_one_in_flight(emulated: Emulated) -> None:
    """Somebody else was faster, after we had looked."""
    with fargate.slowly(emulated):
        site = deploying.build(emulated, "codedeploy")
        first = start(site, "shop:2", token="t1")
        with pytest.raises(RailyardError, match="on_running") as caught:
            site.live.start(site.wanted("shop:3"))
        assert first in caught.value.message and caught.value.code == "DeploymentLimitExceededException"
        assert site.live.start(site.wanted("shop:4", token="t1")) == first


def test_a_finished_request_is_found_by_its_token(emulated: Emulated) -> None:
    with fargate.slowly(emulated):
        site = deploying.build(emulated, "codedeploy", keep_minutes=0)
        wanted = site.wanted("shop:2", token="t1", force=True)
        first = begin.start(site.live, wanted, "wait", site.how()).deployment
        assert first is not None
        follow(site.live, first["deployment_id"], "ended", site.how())
        again = begin.start(site.live, wanted, "wait", site.how())
        assert not again.changed and again.deployment and again.deployment["deployment_id"] == first["deployment_id"]
        assert begin.start(site.live, {**wanted, "token": "t2"}, "wait", site.how()).changed
