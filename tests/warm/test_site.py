"""The whole site: every module of a no-op converge, with `local` and in the server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.emulated import Emulated
from tests.support.playbooks import ROOT, converge, play

WARM = ("-e", "ansible_connection=railyard.fargate.warm")
# What a module measures of itself, and what moves with AWS's clock.
TIMES = re.compile(r'"(start|end|delta|latest_restorable_time)": "[^"]*"')


@pytest.fixture(scope="module")
def made(_emulator: Emulated) -> Emulated:
    """The site, made through the server."""
    _emulator.reset()
    converge(_emulator, *WARM)
    return _emulator


@pytest.mark.parametrize("arguments", [(), ("--check", "--diff")])
def test_every_module_says_the_same(arguments: tuple[str, ...], made: Emulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAILYARD_BOTH", str(tmp_path / "both"))
    plugins = str(ROOT / "tests" / "warm" / "connection")
    monkeypatch.setattr("tests.support.playbooks.SETTINGS", {"ANSIBLE_CONNECTION_PLUGINS": plugins}, raising=True)
    played = play(made, "site.yml", "-e", "ansible_connection=both", "-v", *arguments)
    assert played.code == 0, played.output
    ran = [json.loads(line) for line in (tmp_path / "both").read_text().splitlines()]
    assert len(ran) > 20 and "runs as with the connection local" not in played.output
    assert {each["module"] for each in ran if not each["served"]} == set()
    different = [
        (each["module"], each["local"], each["warm"]) for each in ran if TIMES.sub("", each["local"]) != TIMES.sub("", each["warm"])
    ]
    assert different == []


def test_a_converge_through_the_server_leaves_nothing_to_do_for_local(made: Emulated) -> None:
    assert converge(made, "-e", "ansible_connection=local").count("changed") == 0
    assert converge(made, *WARM).count("changed") == 0


def drift(emulated: Emulated) -> None:
    """What somebody may do by hand, in parts that different roles keep."""
    logs, ecr, ssm = (emulated.client(service) for service in ("logs", "ecr", "ssm"))
    logs.put_retention_policy(logGroupName="/shop/local/web", retentionInDays=30)
    ecr.delete_lifecycle_policy(repositoryName="shop-local")
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId="/shop/local/DATABASE_URL", TagKeys=["application"])
    emulated.client("iam").delete_role_policy(RoleName="shop-local-execution", PolicyName="start-tasks")


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_what_is_read_ahead_leads_to_the_same_writes(arguments: tuple[str, ...], made: Emulated, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    for ahead in ("0", "1"):
        monkeypatch.setattr("tests.support.playbooks.SETTINGS", {"RAILYARD_READ_AHEAD": ahead})
        converge(made, *WARM)
        drift(made)
        before = len(made.writes())
        played = converge(made, *WARM, "-v", *arguments)
        assert ("reads were answered ahead" in played.output) == (ahead == "1")
        written.append((sorted(made.writes()[before:]), played.changed_tasks))
    assert written[0] == written[1] and len(written[0][1]) == 4
    assert arguments or converge(made, *WARM).count("changed") == 0
