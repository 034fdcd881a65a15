"""What the program is told and needs before it begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._pipeline import described, needs, step
from ansible_collections.railyard.fargate.plugins.module_utils._release.environment import Environment
from ansible_collections.railyard.fargate.plugins.module_utils._s3 import kept, store
from tests.support.names import names
from tests.support.objects import BUCKET, Objects

GIVEN: dict[str, Any] = {
    "processes": {"web": {"min": 2, "port": 3000}},
    "architecture": "ARM64",
    "engine": "ecs",
    "traffic": {"shift": "canary", "percent": 10, "minutes": 5, "keep_old": 5},
    "smoke": {"port": 8080, "path": "/up", "host": None},
    "protected": False,
    "timeouts": {"ready": 60, "shifting": None},
    "keep": 3,
    "lock_timeout": 60,
}


def test_a_description_is_read_as_it_was_written() -> None:
    s3, known = Objects(), names(releases_bucket=BUCKET)
    plan = kept.make_plan(BUCKET, described.KEY, described.wanted(GIVEN, known), None)
    s3.put_object(**plan.steps[0].params)
    env, how = described.read(s3, BUCKET)
    assert replace(env.names, processes=tuple(env.names.processes)) == known and how == {"timeouts": {"ready": 60}, "lock_timeout": 60}
    assert (env.engine, env.architecture, env.protected, env.keep) == ("ecs", "ARM64", False, 3)
    assert env.smoke == {"port": 8080, "path": "/up"} and env.processes["web"]["min"] == 2


def test_a_description_without_a_smoke_test_is_one() -> None:
    s3 = Objects()
    store.create(s3, BUCKET, described.KEY, described.wanted({**GIVEN, "smoke": None}, names(releases_bucket=BUCKET)))
    assert described.read(s3, BUCKET)[0].smoke is None


def test_a_description_that_is_missing_or_lacks_something_is_told() -> None:
    s3 = Objects()
    with pytest.raises(RailyardError, match=r"there is no s3://.*pipeline/environment.json; site.yml writes it"):
        described.read(s3, BUCKET)
    store.create(s3, BUCKET, described.KEY, {"names": {}})
    with pytest.raises(RailyardError, match="names no application, environment"):
        described.read(s3, BUCKET)


class Model:
    """A service model of an old botocore: a real one without some of its operations and members."""

    def __init__(self, service: str, *without: str) -> None:
        self.real, self.without = boto3.client(service, region_name="eu-west-1").meta.service_model, without
        self.operation_names = [name for name in self.real.operation_names if name not in without]

    def operation_model(self, name: str) -> Any:
        real = self.real.operation_model(name)
        members = {member: shape for member, shape in real.input_shape.members.items() if f"{name} {member}" not in self.without}
        return type("Operation", (), {"input_shape": type("Shape", (), {"members": members})})


def clients(*without: str) -> dict[str, Any]:
    return {name: type("Client", (), {"meta": type("Meta", (), {"service_model": Model(name, *without)})}) for name in ("s3", "ecs")}


@pytest.mark.parametrize(
    ("engine", "smoke", "without", "missing"),
    [
        ("codedeploy", True, (), None),
        ("ecs", True, (), None),
        ("codedeploy", True, ("PutObject IfMatch", "DeleteObject IfMatch"), "PutObject IfMatch, DeleteObject IfMatch"),
        ("codedeploy", True, ("ContinueServiceDeployment", "UpdateService deploymentConfiguration"), None),
        ("ecs", True, ("ContinueServiceDeployment",), "ContinueServiceDeployment"),
        ("ecs", False, ("ContinueServiceDeployment",), None),
        ("ecs", False, ("UpdateService deploymentConfiguration",), "UpdateService deploymentConfiguration.strategy"),
    ],
)
def test_an_old_boto3_is_named_before_anything_begins(engine: str, smoke: bool, without: tuple[str, ...], missing: str | None) -> None:
    env = Environment(names(), {}, engine=engine, smoke={"port": 8080} if smoke else None)
    if missing is None:
        needs.check(env, clients(*without))
        return
    with pytest.raises(RailyardError, match=f"does not know {missing}. What to do, before this: python3 -m pip install"):
        needs.check(env, clients(*without))


def test_a_failure_ends_with_the_command_that_tries_again(capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"RAILYARD_BUCKET": "b", "RAILYARD_PIPELINE": "shop-local", "RAILYARD_EXECUTION": "e1", "RAILYARD_IMAGE": ""}
    assert step.main(["migrate"], {**environ, "RAILYARD_BUCKET": ""}) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "migrate failed: RAILYARD_BUCKET: missing in the environment; the pipeline's actions set it"
    assert said[1] == "To try the stage again: playbooks/pipeline.yml -e do=retry -e execution=e1"


def test_what_a_promotion_says_of_its_commit() -> None:
    assert step.promoted({"RAILYARD_AUTHOR": "Ada", "RAILYARD_SUBJECT": "-", "RAILYARD_LINK": ""}) == {"author": "Ada"}
