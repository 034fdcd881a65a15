"""Deployments by both engines that do not go as they should: what is done, and what is said."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from botocore.exceptions import ConnectionClosedError

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._deployment import start
from ansible_collections.railyard.fargate.plugins.module_utils._deployment.follow import follow
from tests.support import deploying, fargate
from tests.support.deploying import Deploying, build_slowly
from tests.support.emulated import Emulated

Build = Callable[..., Deploying]
__all__ = ["build_slowly"]  # a fixture


BAD: dict[str, dict[str, object]] = {
    "crashes": {"seconds": 2.0, "exit_code": 1, "lines": ["bundler: failed to load command: puma", "KeyError: DATABASE_URL"]},
    "runs out of memory": {"seconds": 2.0, "exit_code": 137, "exit_reason": "OutOfMemoryError: Container killed due to memory usage"},
    "cannot be pulled": {"reason": "CannotPullContainerError: manifest unknown", "stop_code": "TaskFailedToStart"},
    "is unhealthy": {"healthy": False},
}


SAID = {
    "crashes": ("exit code 1", "bundler: failed to load", "KeyError: DATABASE_URL", "Essential container in task exited"),
    "runs out of memory": ("exit code 137", "OutOfMemoryError"),
    "cannot be pulled": ("CannotPullContainerError: manifest unknown", "TaskFailedToStart"),
    "is unhealthy": ("Task failed ELB health checks", "Health checks failed"),
}


@pytest.mark.parametrize("what", BAD)
def test_new_tasks_in_a_crash_loop_are_taken_back_within_minutes(build_slowly: Build, what: str) -> None:
    site = build_slowly()
    site.emulated.script(image="shop:bad", **BAD[what])
    identity = site.start("shop:bad")
    site.passed = 0.0
    with pytest.raises(RailyardError) as caught:
        follow(site.live, identity, "traffic_shifted", site.how())
    assert site.when("stopping") < 120, site.said
    for words in SAID[what]:
        assert words in caught.value.message, caught.value.message
    deployment = caught.value.details["deployment"]
    assert deployment["status"] == "rolled_back" and deployment["rollback"]["status"] == "succeeded"
    assert "live now: shop:1 behind" in caught.value.message.replace("Live", "live")
    assert deployment["weights"] == {site.stage.green: 0, site.stage.blue: 100}


def test_those_that_died_in_an_earlier_deployment_do_not_count(build_slowly: Build) -> None:
    site = build_slowly()
    site.emulated.script(image="shop:bad", **BAD["crashes"])
    wanted = site.wanted("shop:bad")
    start.start_deployment(site.live, wanted, "wait", site.how())
    site.sleep(60)
    start.stop_deployment(site.live, None, True, site.how())
    site.emulated.script(image="shop:bad")
    second = start.start_deployment(site.live, wanted, "wait", site.how()).deployment
    assert second is not None
    assert follow(site.live, second["deployment_id"], "traffic_shifted", site.how())["status"] == "waiting"


def test_an_alarm_is_named_and_its_rollback_is_a_failure(build_slowly: Build) -> None:
    site = build_slowly()
    site.watch_alarm("errors")
    identity = site.start("shop:2")
    site.until(identity, "shifting")
    site.ring("errors")
    with pytest.raises(RailyardError) as caught:
        follow(site.live, identity, "old_tasks_stopped", site.how())
    assert "errors" in caught.value.message and "rolled back" in caught.value.message
    assert caught.value.details["deployment"]["rollback"]["status"] == "succeeded"


def test_stopping_goes_back_and_is_followed_to_the_end(build_slowly: Build) -> None:
    site = build_slowly()
    assert not start.stop_deployment(site.live, None, True, site.how()).changed
    identity = site.start("shop:2")
    site.until(identity, "shifting")
    assert start.stop_deployment(site.live, None, True, check=True).changed
    outcome = start.stop_deployment(site.live, None, True, site.how())
    assert outcome.changed and outcome.deployment and outcome.deployment["status"] == "rolled_back"
    assert outcome.deployment["weights"] == {site.stage.green: 0, site.stage.blue: 100}
    assert outcome.deployment["rollback"]["status"] == "succeeded"
    assert not start.stop_deployment(site.live, identity, True, site.how()).changed
    with pytest.raises(RailyardError, match="was rolled back"):
        follow(site.live, identity, "old_tasks_stopped", site.how())


def test_after_a_rollback_what_is_live_again_is_not_deployed_again(build_slowly: Build) -> None:
    site = build_slowly(keep_minutes=0)
    good = site.wanted("shop:2")
    first = start.start_deployment(site.live, good, "wait", site.how()).deployment
    assert first is not None
    follow(site.live, first["deployment_id"], "old_tasks_stopped", site.how())
    bad = site.start("shop:3")
    start.stop_deployment(site.live, None, True, site.how())
    again = start.start_deployment(site.live, good, "wait", site.how())
    assert not again.changed and again.deployment and again.deployment["deployment_id"] == first["deployment_id"]
    site.sleep(60)
    repeated = start.start_deployment(
        site.live, {**good, "task_definition": str(site.live.read(bad)["task_definition"])}, "wait", site.how()
    )
    assert repeated.changed


def test_one_that_goes_back_is_not_continued(build_slowly: Build) -> None:
    site = build_slowly()
    identity = site.start("shop:2")
    site.until(identity, "shifting")
    site.live.stop(identity, rollback=True)
    site.until(identity, "rolling_back")
    outcome = start.continue_deployment(site.live, None, site.how())
    assert not outcome.changed
    with pytest.raises(RailyardError, match="was rolled back"):
        start.follow_on(site.live, outcome, "traffic_shifted", site.how())


def test_a_state_that_lasts_too_long_is_an_error(build_slowly: Build) -> None:
    site = build_slowly(keep_minutes=1000)
    identity = site.start("shop:2")
    with pytest.raises(RailyardError, match=r"timeouts\.waiting") as caught:
        follow(site.live, identity, "old_tasks_stopped", site.how(timeouts={"waiting": 120}))
    assert "Live now: shop:2 behind" in caught.value.message
    assert site.live.read(identity)["status"] == "waiting"


def test_tasks_that_are_not_ready_in_time_are_taken_back(build_slowly: Build) -> None:
    site = build_slowly()
    identity = site.start("shop:2")
    with pytest.raises(RailyardError, match=r"timeouts\.preparing") as caught:
        follow(site.live, identity, "traffic_shifted", site.how(timeouts={"preparing": 0}))
    assert caught.value.details["deployment"]["status"] == "rolled_back"


def test_one_that_another_release_replaced_is_superseded(emulated: Emulated) -> None:
    """ECS lets a newer deployment take the place of one in flight; CodeDeploy refuses it and names the one in flight."""
    with fargate.slowly(emulated):
        site = deploying.build(emulated, "ecs")
        first = site.start("shop:2")
        emulated.client("ecs").update_service(cluster="shop", service="web", taskDefinition=site.define("shop:3"))
        with pytest.raises(RailyardError, match="was superseded") as caught:
            follow(site.live, first, "old_tasks_stopped", site.how())
        assert caught.value.details["deployment"]["status"] == "superseded"


def test_codedeploy_names_the_one_in_flight(emulated: Emulated) -> None:
    """Somebody else was faster, after we had looked."""
    with fargate.slowly(emulated):
        site = deploying.build(emulated, "codedeploy")
        first = site.start("shop:2", token="t1")
        with pytest.raises(RailyardError, match="if_running") as caught:
            site.live.start(site.wanted("shop:3"))
        assert first in caught.value.message and caught.value.code == "DeploymentLimitExceededException"
        assert site.live.start(site.wanted("shop:4", token="t1")) == first


WRITES = {
    "start": {"codedeploy": ("codedeploy", "create_deployment"), "ecs": ("ecs", "update_service")},
    "continue": {"codedeploy": ("codedeploy", "continue_deployment"), "ecs": ("ecs", "continue_service_deployment")},
    "stop": {"codedeploy": ("codedeploy", "stop_deployment"), "ecs": ("ecs", "stop_service_deployment")},
}


@pytest.fixture
def lose(monkeypatch: pytest.MonkeyPatch) -> Callable[[Deploying, str], None]:
    """The reply to the next write of this kind is lost: AWS has done it, and nobody was told."""

    def once(site: Deploying, write: str) -> None:
        service, method = WRITES[write][site.engine]
        client = site.emulated.client(service)
        real = getattr(client, method)

        def lost(**params: object) -> object:
            real(**params)
            monkeypatch.setattr(client, method, real)
            raise ConnectionClosedError(endpoint_url=site.emulated.state.url)

        monkeypatch.setattr(client, method, lost)

    return once


def test_a_lost_reply_is_made_up_for_by_the_next_run(build_slowly: Build, lose: Callable[[Deploying, str], None]) -> None:
    site = build_slowly(pause=True)
    wanted = site.wanted("shop:2")
    lose(site, "start")
    with pytest.raises(RailyardError, match="Connection was closed"):
        start.start_deployment(site.live, wanted, "refuse", site.how())
    again = start.start_deployment(site.live, wanted, "refuse", site.how())
    assert not again.changed and again.deployment and len(site.live.running()) == 1
    identity = again.deployment["deployment_id"]

    follow(site.live, identity, "ready", site.how())
    lose(site, "continue")
    # With ECS it is seen at once that the pause is over.
    with contextlib.suppress(RailyardError):
        start.continue_deployment(site.live, None, site.how())
    start.continue_deployment(site.live, None, site.how())
    site.until(identity, "shifting")

    lose(site, "stop")
    with pytest.raises(RailyardError, match="Connection was closed"):
        start.stop_deployment(site.live, None, True, site.how())
    outcome = start.stop_deployment(site.live, None, True, site.how())
    assert outcome.deployment and outcome.deployment["status"] == "rolled_back"
    assert outcome.deployment["weights"][site.stage.blue] == 100


def test_stop_without_rollback_does_not_move_traffic(build_slowly: Build) -> None:
    site = build_slowly()
    identity = site.start("shop:2")
    site.until(identity, "shifting")
    site.sleep(15)
    outcome = start.stop_deployment(site.live, None, False, site.how())
    assert outcome.deployment and outcome.deployment["status"] == "stopped" and outcome.deployment["rollback"] is None
    assert outcome.deployment["weights"] == {site.stage.green: 10, site.stage.blue: 90}
