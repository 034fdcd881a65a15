"""An environment that `site.yml` has made, for whoever wants to begin there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.support.emulated import Emulated
from tests.support.playbooks import converge

Made = Callable[..., Emulated]


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The emulator on which `site.yml` was run once with these words. Nobody writes to it."""
    started: list[Emulated] = []

    @cache
    def make(*words: str) -> Emulated:
        started.append(Emulated.start(tmp_path_factory.mktemp("made") / "state.json"))
        converge(started[-1], *words)
        return started[-1]

    yield make
    for emulated in started:
        emulated.stop()


@pytest.fixture(scope="module")
def made(_made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A copy of it, for the tests of one file."""
    copies: list[Emulated] = []

    def copy(*words: str) -> Emulated:
        copies.append(_made(*words).fork(tmp_path_factory.mktemp("copy") / "state.json"))
        return copies[-1]

    yield copy
    for emulated in copies:
        emulated.stop()
