"""An environment that `site.yml` has made, for whoever wants to begin there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.emulated import Emulated
from tests.support.environments import ACCOUNTS, Environments, converged

Made = Callable[..., Emulated]
TIER = "/ssm/managed-instance/activation-tier"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A copy of a converged account, for the tests of one file."""
    copies: list[Emulated] = []

    def copy(*words: str) -> Emulated:
        copies.append(converged(*words).fork(tmp_path_factory.mktemp("copy") / "state.json"))
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


def _fill(emulated: Emulated) -> None:
    """Staging and production, converged in one run."""
    for name, account in ACCOUNTS.items():
        ssm = emulated.client("ssm", account=account)
        ssm.put_parameter(Name=f"/shop/{name}/RAILS_MASTER_KEY", Type="SecureString", Value=f"key of {name}")
    played = Environments.of(emulated, emulated.path.with_name("keys.yml")).play("site.yml")
    assert played.code == 0 and played.count("failed") == 0 and played.output.count("waiting for the first release") == 4, played.output


@pytest.fixture
def environments(tmp_path: Path) -> Iterator[Environments]:
    """A copy of staging and production, for one test."""
    emulated = Emulated.shared("environments", _fill).fork(tmp_path / "state.json")
    yield Environments.of(emulated, tmp_path / "keys.yml")
    emulated.stop()
