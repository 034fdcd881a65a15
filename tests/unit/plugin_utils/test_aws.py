"""Which keys, which proxy and which certificates a program that is not ours gets."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.action import console
from ansible_collections.railyard.fargate.plugins.plugin_utils import aws

OPTIONS: dict[str, Any] = {name: None for name in (*aws.OPTIONS, *aws.MORE)} | {"region": "eu-west-1", "validate_certs": True}
IDS = {"AWS_ACCESS_KEY_ID": "one", "AWS_SECRET_ACCESS_KEY": "two"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of somebody who has said nothing yet."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_CREDENTIAL_EXPIRATION", *IDS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


def profile(home: Path, minutes: int) -> None:
    """A profile whose keys come from a program, and end."""
    ends = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    keys = f'{{"Version": 1, "AccessKeyId": "one", "SecretAccessKey": "two", "SessionToken": "three", "Expiration": "{ends}"}}'
    (home / "keys.py").write_text(f"print('''{keys}''')\n")
    program = f"{sys.executable} {home / 'keys.py'}"
    (home / "config").write_text(f"[profile work]\ncredential_process = {program}\nca_bundle = {home / 'ca.pem'}\n")


def test_keys_that_stay_are_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws.environment({**OPTIONS, "access_key": "a", "secret_key": "b"}) == {
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "eu-west-1",
    }
    for name, value in IDS.items():
        monkeypatch.setenv(name, value)
    assert aws.environment(OPTIONS) == {**IDS, "AWS_REGION": "eu-west-1"}


def test_keys_that_are_renewed_the_client_gets_by_itself(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(home, 30)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody else's")
    given = aws.environment({**OPTIONS, "profile": "work"})
    assert given["AWS_PROFILE"] == "work" and given["AWS_CONFIG_FILE"] == str(home / "config")
    assert not {*IDS, "AWS_SESSION_TOKEN"} & given.keys()


@pytest.mark.parametrize(("minutes", "warned"), [(30, True), (90, False)])
def test_keys_that_end_before_the_console_are_warned_of(minutes: int, warned: bool, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(console.Display, "warning", lambda _self, text: said.append(text))
    profile(home, minutes)
    console.warn({**OPTIONS, "profile": "work"}, 60)
    for name, value in {**IDS, "AWS_SESSION_TOKEN": "t"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat())
    console.warn(OPTIONS, 60)
    assert [("before the 60 minutes" in text, "renewed" in text) for text in said] == ([(True, True), (True, False)] if warned else [])


def test_keys_without_an_end_are_no_cause_for_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.Display, "warning", lambda _self, text: pytest.fail(text))
    console.warn({**OPTIONS, "access_key": "a", "secret_key": "b"}, 60)
    console.warn(OPTIONS, 60)


def test_certificates_and_proxy_are_those_of_our_own_clients(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(home, 30)
    (home / "ca.pem").write_text("")
    assert aws.network(OPTIONS) == {}
    known = {"AWS_CA_BUNDLE": str(home / "ca.pem"), "SSL_CERT_FILE": str(home / "ca.pem")}
    assert aws.network({**OPTIONS, "profile": "work"}) == known == aws.network({**OPTIONS, "aws_ca_bundle": str(home / "ca.pem")})
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(home / "ca.pem"))
    assert aws.network(OPTIONS) == known
    given = aws.network({**OPTIONS, "aws_config": {"proxies": {"https": "http://proxy:3128"}}})
    assert given["HTTPS_PROXY"] == "http://proxy:3128"
    client = aws.clients({**OPTIONS, "aws_config": {"proxies": {"https": "http://proxy:3128"}, "user_agent_extra": "x"}}, ["ssm"])["ssm"]
    assert client.meta.config.proxies == {"https": "http://proxy:3128"} and client.meta.config.retries["mode"] == "standard"
