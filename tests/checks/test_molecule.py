from __future__ import annotations

import sys

from tests.support import commands


def test_roles_pass_their_scenarios() -> None:
    commands.passes(sys.executable, "-m", "tests.molecule")
