"""One node for all tests, and persons who enter sessions with it: through AWS's client where it is on the PATH, and through ours."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import nodes
from tests.support.emulated import Emulated
from tests.support.persons import Person

Enter = Callable[..., Person]
PLUGIN = "session-manager-plugin"


@pytest.fixture(scope="session")
def _node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[nodes.Node]:
    emulated = Emulated.start(tmp_path_factory.mktemp("node") / "state.json")
    yield nodes.build(emulated)
    emulated.stop()


@pytest.fixture(params=["ours", PLUGIN])
def node(_node: nodes.Node, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> nodes.Node:
    """A node whose sessions are entered with one client."""
    if request.param == "ours":
        monkeypatch.setattr(
            "ansible_collections.railyard.fargate.plugins.plugin_utils._session.choose.PLUGIN", "a client that is not there"
        )
    elif shutil.which(PLUGIN) is None:
        pytest.skip(f"{PLUGIN} is not on the PATH")
    _node.emulated.consoles()
    return _node


@pytest.fixture
def seat(tmp_path: Path) -> Iterator[Enter]:
    """Run a program for a person: seat(words, environment, first_output)."""
    seated: list[Person] = []

    def seat(*given: Any) -> Person:
        person = Person(tmp_path, *given)
        seated.append(person)
        return person

    yield seat
    for person in seated:
        person.leave()


@pytest.fixture
def enter(node: nodes.Node, seat: Enter) -> Enter:
    """Begin a session and enter it: enter(*program, **faults)."""

    def enter(*program: str, document: str = nodes.SHELL, first_output: float = 60.0, **faults: Any) -> Person:
        node.emulated.consoles(program=program, **faults)
        words, environment, _session = node.client(document)
        return seat(words, environment, first_output)

    return enter
