"""An emulator whose images may be programs of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import process
from tests.support import fargate
from tests.support.emulated import Emulated
from tests.support.twins import Twins


@pytest.fixture(scope="session")
def _programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    emulated = Emulated.start(tmp_path_factory.mktemp("programs") / "state.json", executor="process")
    yield emulated
    emulated.stop()


@pytest.fixture(params=process.EXECUTORS)
def stage(request: pytest.FixtureRequest, _programs: Emulated, tmp_path: Path) -> Twins:
    """The same stage for each executor."""
    _programs.reset()
    return Twins(fargate.build(_programs, balanced=True), request.param, tmp_path)
