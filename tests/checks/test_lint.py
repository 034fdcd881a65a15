"""Style, types, the recipe of an image, and what ansible-lint makes of playbooks and roles."""

from __future__ import annotations

import pytest

from tests.support import commands

DOCKERFILE = "hadolint --config examples/shop/.hadolint.yaml examples/shop/Dockerfile"
COMMANDS = ("ansible-lint --offline", DOCKERFILE, "mypy", "ruff check .", "ruff format --check .", "yamllint --strict .")


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_said(command: str) -> None:
    commands.passes(*command.split())
