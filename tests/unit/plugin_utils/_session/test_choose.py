"""Which client, and that no secret is in its command line."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.plugin_utils._session import choose

ANSWER = {"SessionId": "me-1", "StreamUrl": "wss://somewhere", "TokenValue": "the-token"}
REQUEST = {"Target": "mi-1", "DocumentName": "shop"}
OPTIONS = {"region": "eu-west-1", "endpoint_url": None, "credentials": {"AWS_SECRET_ACCESS_KEY": "the-secret", "AWS_SESSION_TOKEN": ""}}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def plugin(path: Path, version: str) -> Path:
    made = path / choose.PLUGIN
    made.write_text(f"#!/bin/sh\necho '{version}'\n")
    made.chmod(0o755)
    return made


def test_ours_where_there_is_no_other(path: Path) -> None:
    words, environment = choose.command(ANSWER, REQUEST, OPTIONS)
    assert words == [sys.executable, "-m", "_session.client", choose.VARIABLE, "eu-west-1", "StartSession", "", json.dumps(REQUEST), ""]
    assert json.loads(environment[choose.VARIABLE]) == ANSWER


def test_aws_own_where_it_is_there(path: Path) -> None:
    made = plugin(path, "1.2.707.0")
    words, environment = choose.command(ANSWER, REQUEST, {**OPTIONS, "endpoint_url": "http://here"})
    assert words == [str(made), choose.VARIABLE, "eu-west-1", "StartSession", "", json.dumps(REQUEST), "http://here"]
    assert json.loads(environment[choose.VARIABLE]) == ANSWER


@pytest.mark.parametrize("version", ["1.2.463.0", "1.2.496.9", "not a version", ""])
def test_old_ones_take_the_answer_as_a_word(path: Path, version: str) -> None:
    plugin(path, version)
    words, environment = choose.command(ANSWER, REQUEST, OPTIONS)
    assert json.loads(words[1]) == ANSWER
    assert choose.VARIABLE not in environment


def test_secrets_are_in_no_word_and_other_credentials_in_no_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "somebody else's")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", "here")
    words, environment = choose.command(ANSWER, REQUEST, OPTIONS)
    assert not [word for word in words if "the-token" in word or "the-secret" in word]
    assert environment["AWS_SECRET_ACCESS_KEY"] == "the-secret"
    assert not environment.keys() & {"AWS_SESSION_TOKEN", "ANSIBLE_VAULT_PASSWORD_FILE"}


def test_ours_finds_the_libraries_that_ansible_finds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere/else")
    _words, environment = choose.command(ANSWER, REQUEST, OPTIONS)
    own, other = environment["PYTHONPATH"].split(os.pathsep)
    assert (Path(own) / "_session" / "client.py").exists()
    assert other == "/somewhere/else"


def test_both_ways_out_are_named_where_there_is_no_client(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choose.check()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RailyardError, match=r"session-manager-plugin on the PATH, or .* pip install websockets"):
        choose.check()
    plugin(path, "1.2.707.0")
    choose.check()
