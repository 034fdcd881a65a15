"""What is wrong with what is said, by the table of a playbook."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils._command_line import options, usage
from ansible_collections.railyard.fargate.plugins.plugin_utils._command_line.extra_vars import read

TABLE: options.Table = {
    "image": {"type": "str", "example": "3f2c1ab", "description": "A tag."},
    "force": {"type": "bool", "default": False, "description": "Although it is live."},
    "minutes": {"type": "int", "minimum": 1, "maximum": 60, "description": "How long."},
    "command": {"type": "raw", "required": True, "example": "bin/rails db:seed", "description": "What to run."},
    "if_running": {"choices": ["wait", "refuse"], "default": "wait", "description": "What then."},
    "port": {"refused": "Ansible reserves this name. Write -e local_port=1"},
}
KNOWN = ["railyard_hosts", "vpc_zone_count"]


def wrong(*arguments: str, known: Any = lambda: KNOWN) -> list[str]:
    return list(options.problems(TABLE, read(arguments, lambda text: None), known))


@pytest.mark.parametrize(
    "argument", ["image=1", "force=yes", "railyard_hosts=x", "vpc_zone_count=3", "ansible_connection=local", "help=yes"]
)
def test_what_is_known_may_be_said(argument: str) -> None:
    assert wrong(argument) == []


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("imgae=1", "there is no option imgae; the nearest is image"),
        ("railyard_host=x", "the nearest is railyard_hosts"),
        ("xyz=1", "there are image, force, minutes, command, if_running and help"),
        ("image=", "image is said without a value"),
        ("railyard_hosts=", "railyard_hosts is said without a value"),
        ("command=bin/rails db:seed", "Write\n    -e 'command=\"bin/rails db:seed\"'"),
        ("command=echo a=b", "If it is a part of command, the shell has taken the quotes away"),
        ("image", "'image' belongs to no option"),
        ("port=15432", "port: Ansible reserves this name"),
    ],
)
def test_wrong_options_are_refused(argument: str, words: str) -> None:
    (found,) = wrong(argument)
    assert words in found


def test_other_playbooks_have_options_of_their_own() -> None:
    assert wrong("imgae=1", known=None) == []
    assert len(wrong("image=", known=None)) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"force": "maybe"}, "force: 'maybe' is neither yes nor no"),
        ({"minutes": "soon"}, "minutes: 'soon' is not a whole number"),
        ({"minutes": "61"}, "61 is not from 1 to 60"),
        ({"minutes": "-1"}, "-1 is not from 1 to 60"),
        ({"if_running": "refused"}, "'refused' is not one of wait, refuse; the nearest is refuse"),
        ({"image": ["a"]}, "image: it must be a text"),
        ({"image": " "}, "image: its value is empty"),
    ],
)
def test_invalid_values_are_refused(given: dict[str, Any], words: str) -> None:
    _, (found,) = options.values(TABLE, {"command": "true", **given})
    assert words in found


def test_values_and_defaults() -> None:
    found, none = options.values(TABLE, {"command": ["bin/rails", "db:seed"], "force": "yes", "minutes": "5", "image": 3})
    assert none == []
    assert found == {"image": "3", "force": True, "minutes": 5, "command": ["bin/rails", "db:seed"], "if_running": "wait"}
    assert options.values(TABLE, {})[1] == ["Say what to run: -e 'command=\"bin/rails db:seed\"'"]


def test_the_table_is_its_own_help() -> None:
    text = usage.text("playbooks/run.yml", TABLE)
    for words in ("-e image=3f2c1ab", "-e force=yes", "Default: no.", "One of wait, refuse. Default: wait.", "What to run. Required."):
        assert words in text
    assert "port" not in text and max(map(len, text.splitlines())) <= 120
