"""Make the collection importable by its own name, and give every test session an emulator of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.emulated import Emulated

ROOT = Path(__file__).resolve().parent.parent


# Hundreds of processes are started: none of them should compile what another one has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_configure(config: pytest.Config) -> None:
    from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

    _AnsibleCollectionFinder(paths=[str(ROOT / "collections")])._install()


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
