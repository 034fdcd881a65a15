"""An emulator whose images may be programs of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulator import process
from tests.support import base_image, fargate, shop
from tests.support.emulated import Emulated
from tests.support.twins import Twins

PLAYED_AND_RUN = (process.SCRIPT, process.PROCESS)
Folders = Callable[[tuple[str, ...]], Path]
MIGRATION = "class {name} < ActiveRecord::Migration[5.2]\n  def {how}\n    {code}\n  end\nend\n"
FILES = {
    "SleepAWhile": ("20260131150000_sleep_a_while.rb", MIGRATION.format(name="SleepAWhile", how="up", code="sleep 4")),
}


@pytest.fixture(scope="session")
def _programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    emulated = Emulated.start(tmp_path_factory.mktemp("programs") / "state.json", executor="process")
    yield emulated
    emulated.stop()


@pytest.fixture(scope="session")
def _containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    if why := base_image.missing():
        pytest.skip(f"NO CONTAINER IS TRIED: {why}")
    emulated = Emulated.start(tmp_path_factory.mktemp("containers") / "state.json", executor=process.CONTAINER)
    yield emulated
    emulated.stop()


@pytest.fixture(params=PLAYED_AND_RUN)
def stage(request: pytest.FixtureRequest, _programs: Emulated, tmp_path: Path) -> Twins:
    """The same stage for each executor that the gate has."""
    _programs.reset()
    return Twins(fargate.build(_programs, balanced=True), request.param, tmp_path)


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """Folders of examples/shop with some migrations, by their names, each made once."""
    place, made = tmp_path_factory.mktemp("folders"), dict[tuple[str, ...], Path]()
    versions = shop.versions()
    assert versions.possible(), versions.MISSING
    files = {**FILES, "AddNoteToOrders": versions.ADDED, "RemoveGiftFromOrders": versions.DROPPED, "AddItemToOrders": versions.FAILING}

    def make(names: tuple[str, ...]) -> Path:
        if names not in made:
            wanted = tuple(files[name] for name in names if name != "CreateOrders")
            made[names] = versions.make(place / str(len(made)), len(made), migrations=wanted, key="0" * 32)
        return made[names]

    return make
