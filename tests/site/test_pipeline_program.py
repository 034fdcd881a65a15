"""The program of a pipeline's stages as a process of its own, as CodePipeline runs it: Python, boto3, environment variables."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._pipeline import archive
from tests.support import pipelining, pythons
from tests.support.emulated import REGION
from tests.support.names import option
from tests.support.releasing import LOCAL, Releasing, words

from .conftest import Made

# That of AWS's image, where it is here with boto3.
PYTHON = pythons.find(archive.LOWEST[1], code="import boto3") or sys.executable
ADD = {"version": "20260101000000", "name": "AddTotalToOrders"}


class Program:
    """The program, an environment that it is told of, and an execution of a pipeline that waits for somebody's approval."""

    def __init__(self, shop: Releasing, folder: Path) -> None:
        self.shop, self.folder = shop, folder
        self.file = folder / "railyard.pyz"
        self.file.write_bytes(archive.build(archive.installed).body)
        env = shop.env
        known = {name: getattr(env, name) for name in ("processes", "engine", "traffic", "smoke", "protected")}
        kept = shop.emulated.run("release_environment", names=option(), lock_timeout=0, **known)
        assert "environment" in kept, kept
        self.pipeline = pipelining.prepare(shop.emulated)
        self.execution = self.pipeline.create()

    def start(self, verb: str, image: str, *more: str) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": self.shop.emulated.state.url,
            "AWS_ACCESS_KEY_ID": "EMULATOR",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "RAILYARD_BUCKET": self.shop.env.bucket,
            "RAILYARD_PIPELINE": pipelining.NAME,
            "RAILYARD_EXECUTION": self.execution,
            "RAILYARD_IMAGE": image.partition("@")[2],
            "RAILYARD_COMMIT": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        }
        command = [PYTHON, "-X", "faulthandler", str(self.file), verb, *more]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=self.folder)

    def run(self, verb: str, image: str, *more: str) -> str:
        """What it says when it ends well."""
        process = self.start(verb, image, *more)
        try:
            said, _none = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            # It writes where each of its threads is, and ends.
            process.send_signal(signal.SIGABRT)
            said, _none = process.communicate(timeout=60)
        assert process.returncode == 0, said
        return said

    def stopped_at(self, verb: str, image: str, line: str, number: int) -> str:
        """What it says when it gets a signal once it has said something."""
        process, said = self.start(verb, image), ""
        assert process.stdout is not None
        for each in process.stdout:
            said += each
            if each.startswith(line):
                process.send_signal(number)
                line = "nothing else"
        process.wait(60)
        assert process.returncode in (1, -number), said
        return said


@pytest.fixture(scope="module", params=["codedeploy", pytest.param("ecs", marks=pytest.mark.soak)])
def program(request: pytest.FixtureRequest, made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    env = replace(LOCAL, engine=request.param)
    yield Program(Releasing(made(*words(env)), env), tmp_path_factory.mktemp("program"))


def newest(program: Program) -> dict[str, Any]:
    return program.shop.records()[0]


def test_stages_of_an_execution(program: Program) -> None:
    shop = program.shop
    image = shop.push(migrations=[ADD])
    assert "wrote appspec.yaml" in program.run("artifacts", image)
    assert json.loads((program.folder / "imageDetail.json").read_text()) == {"ImageURI": image}
    assert program.run("built", image, shop.env.repository, "build-1").strip() == image.partition("@")[2]
    assert program.run("built", image, shop.env.repository, "never-built") == ""
    said = program.run("migrate", image)
    assert "release 1: migrate" in said and f"pending: {ADD['version']} AddTotalToOrders" in said and shop.applied() == [ADD["version"]]
    assert "smoke test: " in program.run("deploy", image)
    assert "release 1 is live after" in program.run("record", image)
    assert shop.live() == {"web": image, "worker": image} and not shop.locked() and not shop.silent()
    assert (newest(program)["status"], newest(program)["execution_id"]) == ("succeeded", program.execution)
    assert "it was recorded before" in program.run("record", image) and not shop.locked()


def test_stages_that_are_killed_or_ended_and_tried_again(program: Program) -> None:
    shop, image = program.shop, program.shop.push(migrations=[{"version": "20260102000000", "name": "AddMore"}])
    program.execution = program.pipeline.start()
    ran = shop.emulated.writes().count("ecs:RunTask")
    program.stopped_at("migrate", image, "release 2: migrate", signal.SIGKILL)
    assert newest(program)["status"] == "running" and shop.locked()
    program.run("migrate", image)
    ended = program.stopped_at("deploy", image, "release 2: deploy", signal.SIGTERM)
    assert "deploy was interrupted. release 2 was interrupted in stage" in ended
    assert f"playbooks/pipeline.yml -e do=retry -e execution={program.execution}" in ended and not shop.silent()
    program.stopped_at("deploy", image, "release 2: shift", signal.SIGKILL)
    program.run("deploy", image)
    program.run("record", image)
    assert shop.live() == {"web": image, "worker": image} and not shop.locked() and not shop.silent()
    assert newest(program)["status"] == "succeeded" and shop.emulated.writes().count("ecs:RunTask") - ran <= 2


def test_a_playbook_waits_for_the_execution_that_has_the_lock(program: Program) -> None:
    shop, image = program.shop, program.shop.push()
    program.execution = program.pipeline.start()
    program.run("migrate", image)
    refused = shop.emulated.run("release_lock", bucket=shop.env.bucket, state="released")
    assert f"execution {program.execution} of pipeline {pipelining.NAME}" in refused["msg"], refused
    program.pipeline.api.stop_pipeline_execution(pipelineName=pipelining.NAME, pipelineExecutionId=program.execution, abandon=True)
    program.pipeline.advance()
    shown = shop.emulated.run("release_lock", bucket=shop.env.bucket)
    assert shown["lock"]["status"] == "ended", shown
    process = program.start("deploy", image)
    said, _none = process.communicate(timeout=60)
    assert process.returncode == 1 and "is Stopped: nothing more is begun" in said and not shop.locked(), said
