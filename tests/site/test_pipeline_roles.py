"""The roles of pipeline, build and step: enough for a push by each way of deploying, and nothing in them can be taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from emulator import process
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.names import names
from tests.support.persons import until
from tests.support.playbooks import converge, play
from tests.support.releasing import NAME
from tests.support.source import Repository

from .conftest import Made

ROLES = ("pipeline", "build", "step")
ON = {"railyard_pipeline": True, "railyard_image": ""}
WAYS = {
    "step": ON | {"railyard_engine": "codedeploy"},
    "codedeploy": ON | {"railyard_engine": "codedeploy", "pipeline_deploy_by": "codedeploy", "railyard_smoke": {"tries": 0}},
    "ecs": ON | {"railyard_engine": "ecs"},
}
# What AWS's pages name and its emulation does not ask for, or only where layers are in the cache, a session is opened, old releases are
# taken away, or a deployment is stopped.
OTHERWISE: dict[str, set[str]] = {"pipeline": set(), "build": set(), "step": set()}
LONGEST = 240.0
ENDED = ("Succeeded", "Failed", "Stopped")


def role(kind: str) -> str:
    return str(names().roles[kind])


def documents(emulated: Emulated, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    iam = emulated.client("iam")
    for name in iam.list_role_policies(RoleName=role(kind))["PolicyNames"]:
        yield name, iam.get_role_policy(RoleName=role(kind), PolicyName=name)["PolicyDocument"]


def listed(statement: dict[str, Any]) -> list[str]:
    found = statement["Action"]
    return [found] if isinstance(found, str) else list(found)


def allowed(emulated: Emulated, kind: str) -> set[str]:
    return {action for _name, document in documents(emulated, kind) for one in document["Statement"] for action in listed(one)}


def take_away(emulated: Emulated, kind: str, action: str) -> None:
    for name, document in documents(emulated, kind):
        for one in document["Statement"]:
            one["Action"] = [each for each in listed(one) if each != action] or ["none:None"]
        emulated.client("iam").put_role_policy(RoleName=role(kind), PolicyName=name, PolicyDocument=json.dumps(document))


class Stage:
    """Each way's AWS, in which one push was released, and of which every run gets a copy."""

    def __init__(self, made: Made, folder: Path) -> None:
        self.made, self.folder, self.copies = made, folder, 0

    @cache  # noqa: B019
    def origin(self, way: str) -> tuple[Emulated, dict[str, set[str]], Repository]:
        """The AWS, and the actions that each role was judged for."""
        words = ("-e", json.dumps(WAYS[way]))
        emulated = self.made(*words)
        process.control(emulated.state, "connections")
        converge(emulated, *words)
        process.control(emulated.state, "authority", on=False)
        repository = Repository(self.folder / way, emulated)
        for number in range(2):
            repository.migration(f"2026010{number + 1}000000", f"AddColour{number}")
            assert pushed(emulated, repository) == "Succeeded", play(emulated, "playbooks/pipeline.yml", *words).output
        found = process.control(emulated.state, "authority")["roles"]
        return emulated, {kind: set(found.get(arn(emulated, kind), ())) for kind in ROLES}, repository

    def lacking(self, way: str, kind: str, action: str) -> tuple[str, str]:
        """How a push ends when a role lacks an action: the status of its execution, and what playbooks/pipeline.yml shows."""
        self.copies += 1
        origin, _asked, _repository = self.origin(way)
        emulated = origin.fork(self.folder / f"{self.copies}.json")
        try:
            take_away(emulated, kind, action)
            status = pushed(emulated, Repository(self.folder / f"{self.copies}", emulated))
            return status, play(emulated, "playbooks/pipeline.yml", "-e", json.dumps(WAYS[way])).output
        finally:
            emulated.stop()


def arn(emulated: Emulated, kind: str) -> str:
    return str(emulated.client("iam").get_role(RoleName=role(kind))["Role"]["Arn"])


def pushed(emulated: Emulated, repository: Repository) -> str:
    """Push, and wait for the end of the execution; its status."""
    codepipeline, commit = emulated.client("codepipeline"), repository.push("One more")

    def status() -> str:
        newest = codepipeline.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"][0]
        known = [each["revisionId"] for each in newest.get("sourceRevisions", [])]
        return str(newest["status"]) if commit in known or newest["status"] == "Failed" else ""

    with slowly(emulated, 60.0):
        until(lambda: status() in ENDED, LONGEST, 0.3)
    return status()


@pytest.fixture(scope="module")
def stage(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield Stage(made, tmp_path_factory.mktemp("stage"))


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        pytest.param(way, kind, marks=() if way == "step" and kind != "step" else pytest.mark.soak)
        for way in WAYS
        for kind in ROLES
        if kind != "step" or way == "ecs"
    ],
)
def test_a_role_is_asked_for_all_that_it_may(stage: Stage, way: str, kind: str) -> None:
    emulated, asked, _repository = stage.origin(way)
    used = asked[kind] if kind != "step" else {action for each in WAYS for action in stage.origin(each)[1][kind]}
    assert allowed(emulated, kind) - used == OTHERWISE[kind] - used


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROLES)
def test_nothing_can_be_taken_away(stage: Stage, way: str, kind: str) -> None:
    emulated, asked, _repository = stage.origin(way)
    unharmed = []
    for action in sorted(allowed(emulated, kind) & asked[kind]):
        status, shown = stage.lacking(way, kind, action)
        if status != "Failed":
            unharmed.append(action)
        elif action not in shown:
            unharmed.append(f"{action}, which is not named: {shown}")
    assert not unharmed, unharmed
