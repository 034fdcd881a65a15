"""Style, types, and what ansible-lint makes of playbooks and roles."""

from __future__ import annotations

import pytest

from tests.support import commands

COMMANDS = ("ansible-lint --offline", "mypy", "ruff check .", "ruff format --check .", "yamllint --strict .")


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_said(command: str) -> None:
    commands.passes(*command.split())
