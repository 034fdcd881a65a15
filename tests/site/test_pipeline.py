"""From a push to a recorded release, by both engines: the pipeline that `site.yml` makes, and playbooks/pipeline.yml as typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from emulator import process
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.playbooks import Played, converge, play
from tests.support.releasing import NAME
from tests.support.source import Repository

from .conftest import Made

PIPELINE = "playbooks/pipeline.yml"
ON = ("-e", '{"railyard_pipeline": true, "railyard_image": ""}')
STAGES = ["Source", "Build", "Migrate", "Deploy", "Record"]


@dataclass
class Team:
    """A team whose pushes are released. `words`: what is said to each playbook."""

    emulated: Emulated
    repository: Repository
    words: tuple[str, ...]

    def type(self, *words: str) -> Played:
        with slowly(self.emulated, 60.0):
            return play(self.emulated, PIPELINE, *self.words, *words)

    def shown(self, limit: int = 1) -> dict[str, Any]:
        played = play(self.emulated, PIPELINE, *self.words, "-e", "format=json", "-e", f"limit={limit}")
        assert played.code == 0, played.output
        found: dict[str, Any] = json.loads(played.output)
        return found

    def newest(self) -> dict[str, Any]:
        newest: dict[str, Any] = self.shown()["executions"][0]
        return newest

    def records(self) -> list[dict[str, Any]]:
        played = play(self.emulated, "playbooks/releases.yml", *self.words, "-e", "format=json")
        found: list[dict[str, Any]] = json.loads(played.output)["releases"]
        return found

    def live(self) -> str:
        """Digest of the image that users reach."""
        ecs = self.emulated.client("ecs")
        (web,) = ecs.describe_services(cluster=NAME, services=["web"])["services"]
        primary = next((each for each in web.get("taskSets", []) if each["status"] == "PRIMARY"), web)
        definition = ecs.describe_task_definition(taskDefinition=primary["taskDefinition"])["taskDefinition"]
        return str(definition["containerDefinitions"][0]["image"]).partition("@")[2]

    def settled(self) -> None:
        """The site is as it was: nothing is left that a converge would change."""
        with slowly(self.emulated, 60.0):
            assert converge(self.emulated, *self.words).count("changed") == 0


@pytest.fixture(scope="module", params=["codedeploy", pytest.param("ecs", marks=pytest.mark.soak)])
def team(request: pytest.FixtureRequest, made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    words = (*ON, "-e", f"railyard_engine={request.param}")
    emulated = made(*words)
    process.control(emulated.state, "connections")
    converge(emulated, *words)
    yield Team(emulated, Repository(tmp_path_factory.mktemp("repository") / "shop", emulated), words)


def test_a_connection_that_waits_is_said_and_the_rest_is_made(made: Made) -> None:
    words = (*ON, "-e", "railyard_engine=codedeploy")
    emulated = made(*words)
    # A copy has an address of its own, which the description of the environment names.
    converge(emulated, *words)
    again = converge(emulated, *words)
    assert again.count("changed") == 0 and "waits until somebody lets AWS read acme/shop" in again.output, again.output
    assert emulated.client("codepipeline").list_pipelines()["pipelines"] == []
    assert emulated.client("codebuild").list_projects()["projects"] == [f"{NAME}-build"]


def test_a_push_is_released(team: Team) -> None:
    team.settled()
    team.repository.migration("20260101000000", "CreateOrders", "create_table :orders")
    commit = team.repository.push("Take orders")
    followed = team.type("-e", "do=follow")
    assert followed.code == 0 and "Take orders by Deborah" in followed.output, followed.output
    newest = team.newest()
    assert [stage["name"] for stage in newest["stages"]] == STAGES and newest["status"] == "Succeeded"
    assert newest["commit"]["id"] == commit and newest["cost"]["total_usd"] > 0
    (record,) = team.records()
    assert (record["status"], record["commit"], record["author"], record["subject"]) == ("succeeded", commit, "Deborah", "Take orders")
    assert (record["digest"], record["execution_id"]) == (team.live(), newest["pipeline_execution_id"])
    assert record["schema_after"] == "20260101000000"
    team.settled()


def test_a_migration_that_fails_changes_nothing_for_users(team: Team) -> None:
    live, before = team.live(), len(team.records())
    broken = team.repository.migration("20260102000000", "Broken", 'raise "no such column"')
    team.repository.push("Add a note")
    failed = team.type("-e", "do=follow")
    assert failed.code != 0 and "no such column" in failed.output and "stage Migrate" in failed.output, failed.output
    assert team.live() == live and team.newest()["cause"]["stage"] == "Migrate"
    assert team.records()[0]["status"] == "failed" and len(team.records()) == before + 1
    shown = team.type("-e", "exit_status=yes")
    assert shown.code != 0 and "-e do=retry" in shown.output, shown.output
    team.settled()
    broken.unlink()


def test_an_image_that_crashes_is_taken_back(team: Team) -> None:
    live = team.live()
    team.repository.crashes()
    team.repository.push("Crash")
    failed = team.type("-e", "do=follow")
    assert failed.code != 0 and "bootsnap" in failed.output and "stage Deploy" in failed.output, failed.output
    assert team.live() == live
    team.settled()
    team.repository.crashes(False)


def test_a_commit_that_was_built_is_not_built_again(team: Team) -> None:
    commit = team.repository.push("Go on")
    assert team.type("-e", "do=follow").code == 0
    digest = team.live()
    again = team.type("-e", "do=start", "-e", f"commit={commit}")
    assert again.code == 0 and team.live() == digest, again.output
    assert len(team.emulated.client("ecr").describe_images(repositoryName=NAME, imageIds=[{"imageTag": commit[:12]}])["imageDetails"]) == 1
    team.settled()
