"""The whole site: every module of a no-op converge, with `local` and in the server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.emulated import Emulated
from tests.support.environments import converged
from tests.support.playbooks import ROOT, converge, play

# What the lock writes, as often as time passes.
LOCK = {"s3:PutObject", "s3:DeleteObject"}
WARM = ("-e", "ansible_connection=railyard.fargate.warm")
# What a module measures of itself, and what moves with AWS's clock.
CHANGED = re.compile(r'"changed": true')
TIMES = re.compile(r'"(start|end|delta|latest_restorable_time)": "[^"]*"')


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """The site, made through the server."""
    emulated = converged().fork(tmp_path_factory.mktemp("copy") / "state.json")
    yield emulated
    emulated.stop()


@pytest.mark.soak
def test_every_module_says_the_same_and_none_has_anything_to_do(made: Emulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAILYARD_BOTH", str(tmp_path / "both"))
    plugins = str(ROOT / "tests" / "warm" / "connection")
    monkeypatch.setattr("tests.support.playbooks.SETTINGS", {"ANSIBLE_CONNECTION_PLUGINS": plugins}, raising=True)
    played = play(made, "site.yml", "-e", "ansible_connection=both", "-v", "--diff")
    assert played.code == 0 and played.changed_tasks == [], played.output
    ran = [json.loads(line) for line in (tmp_path / "both").read_text().splitlines()]
    assert len(ran) > 20 and "runs as with the connection local" not in played.output
    assert {each["module"] for each in ran if not each["served"]} == set()
    # The lock is the one module whose second run meets what the first has done.
    ran = [each for each in ran if not each["module"].endswith(".release_lock")]
    different = [
        (each["module"], each["local"], each["warm"]) for each in ran if TIMES.sub("", each["local"]) != TIMES.sub("", each["warm"])
    ]
    assert different == []
    assert [each["module"] for each in ran if CHANGED.search(each["local"])] == [], "what the server made is right for `local`"


def drift(emulated: Emulated) -> None:
    """What somebody may do by hand, in parts that different roles keep."""
    logs, ecr, ecs = (emulated.client(service) for service in ("logs", "ecr", "ecs"))
    logs.put_retention_policy(logGroupName="/shop/local/web", retentionInDays=30)
    ecr.delete_lifecycle_policy(repositoryName="shop-local")
    ecs.update_cluster_settings(cluster="shop-local", settings=[{"name": "containerInsights", "value": "enabled"}])
    emulated.client("iam").delete_role_policy(RoleName="shop-local-execution", PolicyName="start-tasks")


def test_what_is_read_ahead_leads_to_the_same_writes(made: Emulated, monkeypatch: pytest.MonkeyPatch) -> None:
    def mended(ahead: str, *arguments: str) -> tuple[list[str], list[str]]:
        monkeypatch.setattr("tests.support.playbooks.SETTINGS", {"RAILYARD_READ_AHEAD": ahead})
        before = len(made.writes())
        played = converge(made, *WARM, "-v", *arguments)
        assert ("reads were answered ahead" in played.output) == (ahead == "1")
        return sorted(write for write in made.writes()[before:] if write not in LOCK), played.changed_tasks

    converge(made, *WARM)
    drift(made)
    shown = [mended(ahead, "--check") for ahead in "01"]
    assert shown[0] == shown[1] and shown[0][0] == []
    done = [mended("1")]
    drift(made)
    done.append(mended("0"))
    assert done[0] == done[1] and len(done[0][0]) == len(done[0][1]) == len(shown[0][1]) == 4
    assert mended("1") == ([], [])


COUNTS = re.compile(r"(\d+) of (\d+) reads were answered ahead, (\d+) made")


def counted(output: str) -> tuple[int, int, int]:
    """Reads that were answered ahead, that modules asked for, and that were made ahead."""
    found = COUNTS.search(output)
    assert found, output
    answered, asked, ahead = map(int, found.groups())
    return answered, asked, ahead


def test_on_a_machine_without_a_record_most_is_read_ahead(made: Emulated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tests.support.playbooks.SETTINGS", {"ANSIBLE_HOME": str(tmp_path)})
    converged = converge(made, *WARM, "-v")
    answered, asked, ahead = counted(converged.output)
    assert converged.changed_tasks == []
    assert answered > asked / 2 and ahead - answered < asked / 4


def test_a_release_makes_hardly_a_call_ahead_that_it_does_not_use(made: Emulated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its waits, its tasks and its deployment are of this release alone: they are neither remembered nor read ahead."""
    monkeypatch.setattr("tests.support.playbooks.SETTINGS", {"RAILYARD_READ_AHEAD": "1", "ANSIBLE_HOME": str(tmp_path)})
    for number in range(3):
        played = play(made, "playbooks/deploy.yml", *WARM, "-v", "-e", "force=yes")
        assert played.code == 0, played.output
        answered, asked, ahead = counted(played.output)
        assert asked < 40, "no poll is remembered"
        assert ahead - answered <= (0, 4, 2)[number] and (not number or answered > asked / 2)
