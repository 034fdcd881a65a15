"""Time that passes only when a test says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import callers, fargate
from tests.support.emulated import Emulated


@pytest.fixture
def slowly(emulated: Emulated) -> Iterator[None]:
    """AWS's own time: a busy machine cannot let a state pass by between two looks; `advance` works as ever."""
    with fargate.slowly(emulated):
        yield


@pytest.fixture
def ann(emulated: Emulated) -> Iterator[callers.Person]:
    """A user without any policy, in an AWS that judges meanwhile."""
    yield callers.judged(emulated)
    callers.judge(emulated, False)
