"""From a push to a recorded release, by both engines: the pipeline that `site.yml` makes, and playbooks/pipeline.yml as typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from emulator import process
from tests.support import persons_of_iam
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.persons import until
from tests.support.playbooks import Played, converge, play
from tests.support.releasing import LOCAL, NAME
from tests.support.source import Repository

from .conftest import Made
from .test_console import MINUTE, Person

PIPELINE = "playbooks/pipeline.yml"
ADDRESS = "ada@example.com"
ON = ("-e", '{"railyard_pipeline": true, "railyard_image": "", "railyard_notifications": {"emails": ["ada@example.com"]}}')
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

    def migrations(self) -> int:
        """How often a task was asked for: nobody runs any but migrations here."""
        return self.emulated.writes().count("ecs:RunTask")

    def reaches(self, stage: str, status: str = "InProgress") -> str:
        """Wait until the newest execution is in a stage; its id."""
        codepipeline = self.emulated.client("codepipeline")
        newest = codepipeline.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"][0]["pipelineExecutionId"]

        def there() -> bool:
            states = {
                each["stageName"]: each.get("latestExecution", {}) for each in codepipeline.get_pipeline_state(name=NAME)["stageStates"]
            }
            return (states[stage].get("pipelineExecutionId"), states[stage].get("status")) == (newest, status)

        until(there, 4 * MINUTE, 0.1)
        return str(newest)

    def at_work(self) -> bool:
        """Whether a process of a stage has the lock."""
        found = self.emulated.client("s3").get_object(Bucket=LOCAL.bucket, Key="lock.json") if self.held() else None
        return found is not None and bool(json.loads(found["Body"].read()).get("process"))

    def held(self) -> bool:
        """Whether anybody has the lock."""
        return bool(self.emulated.client("s3").list_objects_v2(Bucket=LOCAL.bucket, Prefix="lock.json").get("Contents"))

    def told(self) -> str:
        """All that has arrived by e-mail."""
        return "\n".join(each["text"] for each in process.control(self.emulated.state, "inbox", to=ADDRESS))

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
    process.control(emulated.state, "confirm_subscription")
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
    assert f'"Commit: {commit} Take orders"\n"Author: Deborah"' in team.told()
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
    told = team.told()
    assert f"{NAME}: a release has failed." in told and f"{NAME}: stage Deploy has failed." in told, told
    assert f"{NAME}: deployment " in told and "playbooks/pipeline.yml -e execution=" in told, told
    team.settled()
    team.repository.crashes(False)


# What shows that a stage has begun its work, and a speed at which nothing goes on meanwhile.
BEGUN, FROZEN = {"Migrate": "ecs:RunTask", "Deploy": "application-autoscaling:RegisterScalableTarget"}, 0.01


@pytest.mark.soak
@pytest.mark.parametrize("abandon", [False, True])
@pytest.mark.parametrize("stage", STAGES[1:])
def test_a_stop_in_a_stage_and_a_retry_of_it(stage: str, abandon: bool, team: Team) -> None:
    """Nothing is left that holds up anybody, and the stage tried again ends the same release with one migration."""
    version = f"2027{STAGES.index(stage):02d}{abandon:02d}000000"
    team.repository.migration(version, f"Add{stage}{abandon}".lower().capitalize())
    ran, commit = team.migrations(), team.repository.push(f"Stopped in {stage}")
    begun, before = BEGUN.get(stage, ""), team.emulated.writes()
    with slowly(team.emulated, 20.0):
        identity = team.reaches(stage)
        until(lambda: not begun or team.emulated.writes().count(begun) > before.count(begun), 4 * MINUTE, 0.1)
    with slowly(team.emulated, FROZEN):
        asked = play(team.emulated, PIPELINE, *team.words, "-e", "do=stop", "-e", "wait=no", "-e", f"abandon={abandon}")
    assert asked.code == 0, asked.output
    ended = team.type("-e", "do=follow", "-e", f"execution={identity}")
    assert ended.code == 0 and "stopped" in ended.output.lower(), ended.output
    with slowly(team.emulated, 60.0):
        until(lambda: not team.at_work(), 4 * MINUTE, 0.3)
    newest = team.newest()
    assert (newest["pipeline_execution_id"], newest["status"]) == (identity, "Stopped")
    team.settled()
    again = team.type("-e", "do=retry")
    assert again.code == 0 and team.newest()["status"] == "Succeeded", again.output
    own = [record for record in team.records() if record["execution_id"] == identity]
    assert own[0]["status"] == "succeeded" and own[0]["commit"] == commit and own[0]["digest"] == team.live()
    assert team.migrations() - ran == 1
    team.settled()


@pytest.mark.soak
def test_a_failed_deployment_is_tried_again_without_migrating(team: Team) -> None:
    team.repository.migration("20280101000000", "AddColour")
    team.repository.crashes()
    ran, live, commit = team.migrations(), team.live(), team.repository.push("Crash once")
    assert team.type("-e", "do=follow").code != 0 and team.live() == live
    (image,) = team.emulated.client("ecr").describe_images(repositoryName=NAME, imageIds=[{"imageTag": commit[:12]}])["imageDetails"]
    uri = f"{team.emulated.client('ecr').describe_repositories()['repositories'][0]['repositoryUri']}@{image['imageDigest']}"
    team.emulated.script(image=uri)
    again = team.type("-e", "do=retry")
    assert again.code == 0 and team.live() == image["imageDigest"], again.output
    assert team.migrations() - ran == 1 and not team.records()[1]["result"].endswith(":")
    team.repository.crashes(False)
    team.settled()


@pytest.mark.soak
def test_the_stage_deploy_is_rolled_back(team: Team) -> None:
    before, commit = team.live(), team.repository.push("Regret")
    assert team.type("-e", "do=follow").code == 0 and team.live() != before
    back = team.type("-e", "do=rollback", "-e", 'reason="it was slow"')
    assert back.code == 0 and team.live() == before, back.output
    record = team.records()[0]
    assert record["status"] == "succeeded" and record["back_to"] and record["commit"] != commit
    team.settled()


@pytest.mark.soak
def test_a_push_during_a_release_waits_for_its_turn(team: Team) -> None:
    first = team.repository.push("First of two")
    with slowly(team.emulated, 20.0):
        team.reaches("Deploy")
        second = team.repository.push("Second of two")
        followed = team.type("-e", "do=follow")
    assert followed.code == 0, followed.output
    assert [record["commit"] for record in team.records()[:2]] == [second, first]
    assert {record["status"] for record in team.records()[:2]} == {"succeeded"} and not team.held()
    team.settled()


@pytest.mark.soak
def test_executions_wait_in_the_queue_while_one_waits_for_an_approval(team: Team) -> None:
    """Nobody has the lock, and nothing fails: the next one is asked about when it is its turn."""
    words = (*team.words, "-e", '{"pipeline_approval": true}')
    with slowly(team.emulated, 60.0):
        converge(team.emulated, *words)
    approving = Team(team.emulated, team.repository, words)
    first = team.repository.push("Asked about")
    approving.reaches("Approve")
    second = team.repository.push("Asked about next")
    assert not approving.held() and "waits for a person" in approving.type().output
    for commit in (first, second):
        approving.reaches("Build", "Succeeded")
        assert approving.type("-e", "do=approve", "-e", "wait=no").code == 0
        followed = approving.type("-e", "do=follow", "-e", f"execution={execution_of(approving, commit)}")
        assert followed.code == 0, followed.output
        assert approving.records()[0]["commit"] == commit
    approving.settled()
    with slowly(team.emulated, 60.0):
        converge(team.emulated, *team.words)


def execution_of(team: Team, commit: str) -> str:
    found = team.emulated.client("codepipeline").list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"]
    return next(str(each["pipelineExecutionId"]) for each in found if each["sourceRevisions"][0]["revisionId"] == commit)


@pytest.mark.soak
@pytest.mark.parametrize("team", ["codedeploy"], indirect=True)
def test_codepipelines_own_action_deploys(team: Team) -> None:
    """CodeDeployToECS: a push, the next one, and one that crashes and goes back."""
    words = (*team.words, "-e", '{"pipeline_deploy_by": "codedeploy", "railyard_smoke": {"tries": 0}}')
    with slowly(team.emulated, 60.0):
        converge(team.emulated, *words)
    own = Team(team.emulated, team.repository, words)
    own.settled()
    for message in ("By CodePipeline", "By CodePipeline again"):
        commit = team.repository.push(message)
        followed = own.type("-e", "do=follow")
        assert followed.code == 0, followed.output
        record = own.records()[0]
        assert (record["status"], record["commit"], record["digest"]) == ("succeeded", commit, own.live()) and record["deployment_id"]
        own.settled()
    live = own.live()
    team.repository.crashes()
    team.repository.push("Crash")
    failed = own.type("-e", "do=follow")
    assert failed.code != 0 and "stage Deploy" in failed.output and own.live() == live, failed.output
    shown = play(own.emulated, "playbooks/releases.yml", *words)
    assert shown.code == 0, shown.output
    own.settled()
    team.repository.crashes(False)
    team.repository.push("Well again")
    assert own.type("-e", "do=follow").code == 0 and own.live() != live and not own.held()
    own.settled()
    with slowly(team.emulated, 60.0):
        converge(team.emulated, *team.words)


def sessions(emulated: Emulated) -> list[str]:
    """Builds of debug sessions that run, and sessions."""
    codebuild, ids = emulated.client("codebuild"), emulated.client("codebuild").list_builds()["ids"]
    builds = codebuild.batch_get_builds(ids=ids)["builds"] if ids else []
    running = [each["id"] for each in builds if each["buildStatus"] == "IN_PROGRESS" and each.get("debugSession", {}).get("sessionEnabled")]
    return [*running, *(each["SessionId"] for each in emulated.client("ssm").describe_sessions(State="Active")["Sessions"])]


@pytest.mark.soak
def test_a_build_that_failed_is_entered_and_stopped(team: Team) -> None:
    emulated, pushed = team.emulated, team.repository.push("Install what is not there", Dockerfile="FROM scratch\nCOPY absent.txt .\n")
    assert "absent.txt" in team.type("-e", "do=follow").output and "-e do=shell" in team.type().output
    asked = team.type("-e", "do=shell", "--check")
    assert asked.code == 0 and "would begin again" in asked.output and "$0.3" in asked.output and sessions(emulated) == [], asked.output
    without = team.type("-e", "do=shell")
    assert without.code != 0 and "terminal" in without.output and sessions(emulated) == [], without.output
    persons_of_iam.make(emulated, "developer")
    with slowly(emulated, 60.0), persons_of_iam.judged(emulated):
        developer = persons_of_iam.Person(emulated, "developer").words
        person = Person(emulated, PIPELINE, *team.words, "-e", "do=shell", *developer)
        shown = person.sees("codebuild-resume")
        assert f"of commit {pushed[:12]} begins again" in shown and "test -n" in shown, shown
        person.types(". $TMPDIR/build.sh; cat Dockerfile; echo tag=$IMAGE_TAG\r")
        assert "COPY absent.txt" in person.sees(f"tag={pushed[:12]}")
        assert len(sessions(emulated)) == 2
        person.types("exit\r")
        assert "is stopped, and cost $" in person.sees("PLAY RECAP") and person.leaves() == 0
        assert sessions(emulated) == []
        person = Person(emulated, PIPELINE, *team.words, "-e", "do=shell", *developer)
        person.sees("pre_build …")
        person.types("\x03")
        assert person.leaves() != 0
        until(lambda: sessions(emulated) == [], MINUTE)
    team.repository.crashes(False)


def test_a_commit_that_was_built_is_not_built_again(team: Team) -> None:
    commit = team.repository.push("Go on")
    assert team.type("-e", "do=follow").code == 0
    digest = team.live()
    again = team.type("-e", "do=start", "-e", f"commit={commit}")
    assert again.code == 0 and team.live() == digest, again.output
    assert len(team.emulated.client("ecr").describe_images(repositoryName=NAME, imageIds=[{"imageTag": commit[:12]}])["imageDetails"]) == 1
    team.settled()
