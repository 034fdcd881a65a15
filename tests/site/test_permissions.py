"""The policies of deployer and developer, where AWS judges who calls: enough for the playbooks, and nothing in them can be taken away.

The deployer converges the environments of all tests of this folder (conftest.py) and destroys one in test_site.py; the developer is in the
consoles of test_console.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from emulator import process
from tests.policies import actions, calls, documents
from tests.support import persons_of_iam
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.playbooks import Played, converge, play
from tests.support.releases import Deployer
from tests.support.releasing import NAME
from tests.support.source import Repository

from . import test_changed_by_hand as by_hand
from .conftest import Made

CODEDEPLOY, ECS = ("-e", "railyard_engine=codedeploy"), ("-e", "railyard_engine=ecs")
PIPED = ("-e", json.dumps({"railyard_pipeline": True, "railyard_image": "", "pipeline_approval": True}), *CODEDEPLOY)
STRIPE = ("-e", json.dumps({"railyard_secrets": ["RAILS_MASTER_KEY", "STRIPE_KEY"]}))
PIPELINE = ("playbooks/pipeline.yml", *PIPED, "-e", "wait=no")
DELETE = ("-e", f"destroy={NAME}", "-e", "delete_data=true")


def allowed(person: str) -> list[str]:
    """All actions of a person's policies."""
    statements = [one for found in documents.files(person, calls.of(person)).values() for one in found]
    return sorted({action for statement in statements for action in statement.actions})


def named(played: Played, action: str) -> bool:
    """Whether a run says that this action is refused."""
    return f"is not authorized to perform: {action} on resource" in " ".join(played.output.split())


def refused(played: Played, action: str) -> bool:
    """Whether a run failed because of this action, which it names."""
    return played.code != 0 and named(played, action)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("ecs:RunTask", ("playbooks/run.yml", "-e", "command=true")),
        ("iam:PassRole", ("playbooks/run.yml", "-e", "command=true")),
        ("s3:ListBucket", ("playbooks/releases.yml",)),
    ],
)
def test_a_developer_needs_it(made: Made, action: str, words: tuple[str, ...]) -> None:
    emulated = made(*CODEDEPLOY)
    developer = persons_of_iam.make(emulated, "developer")
    with persons_of_iam.judged(emulated):
        developer.without(action)
        assert refused(play(emulated, *words, *developer.words), action)
        developer.whole()
        played = play(emulated, *words, *developer.words)
        assert played.code == 0, played.output


@dataclass(frozen=True)
class Scenario:
    """A playbook, and an AWS in which it has something to do."""

    words: tuple[str, ...]
    prepare: Callable[[Emulated], None] = lambda emulated: None
    made: tuple[str, ...] = CODEDEPLOY


def change(emulated: Emulated) -> None:
    for one in by_hand.CHANGES:
        one(emulated)


def break_listener(emulated: Emulated) -> None:
    elbv2 = emulated.client("elbv2")
    balancer = elbv2.describe_load_balancers(Names=[NAME])["LoadBalancers"][0]["LoadBalancerArn"]
    closed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    for listener in elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"]:
        elbv2.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=[closed])


def push(emulated: Emulated) -> None:
    Deployer(emulated, NAME).push("two")
    process.control(emulated.state, "speed", factor=150.0)


def push_after_others(emulated: Emulated) -> None:
    push(emulated)
    for tag in ("three", "four"):
        Deployer(emulated, NAME).push(tag)
    for tag in ("three", "four"):
        played = play(emulated, "playbooks/deploy.yml", "-e", f"image={tag}", *CODEDEPLOY)
        assert played.code == 0, played.output


def connect(emulated: Emulated) -> None:
    """Let AWS read the repository, and make the pipeline, which was waiting for that."""
    process.control(emulated.state, "connections")
    converge(emulated, *PIPED)


def followed(emulated: Emulated, *pushes: str) -> Repository:
    """A pipeline whose executions of these pushes have come to the approval, and all but the last have been released."""
    connect(emulated)
    repository = Repository(emulated.path.with_name("repository"), emulated)
    for number, subject in enumerate(pushes):
        if number:
            answer(emulated, "approve")
        repository.push(subject)
        wait(emulated, "InProgress", "Approve")
    return repository


def answer(emulated: Emulated, word: str) -> None:
    with slowly(emulated, 60.0):
        played = play(emulated, "playbooks/pipeline.yml", *PIPED, "-e", f"do={word}")
    assert played.code == 0, played.output


def wait(emulated: Emulated, status: str, stage: str) -> None:
    """Until the newest execution is at this stage, in this state."""
    codepipeline = emulated.client("codepipeline")
    for _ in range(240):
        states = {each["stageName"]: each for each in codepipeline.get_pipeline_state(name=NAME)["stageStates"]}
        if states[stage].get("latestExecution", {}).get("status") == status:
            return
        time.sleep(0.25)
    raise AssertionError(states)


def asked_for_approval(emulated: Emulated) -> None:
    followed(emulated, "One")


def released_twice(emulated: Emulated) -> None:
    followed(emulated, "One", "Two")
    answer(emulated, "approve")


def migration_failed(emulated: Emulated) -> None:
    connect(emulated)
    repository = Repository(emulated.path.with_name("repository"), emulated)
    repository.migration("20260102000000", "Broken", 'raise "no such column"')
    repository.push("Broken")
    wait(emulated, "Failed", "Migrate")


# The first in which an action is asked for shows that it is needed.
SCENARIOS: dict[str, dict[str, Scenario]] = {
    "developer": {
        "releases": Scenario(("playbooks/releases.yml",)),
        "unlock": Scenario(("playbooks/unlock.yml",)),
        "secret": Scenario(("playbooks/secret.yml", "-e", "secret=RAILS_MASTER_KEY", "-e", "value_file=requirements.txt")),
        "secret, a new one": Scenario(("playbooks/secret.yml", "-e", "secret=STRIPE_KEY", *STRIPE, "-e", "value_file=requirements.txt")),
        "run": Scenario(("playbooks/run.yml", "-e", "command=true")),
        "migrate": Scenario(("playbooks/migrate.yml",)),
        "repair": Scenario(("playbooks/repair.yml",), break_listener),
        "sweep": Scenario(("playbooks/sweep.yml", "-e", "sweep=yes")),
        "deploy": Scenario(("playbooks/deploy.yml", "-e", "image=two", *CODEDEPLOY), push),
        "deploy, keeping little": Scenario(
            ("playbooks/deploy.yml", "-e", "image=two", "-e", "releases_keep=1", *CODEDEPLOY), push_after_others
        ),
        "deploy by ECS": Scenario(("playbooks/deploy.yml", "-e", "image=two", *ECS), push, ECS),
        "pipeline, failed": Scenario(PIPELINE[:-2], migration_failed, PIPED),
        "pipeline, retry": Scenario((*PIPELINE, "-e", "do=retry"), migration_failed, PIPED),
        "pipeline, start": Scenario((*PIPELINE, "-e", "do=start"), migration_failed, PIPED),
        "pipeline, approve": Scenario((*PIPELINE, "-e", "do=approve"), asked_for_approval, PIPED),
        "pipeline, stop": Scenario((*PIPELINE, "-e", "do=stop", "-e", "abandon=yes"), asked_for_approval, PIPED),
        "pipeline, rollback": Scenario((*PIPELINE, "-e", "do=rollback"), released_twice, PIPED),
    },
    "deployer": {
        "converge": Scenario(("site.yml",), made=()),
        "change": Scenario(("site.yml", *by_hand.WORDS), change),
        "destroy": Scenario(("playbooks/destroy.yml", *DELETE)),
        "destroy, with a snapshot": Scenario(("playbooks/destroy.yml", *DELETE[:2])),
        "pipeline, made": Scenario(("site.yml", *PIPED), lambda emulated: None),
        "pipeline, connected": Scenario(("site.yml", *PIPED), lambda emulated: process.control(emulated.state, "connections"), PIPED),
        "pipeline, switched off": Scenario(("site.yml", *CODEDEPLOY), connect, PIPED),
        "pipeline, destroyed": Scenario(("playbooks/destroy.yml", *DELETE, *PIPED), connect, PIPED),
    },
}
# Playbooks that are not played here, or have less to do: a console needs a terminal, sweep what one has left, build a builder, promote two
# accounts.
ELSEWHERE = {"build", "console", "console_history", "forward", "rollback", "promote", "sweep"}
# Asked for only while a build, or a deployment, is under way.
UNDER_WAY = {"codebuild:StopBuild", "codedeploy:StopDeployment", "ecs:StopServiceDeployment"}


class Stage:
    """Each scenario's AWS, prepared once, of which every run gets a copy."""

    def __init__(self, made: Made, folder: Path) -> None:
        self.made, self.folder, self.copies = made, folder, 0

    @cache  # noqa: B019
    def prepared(self, words: tuple[str, ...], prepare: Callable[[Emulated], None]) -> Emulated:
        path = self.folder / f"prepared-{self.prepared.cache_info().misses}" / "state.json"
        path.parent.mkdir()
        emulated = self.made(*words).fork(path) if words else Emulated.start(path)
        emulated.advance(900)
        prepare(emulated)
        for person in SCENARIOS:
            persons_of_iam.make(emulated, person)
        return emulated

    def play(self, person: str, name: str, lacking: str = "") -> tuple[Played, set[str]]:
        """The run of a person who lacks an action, and the actions that it asked for."""
        self.copies += 1
        scenario = SCENARIOS[person][name]
        origin = self.prepared(scenario.made, scenario.prepare)
        emulated = origin.fork(origin.path.with_name(f"{self.copies}.json"))
        own = persons_of_iam.Person(emulated, person)
        try:
            own.without(lacking)
            with persons_of_iam.judged(emulated):
                return play(emulated, *scenario.words, *own.words), persons_of_iam.asked(emulated)
        finally:
            emulated.stop()

    @cache  # noqa: B019
    def asked(self, person: str, name: str) -> set[str]:
        played, found = self.play(person, name)
        assert played.code == 0, played.output
        return found


@pytest.fixture(scope="module")
def stage(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield Stage(made, tmp_path_factory.mktemp("stage"))


@pytest.mark.soak
@pytest.mark.parametrize(("person", "action"), [(person, action) for person in SCENARIOS for action in allowed(person)])
def test_nothing_can_be_taken_away(stage: Stage, person: str, action: str) -> None:
    for name in SCENARIOS[person]:
        if action in stage.asked(person, name):
            played, _asked = stage.play(person, name, action)
            assert named(played, action), f"{name} does not lack {action}: {played.output}"
            return
    callers = {playbook for playbook in calls.PERSONS[person] for called in calls.known()[playbook] if action in called_for(called)}
    assert callers <= ELSEWHERE or action in UNDER_WAY, f"nothing here asks for {action}, which {', '.join(callers)} may"


def called_for(called: str) -> set[str]:
    return {action.partition("[")[0] for action in actions.of_operation(called)}
