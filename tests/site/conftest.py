"""An environment that `site.yml` has made, for whoever wants to begin there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.emulated import Emulated
from tests.support.environments import ACCOUNTS, Environments
from tests.support.playbooks import converge

Made = Callable[..., Emulated]
TIER = "/ssm/managed-instance/activation-tier"


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The emulator on which the deployer has run `site.yml` once with these words. Nobody writes to it."""
    from tests.support import persons_of_iam

    started: list[Emulated] = []

    @cache
    def make(*words: str) -> Emulated:
        started.append(Emulated.start(tmp_path_factory.mktemp("made") / "state.json"))
        deployer = persons_of_iam.make(started[-1], "deployer")
        with persons_of_iam.judged(started[-1]):
            converge(started[-1], *words, *deployer.words)
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


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Emulated]:
    """An account with nothing in it, in which sessions can be opened."""
    emulated = Emulated.start(tmp_path / "state.json")
    emulated.client("ssm").update_service_setting(SettingId=TIER, SettingValue="advanced")
    emulated.consoles()
    yield emulated
    emulated.stop()


@pytest.fixture(scope="session")
def _environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environments]:
    """Staging and production, converged once in one run. Nobody writes to them."""
    emulated = Emulated.start(tmp_path_factory.mktemp("environments") / "state.json")
    for name, account in ACCOUNTS.items():
        ssm = emulated.client("ssm", account=account)
        ssm.put_parameter(Name=f"/shop/{name}/RAILS_MASTER_KEY", Type="SecureString", Value=f"key of {name}")
    both = Environments.of(emulated, tmp_path_factory.mktemp("keys") / "keys.yml")
    played = both.play("site.yml")
    assert played.code == 0 and played.count("failed") == 0 and played.output.count("waiting for the first release") == 4, played.output
    yield both
    emulated.stop()


@pytest.fixture
def environments(_environments: Environments, tmp_path: Path) -> Iterator[Environments]:
    """A copy of them, for one test."""
    emulated = _environments.emulated.fork(tmp_path / "state.json")
    yield Environments.of(emulated, tmp_path / "keys.yml")
    emulated.stop()
