"""In which order several workers (`pytest -n`) take the tests: the longest first, so that all of them are busy until the end.

The tests of a file stay together and in their order, except in the files of `APART`, whose tests know nothing of one another.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

APART = ("tests/checks/test_lint.py",)
# What takes longest; everything else comes after it. The gate says at its end what each test has used.
LONGEST = (
    "tests/checks/test_molecule.py",
    "tests/site/test_release.py",
    "tests/site/test_pipeline.py",
    "tests/tasks/test_shop.py",
    "tests/site/test_what_a_release_carries.py",
    "tests/warm/test_site.py",
    "tests/checks/test_sanity.py",
    "tests/module/test_deployments.py",
    "tests/site/test_faults.py",
    "tests/site/test_console.py",
    "tests/tasks/test_migrations.py",
    "tests/tasks/test_twins.py",
    "tests/tasks/test_consoles.py",
    "tests/site/test_lock.py",
    "tests/checks/test_lint.py",
    "tests/warm/test_keeper.py",
    "tests/site/test_site.py",
    "tests/package/",
    "tests/module/test_deployments_gone_wrong.py",
    "tests/site/",
    "tests/warm/",
    "tests/tasks/",
    "tests/module/",
    "tests/emulator/",
)


def scope(test: str) -> str:
    """What stays together with a test: its name with more colons is itself, a file's name is all tests of the file."""
    return test if test.startswith(APART) else test.split("::", 1)[0]


def rank(test: str) -> int:
    return next((place for place, beginning in enumerate(LONGEST) if test.startswith(beginning)), len(LONGEST))


class Lanes(LoadScopeScheduling):
    """Takes scopes in the order in which tests were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    return sorted(items, key=lambda item: rank(item.nodeid))
