"""playbooks/deployment.yml while a deployment waits, by both engines, as typed."""

from __future__ import annotations

import json

import pytest

from tests.support import persons_of_iam
from tests.support.deploying import ENGINES_OF_THE_GATE
from tests.support.fargate import slowly
from tests.support.playbooks import Played, play
from tests.support.releases import Deployer

from .conftest import Made

DEPLOYMENT, NAME = "playbooks/deployment.yml", "shop-local"


@pytest.fixture(scope="module", params=ENGINES_OF_THE_GATE)
def deployer(request: pytest.FixtureRequest, made: Made) -> Deployer:
    emulated = made("-e", f"railyard_engine={request.param}")
    emulated.advance(300)
    persons_of_iam.make(emulated, "developer")
    return Deployer(emulated, NAME, request.param)


def typed(deployer: Deployer, *words: str) -> Played:
    person = persons_of_iam.Person(deployer.emulated, "developer")
    with persons_of_iam.judged(deployer.emulated):
        return play(deployer.emulated, DEPLOYMENT, "-e", f"railyard_engine={deployer.engine}", *person.words, *words)


def test_it_is_shown_with_what_it_waits_for_and_goes_on(deployer: Deployer) -> None:
    assert "no deployment is in flight" in typed(deployer).output
    refused = typed(deployer, "-e", "do=continue")
    assert refused.code == 2 and "playbooks/rollback.yml" in refused.output, refused.output
    with slowly(deployer.emulated):
        deployment = deployer.deploy(deployer.push("two"))
        deployer.until(deployment, "Ready")
        shown = typed(deployer)
        assert "ready: " in shown.output and "waits for " in shown.output and "-e do=continue" in shown.output, shown.output
        told = json.loads(typed(deployer, "-e", "format=json").output)
        assert told["engine"] == deployer.engine and told["deployment"]["waits"][0]["by_person"] and told["deployment"]["waits"][0]["until"]
        went_on = typed(deployer, "-e", "do=continue", "-e", "wait_for=started")
        assert went_on.code == 0 and "continued" in went_on.output, went_on.output
        deployer.until(deployment, "Succeeded")
    assert deployer.weights()["green"] == 100


def test_it_is_stopped_and_users_stay_on_the_old_tasks(deployer: Deployer) -> None:
    before = deployer.weights()
    with slowly(deployer.emulated):
        deployment = deployer.deploy(deployer.push("three"))
        deployer.until(deployment, "Ready")
    back = typed(deployer, "-e", "do=rollback")
    assert back.code == 0 and "users are back on the old tasks" in back.output, back.output
    assert deployer.status(deployment) in ("Stopped", "Failed") and deployer.weights() == before
