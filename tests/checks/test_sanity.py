"""ansible-test sanity; pylint, which takes as long as all others, in `make soak` only."""

from __future__ import annotations

import sys

import pytest

from tests.support import commands


def test_sanity() -> None:
    commands.passes(sys.executable, "-m", "tests.sanity", "--skip-test", "pylint")


@pytest.mark.soak
def test_pylint() -> None:
    commands.passes(sys.executable, "-m", "tests.sanity", "--test", "pylint")
