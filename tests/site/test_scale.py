"""playbooks/scale.yml and playbooks/restart.yml as typed, and a converge after them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import aws
from tests.support import persons_of_iam
from tests.support.fargate import slowly
from tests.support.persons_of_iam import Person
from tests.support.playbooks import Played, converge, play
from tests.support.releases import Deployer

from .conftest import Made

NAME, SCALE, RESTART = "shop-local", "playbooks/scale.yml", "playbooks/restart.yml"


@pytest.fixture(scope="module")
def deployer(made: Made) -> Deployer:
    emulated = made()
    emulated.advance(300)
    return Deployer(emulated, NAME)


@pytest.fixture(scope="module")
def person(deployer: Deployer) -> Person:
    return persons_of_iam.make(deployer.emulated, "developer")


def target(deployer: Deployer) -> dict[str, Any]:
    scaling = deployer.emulated.client("application-autoscaling")
    found: list[dict[str, Any]] = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[f"service/{NAME}/web"])[
        "ScalableTargets"
    ]
    return found[0]


def in_hours(deployer: Deployer, hours: int) -> str:
    """A moment by AWS's clock, which is ahead of this machine's in tests."""
    answer = aws.answer(deployer.emulated.client("sts"), "GetCallerIdentity")
    return (aws.time_of(answer) + timedelta(hours=hours)).isoformat()


def scaled(deployer: Deployer, person: Person, *words: str) -> Played:
    with persons_of_iam.judged(deployer.emulated):
        return play(deployer.emulated, SCALE, *person.words, *[word for one in ("process=web", *words) for word in ("-e", one)])


def test_a_floor_is_kept_by_a_converge_shown_and_ends_by_itself(deployer: Deployer, person: Person) -> None:
    with slowly(deployer.emulated):
        raised = scaled(deployer, person, "min=3", f"until={in_hours(deployer, 2)}")
        assert raised.code == 0 and raised.count("changed") == 1 and "has at least 3 tasks until" in raised.output, raised.output
        deployer.emulated.advance(300)
        assert target(deployer)["MinCapacity"] == 3 and deployer.service()["desiredCount"] == 3
        kept = converge(deployer.emulated)
        assert kept.count("changed") == 0 and "web keeps at least 3" in kept.output and target(deployer)["MinCapacity"] == 3, kept.output
        shown = play(deployer.emulated, "playbooks/status.yml").output
        assert "web     3 of 3..4" in shown and "at least 3 until" in shown and "was 2" in shown, shown
        deployer.emulated.advance(2 * 3600)
        assert target(deployer)["MinCapacity"] == 2


def test_it_is_ended_early_and_refused_where_it_makes_no_sense(deployer: Deployer, person: Person) -> None:
    with slowly(deployer.emulated):
        assert scaled(deployer, person, "min=4", f"until={in_hours(deployer, 2)}").code == 0 and target(deployer)["MinCapacity"] == 4
        ended = scaled(deployer, person, "until=now")
    assert ended.code == 0 and "there is no floor any more" in ended.output and target(deployer)["MinCapacity"] == 2, ended.output
    for words, said in (
        (("min=9", "until=2h"), "min 9 is above max, 4"),
        (("process=cron", "min=3", "until=2h"), "there is no process cron; there are web, worker"),
        (("until=2h",), "min must be given"),
    ):
        refused = scaled(deployer, person, *words)
        assert refused.code == 2 and said in " ".join(refused.output.split()), refused.output


def test_one_process_is_restarted_and_web_is_not_restarted_alone(deployer: Deployer, person: Person) -> None:
    ecs = deployer.emulated.client("ecs")
    before = ecs.list_tasks(cluster=NAME, serviceName="worker")["taskArns"]
    with persons_of_iam.judged(deployer.emulated):
        done = play(deployer.emulated, RESTART, *person.words, "-e", "process=worker")
    assert done.code == 0 and "the tasks of worker were replaced" in done.output, done.output
    assert not set(before) & set(ecs.list_tasks(cluster=NAME, serviceName="worker")["taskArns"])
    refused = play(deployer.emulated, RESTART, "-e", "process=web")
    assert refused.code == 2 and "web is restarted by a release" in refused.output


def test_all_are_restarted_as_a_release_of_the_live_image(deployer: Deployer, person: Person) -> None:
    ecs = deployer.emulated.client("ecs")
    before = ecs.list_tasks(cluster=NAME, serviceName="web")["taskArns"]
    with persons_of_iam.judged(deployer.emulated):
        done = play(deployer.emulated, RESTART, *person.words, "-e", "reason=slow")
    assert done.code == 0, done.output
    deployer.emulated.advance(900)
    assert not set(before) & set(ecs.list_tasks(cluster=NAME, serviceName="web")["taskArns"])
    listed = play(deployer.emulated, "playbooks/releases.yml")
    assert "succeeded" in listed.output, listed.output
