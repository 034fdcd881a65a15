"""Time that passes only when a test says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import process
from tests.support.emulated import Emulated

FAST = 600


@pytest.fixture
def slowly(emulated: Emulated) -> Iterator[None]:
    """AWS's own time: a busy machine cannot let a state pass by between two looks; `advance` works as ever."""
    process.door(emulated.state, "speed", factor=1)
    yield
    process.door(emulated.state, "speed", factor=FAST)
