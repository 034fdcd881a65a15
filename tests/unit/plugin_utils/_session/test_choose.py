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


def test_own_client_is_chosen_without_session_manager_plugin(path: Path) -> None:
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


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 132", "was killed by SIGILL"),
        ("kill -KILL $$", "was killed by SIGKILL"),
        ("exit 127", "ended with exit code 127"),
        ("exec /no/such/program", "ended with exit code 127"),
        ("", "Exec format error"),
    ],
)
def test_a_plugin_that_cannot_be_run_is_told_and_not_used(script: str, why: str, path: Path) -> None:
    made = plugin(path, "")
    made.write_text(f"#!/bin/sh\n{script}\n" if script else "\x7fELF nothing")
    said: list[str] = []
    choose.check(say=said.append)
    assert len(said) == 1 and str(made) in said[0] and why in said[0] and "-e client=own" in said[0]
    assert choose.command(ANSWER, REQUEST, OPTIONS)[0][:3] == [sys.executable, "-m", "_session.client"]


def test_a_plugin_that_cannot_be_run_where_there_is_no_other_client(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin(path, "").write_text("#!/bin/sh\nexit 132\n")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(RailyardError, match=r"is there and cannot be run: .*SIGILL"):
        choose.check()


def test_own_client_is_chosen_by_option(path: Path) -> None:
    plugin(path, "1.2.707.0")
    choose.check("own")
    assert choose.command(ANSWER, REQUEST, {**OPTIONS, "client": "own"})[0][0] == sys.executable


@pytest.mark.parametrize(("code", "words"), [(132, "was killed by SIGILL"), (-11, "was killed by SIGSEGV"), (1, "ended with exit code 1")])
def test_the_plugin_is_blamed_for_its_end(code: int, words: str) -> None:
    blame = choose.blame([f"/usr/bin/{choose.PLUGIN}", "x"], code)
    assert f"/usr/bin/{choose.PLUGIN}, which {words}" in blame and "-e client=own" in blame
    assert choose.blame([sys.executable, "-m", "_session.client"], code) == ""
    assert choose.blame([f"/usr/bin/{choose.PLUGIN}"], 0) == choose.blame([f"/usr/bin/{choose.PLUGIN}"], None) == ""
