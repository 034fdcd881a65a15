"""Commands in messages can be pasted into the shell that a run was started from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils import commands

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [str(ROOT / "inventories/prod")]


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("playbooks/rollback.yml goes back", "ansible-playbook playbooks/rollback.yml -i inventories/prod goes back"),
        (
            "to look: ansible-playbook playbooks/unlock.yml -i <the inventory>",
            "to look: ansible-playbook playbooks/unlock.yml -i inventories/prod",
        ),
        ("playbooks/deploy.yml -e image=<tag>", "ansible-playbook playbooks/deploy.yml -i inventories/prod -e image=<tag>"),
        ("no service web; site.yml makes it", "no service web; ansible-playbook site.yml -i inventories/prod makes it"),
        ("ansible-playbook site.yml -i inventories/prod", "ansible-playbook site.yml -i inventories/prod"),
        ("ansible-playbook playbooks/deploy.yml -i x", "ansible-playbook playbooks/deploy.yml -i x"),
        ("/srv/playbooks/site.yml:12 and playbooks/other.yml", "/srv/playbooks/site.yml:12 and playbooks/other.yml"),
    ],
)
def test_playbooks_in_a_message_become_commands(said: str, shown: str) -> None:
    assert commands.completed(said, SOURCES) == shown
    assert commands.completed(shown, SOURCES) == shown


def test_where_there_are_several_environments_the_command_names_one() -> None:
    shown = commands.completed("playbooks/rollback.yml", ["inventories/staging", "inventories/prod"], "shop_production")
    assert shown == "ansible-playbook playbooks/rollback.yml -i inventories/staging -i inventories/prod -l shop_production"


def test_elsewhere_playbooks_are_those_of_the_installed_collection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks/deploy.yml").write_text("somebody's own")
    assert commands.completed("playbooks/deploy.yml, site.yml", ["my env"]) == (
        "ansible-playbook railyard.fargate.deploy -i 'my env', ansible-playbook railyard.fargate.site -i 'my env'"
    )


@pytest.mark.parametrize(
    ("called", "on_path", "shown"),
    [
        (".venv/bin/ansible-playbook", True, ".venv/bin/ansible-playbook"),
        ("{venv}/ansible-playbook", True, "ansible-playbook"),
        ("{venv}/ansible-playbook", False, "{short}/ansible-playbook"),
        ("pytest", True, "ansible-playbook"),
    ],
)
def test_ansible_playbook_is_named_as_the_shell_finds_it(monkeypatch: pytest.MonkeyPatch, called: str, on_path: bool, shown: str) -> None:
    venv = Path(sys.executable).parent
    monkeypatch.setattr(sys, "argv", [called.format(venv=venv)])
    monkeypatch.setenv("PATH", str(venv) if on_path else os.defpath)
    assert commands.program() == shown.format(short=commands.short(str(venv)))
