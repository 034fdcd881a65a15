"""Whose keys count: by what the inventory says and what the environment of the run names."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.railyard.fargate.plugins.lookup import connection

NAMES = {name for names in (*connection.KEYS.values(), connection.PROFILES) for name in names} | {"AWS_SESSION_TOKEN"}
PAIR = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
NO_KEYS = {"access_key": "", "secret_key": "", "session_token": ""}
OLD = {"access_key": "id", "secret_key": "secret"}


def options(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, **inventory: str) -> dict[str, Any]:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (found,) = connection.LookupModule(templar=Templar(loader=DataLoader())).run([], inventory)
    return dict(found)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, NO_KEYS),
        (PAIR, {"profile": ""}),
        ({**PAIR, "AWS_PROFILE": "base", "AWS_SESSION_TOKEN": "token"}, {"profile": ""}),
        ({"AWS_PROFILE": "base"}, {**NO_KEYS, "profile": "base"}),
        ({"AWS_PROFILE": "base", "AWS_SESSION_TOKEN": "left over"}, {**NO_KEYS, "profile": "base"}),
        ({"AWS_PROFILE": "base", "AWS_SECRET_ACCESS_KEY": "left over"}, {**NO_KEYS, "profile": "base"}),
        ({"AWS_DEFAULT_PROFILE": "base", "AWS_ACCESS_KEY_ID": "left over", "AWS_PROFILE": ""}, {**NO_KEYS, "profile": "base"}),
        ({"AWS_SECRET_KEY": "left over", "AWS_SESSION_TOKEN": "left over"}, NO_KEYS),
        ({"AWS_PROFILE": "base", "AWS_ACCESS_KEY": "id", "AWS_SECRET_KEY": "secret"}, {**OLD, "session_token": "", "profile": ""}),
        ({"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_KEY": "secret"}, {**OLD, "session_token": "", "profile": ""}),
        ({"AWS_ACCESS_KEY": "id", "AWS_SECRET_KEY": "secret", "AWS_SESSION_TOKEN": "t"}, {**OLD, "session_token": "t", "profile": ""}),
    ],
)
def test_only_whole_keys_of_the_environment_exclude_its_profile(
    environment: dict[str, str], expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert options(environment, monkeypatch) == expected
    assert options(environment, monkeypatch, railyard_profile="work") == {**NO_KEYS, "profile": "work"}
    keys = {"railyard_access_key": "mine", "railyard_secret_key": "also"}
    assert options(environment, monkeypatch, **keys) == {**NO_KEYS, "profile": "", "access_key": "mine", "secret_key": "also"}
    assert options(environment, monkeypatch, railyard_region="eu-west-1", railyard_profile="") == {**expected, "region": "eu-west-1"}
