from __future__ import annotations

import sys

from tests.support import commands


def test_documentation_is_whole_and_true() -> None:
    commands.passes(sys.executable, "-m", "tests.docs")
