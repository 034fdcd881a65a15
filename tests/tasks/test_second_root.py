"""examples/shop on another Rails than this machine's, in a root file system of its own: docs/emulator.md says how one is made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from emulator import process
from tests.support import base_image, fargate, users
from tests.support.emulated import Emulated
from tests.support.twins import Twins
from tests.tasks.test_postgres import create

# The root file system, with the application in /shop.
ROOT = os.environ.get("RAILYARD_SECOND_ROOT", "")
MISSING = "NO SECOND RAILS IS TRIED: RAILYARD_SECOND_ROOT names no root file system, or this is not root"


SERVER = ["bin/rails", "server", "--binding", "127.0.0.1"]


def program(executor: str) -> dict[str, Any]:
    if executor == process.PROCESS:
        return {"root": ROOT, "folder": "/shop", "command": SERVER}
    return {"image": base_image.of(Path(ROOT), "WORKDIR /shop"), "command": SERVER}


@pytest.mark.soak
@pytest.mark.skipif(not ROOT or os.geteuid() != 0, reason=MISSING)
@pytest.mark.parametrize("executor", [process.PROCESS, process.CONTAINER])
def test_another_rails_migrates_and_answers(request: pytest.FixtureRequest, tmp_path: Path, executor: str) -> None:
    emulated: Emulated = request.getfixturevalue("_containers" if executor == process.CONTAINER else "_programs")
    emulated.reset()
    stage = Twins(fargate.build(emulated, balanced=True), executor, tmp_path)
    process.control(emulated.state, "programs", shop=program(executor))
    keys = {"RAILS_MASTER_KEY": "0" * 32, "SECRET_KEY_BASE": "0" * 64}
    variables = {"DATABASE_URL": create(stage), "RAILS_ENV": "production", "RAILS_LOG_TO_STDOUT": "1", **keys}
    given: dict[str, Any] = {"environment": [{"name": name, "value": value} for name, value in variables.items()]}

    task = stage.run("shop", container={**given, "command": ["bin/rails", "db:migrate"]})
    lines = stage.lines(task["taskArn"])
    assert task["containers"][0]["exitCode"] == 0 and any("CreateOrders: migrated" in line for line in lines), lines
    task = stage.run("shop", container={**given, "command": ["bin/rails", "runner", "puts Rails.version, Order.count"]})
    version, count = stage.lines(task["taskArn"])[-2:]
    assert (int(version.partition(".")[0]) >= 7, count) == (True, "0")

    emulated.client("elbv2").modify_target_group(TargetGroupArn=stage.stage.groups["blue"], HealthCheckPath="/up")
    stage.stage.define(containerDefinitions=[{**fargate.CONTAINER, "image": "shop", **given}])
    stage.stage.ecs.create_service(**stage.stage.service(loadBalancers=[stage.stage.target("blue")], desiredCount=1))
    stage.eventually(lambda: stage.health() == ["healthy"])
    assert users.get(emulated, stage.url + "/up")[0] == 200
