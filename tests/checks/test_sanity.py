"""ansible-test sanity; pylint and import, each of which takes as long as all others, in `make soak` only.

Of what `import` finds, test_imports.py of tests/unit notices in the gate what is imported and may be absent."""

from __future__ import annotations

import sys

import pytest

from tests.support import commands


def test_sanity() -> None:
    commands.passes(sys.executable, "-m", "tests.sanity", "--skip-test", "pylint", "--skip-test", "import")


@pytest.mark.soak
def test_pylint_and_import() -> None:
    commands.passes(sys.executable, "-m", "tests.sanity", "--test", "pylint", "--test", "import")
