"""Make the collection importable by its own name, and give every test session an emulator of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

from tests import gate
from tests.support import account, lanes, shared
from tests.support.emulated import Emulated

ROOT = Path(__file__).resolve().parent.parent


# Hundreds of processes are started: none of them should compile what another one has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Before the conftest.py of a folder, which may import from it.
_AnsibleCollectionFinder(paths=[str(ROOT / "collections")])._install()


def pytest_configure(config: pytest.Config) -> None:
    shared.begin()
    if not config.option.collectonly:
        here = hasattr(config, "workerinput") or not config.option.numprocesses
        reporting = not hasattr(config, "workerinput") and config.option.account
        for plugin in [*([account.Worker()] if here else []), *([account.Account(gate.PARTS)] if reporting else [])]:
            config.pluginmanager.register(plugin)


def pytest_sessionfinish() -> None:
    shared.end_keepers()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--account", action="store_true", help="say at the end what tests have used of the processor")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> lanes.Lanes:
    # xdist begins with the files that have most tests, otherwise.
    config.option.loadscopereorder = False
    return lanes.Lanes(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = lanes.in_order(items)


@pytest.fixture(scope="session")
def _emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    emulated = Emulated.start(tmp_path_factory.mktemp("emulator") / "state.json")
    yield emulated
    emulated.stop()


@pytest.fixture
def emulated(_emulator: Emulated) -> Emulated:
    """An empty emulated AWS."""
    _emulator.reset()
    return _emulator
