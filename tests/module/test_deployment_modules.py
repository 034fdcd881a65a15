"""The modules of both engines: the same story, told twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import deploying
from tests.support.deploying import Deploying
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.walk import differences

MODULE = {"codedeploy": "codedeploy_deployment", "ecs": "ecs_service_deployment"}
Build = Callable[..., Deploying]


@pytest.fixture(params=deploying.ENGINES)
def build(request: pytest.FixtureRequest, emulated: Emulated) -> Iterator[Build]:
    """AWS's hour for a wait is half a minute here: a module that starts on a busy machine must not miss it."""
    with slowly(emulated, 100.0):
        yield lambda **options: deploying.build(emulated, request.param, **options)


def run(site: Deploying, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """Run the engine's module; what it returns is what it documents."""
    name = MODULE[site.engine]
    result = site.emulated.run(name, check=check, **site.module, **options)
    if not result.get("failed"):
        assert differences(name, result) == []
    return result


def found(site: Deploying) -> list[dict[str, Any]]:
    name = f"{MODULE[site.engine]}_info"
    result = site.emulated.run(name, **site.module)
    assert not result["changed"] and differences(name, result) == []
    return list(result["deployments"])


def test_check_start_again_continue_again(build: Build, tmp_path: Path) -> None:
    site = build(pause=True)
    definition, progress = site.define("shop:2"), tmp_path / "progress"
    before = len(site.emulated.writes())
    predicted = run(site, check=True, task_definition="shop")
    assert predicted["changed"] and len(site.emulated.writes()) == before
    assert predicted["deployment"]["task_definition"] == definition and predicted["deployment"]["status"] == "preparing"

    started = run(site, task_definition="shop:2", wait_for="ready", progress=str(progress))
    assert started["changed"] and started["deployment"]["status"] == "ready"
    assert started["diff"] == {"before": {"task_definition": definition[:-1] + "1"}, "after": {"task_definition": definition}}
    assert progress.read_text().startswith("started ") and "\nready: 2 of 2 healthy, " in progress.read_text()
    again = run(site, task_definition=definition, wait_for="ready")
    assert not again["changed"] and again["deployment"] == started["deployment"]
    assert found(site)[0] == started["deployment"]

    predicted = run(site, check=True, state="continued")
    assert predicted["changed"] and predicted["deployment"]["status"] == "shifting" and found(site)[0]["status"] == "ready"
    continued = run(site, state="continued", wait_for="old_tasks_stopped")
    assert continued["changed"] and continued["deployment"]["status"] == "succeeded"
    assert continued["diff"] == {"before": {"status": "ready"}, "after": {"status": "succeeded"}}
    assert not run(site, state="continued", wait_for="old_tasks_stopped")["changed"]

    assert not run(site, task_definition="shop:2", wait_for="old_tasks_stopped")["changed"]
    assert run(site, check=True, task_definition="shop:2", force=True)["changed"]


def test_stop_and_stop_again(build: Build) -> None:
    site = build(pause=True)
    run(site, task_definition=site.define("shop:2"), wait_for="ready")
    predicted = run(site, check=True, state="stopped")
    assert predicted["changed"] and predicted["deployment"]["status"] == "rolled_back"
    stopped = run(site, state="stopped")
    assert stopped["changed"] and stopped["deployment"]["status"] == "rolled_back"
    assert stopped["diff"] == {"before": {"status": "ready"}, "after": {"status": "rolled_back"}}
    again = run(site, state="stopped")
    assert not again["changed"]


def test_a_failure_has_the_deployment_and_the_reason(build: Build) -> None:
    site = build()
    site.emulated.script(image="shop:bad", seconds=2.0, exit_code=3, lines=["no database"])
    failed = run(site, task_definition=site.define("shop:bad"))
    assert failed["failed"] and "exit code 3" in failed["msg"] and "no database" in failed["msg"]
    assert failed["deployment"]["status"] == "rolled_back"


def test_what_cannot_be_deployed_is_refused_before_the_first_write(build: Build) -> None:
    site = build()
    before = len(site.emulated.writes())
    absent = run(site, task_definition="shop:99")
    assert absent["failed"] and "task definition shop:99 does not exist" in absent["msg"]
    if site.engine == "codedeploy":
        wrong = run(site, task_definition="shop", container_name="nginx")
        assert "has no container nginx; it has web" in wrong["msg"]
        wrong = run(site, task_definition="shop", container_name="web", container_port=80)
        assert "has no port 80; it has 3000" in wrong["msg"]
    else:
        wrong = run(site, task_definition=site.define("shop:2"), strategy="ROLLING", step_percent=10)
        before += 1
        assert "LINEAR and CANARY" in wrong["msg"]
    assert len(site.emulated.writes()) == before


@pytest.mark.parametrize("engine", deploying.ENGINES)
def test_an_empty_account_is_predicted(emulated: Emulated, engine: str) -> None:
    names: dict[str, Any] = {
        "codedeploy": {"application_name": "shop", "deployment_group_name": "web"},
        "ecs": {"cluster": "shop", "service": "web"},
    }[engine]
    predicted = emulated.run(MODULE[engine], check=True, task_definition="shop", **names)
    assert predicted["changed"] and differences(MODULE[engine], predicted) == []
    assert not emulated.run(MODULE[engine], check=True, state="stopped", **names)["changed"]
    assert emulated.run(MODULE[engine], task_definition="shop", **names)["failed"]
    assert emulated.run(f"{MODULE[engine]}_info", **names)["deployments"] == []
    assert not emulated.writes()
