"""In which order several workers (`pytest -n`) take the tests: the longest first, so that all of them are busy until the end.

The tests of a file stay together and in their order, except in the files of `APART`, whose tests know nothing of one another.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

APART = ("tests/checks/",)
# Beginnings of what takes longest; everything else comes after it. The gate says at its end what each test has used.
LONGEST: tuple[str, ...] = ()


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
