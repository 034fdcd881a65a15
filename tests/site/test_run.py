"""playbooks/run.yml as a person types it."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from pathlib import Path

import pytest
import yaml

from tests.support import fargate
from tests.support.emulated import Emulated
from tests.support.playbooks import BIN, ROOT, play
from tests.support.releases import Deployer

RUN = "playbooks/run.yml"
NAME = "shop-local"


@pytest.fixture
def web(emulated: Emulated) -> str:
    """The service web of the local environment with a released image; the image."""
    made = fargate.build(emulated, balanced=True)
    emulated.client("ecr").create_repository(repositoryName=NAME)
    emulated.client("logs").create_log_group(logGroupName="/shop/local/run")
    image = Deployer(emulated, NAME).push("1a2b3c4")
    definition = made.define(family=f"{NAME}-web", containerDefinitions=[{**fargate.CONTAINER, "image": image}])
    made.ecs.create_cluster(clusterName=NAME)
    made.ecs.create_service(**made.blue_green(cluster=NAME, taskDefinition=definition, desiredCount=0))
    return image


def said(command: str) -> tuple[str, str]:
    return "-e", f'command="{command}"'


def test_a_command_runs_once_and_its_exit_code_decides(emulated: Emulated, web: str) -> None:
    emulated.script(command="bin/rails db:seed", lines=["seeding", "seeded"], seconds=2.0)
    predicted = play(emulated, RUN, *said("bin/rails db:seed"), "--check")
    assert predicted.code == 0 and f"Would run in {web}" in predicted.output, predicted.output
    assert "ecs:RunTask" not in emulated.writes() and "ecs:RegisterTaskDefinition" not in emulated.writes()[-1:]
    done = play(emulated, RUN, *said("bin/rails db:seed"))
    assert done.code == 0 and "\nseeding\nseeded\n" in done.output and "exit code 0" in done.output, done.output

    emulated.script(command="bin/rails db:seed", lines=["no such table"], seconds=2.0, exit_code=3)
    failed = play(emulated, RUN, *said("bin/rails db:seed"), "-e", "image=1a2b3c4")
    assert failed.code != 0 and "container run ended with exit code 3" in failed.output and "\nno such table\n" in failed.output


def test_invalid_commands_are_refused(emulated: Emulated, web: str, tmp_path: Path) -> None:
    assert "Say what to run" in play(emulated, RUN).output
    names = {"all": {"hosts": {"shop_one": {}, "shop_two": {}}, "vars": {"ansible_connection": "local"}}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(names))
    several = play(emulated, RUN, *said("true"), inventory=(str(tmp_path / "hosts.yml"),))
    assert several.code != 0 and "Name one with -l shop_one" in several.output, several.output
    assert "no image with the tag nope" in play(emulated, RUN, *said("true"), "-e", "image=nope").output


@pytest.mark.parametrize("connection", ["railyard.fargate.warm", "ansible.builtin.local"])
def test_lines_appear_while_the_task_runs(emulated: Emulated, web: str, connection: str) -> None:
    """AWS's time passes only here: when the line is seen, the task still has more than an hour to go."""
    emulated.script(command="bin/rails report", lines=["first words"], seconds=5000.0)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
    environment |= {"RAILYARD_EMULATOR_STATE": str(emulated.path), "PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}
    command = ["ansible-playbook", RUN, "-i", "inventories/local", *said("bin/rails report"), "-e", f"ansible_connection={connection}"]
    with (
        fargate.slowly(emulated),
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as playing,
    ):
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read, args=(playing, lines), daemon=True).start()
        try:
            seen = _until(emulated, lines, "first words")
            assert playing.poll() is None and "Ended with" not in "".join(seen), seen
            emulated.advance(6000)
            seen += _until(emulated, lines, None)
        except BaseException:
            playing.kill()
            raise
    assert playing.returncode == 0 and "Ended with exit code 0" in "".join(seen), seen


def _read(playing: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    for line in playing.stdout or ():
        lines.put(line)
    lines.put(None)


def _until(emulated: Emulated, lines: queue.Queue[str | None], wanted: str | None) -> list[str]:
    """The lines up to a wanted one, or to the end; a second of AWS's time passes whenever there is none."""
    seen: list[str] = []
    for _turn in range(1000):
        try:
            line = lines.get(timeout=0.1)
        except queue.Empty:
            emulated.advance(1)
            continue
        if line is None or (wanted and line.strip() == wanted):
            assert wanted is None or line, seen
            return seen
        seen.append(line)
    raise AssertionError(seen)
