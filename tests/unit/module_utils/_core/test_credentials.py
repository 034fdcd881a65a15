"""Keys that a program prints, for whoever asks in this process."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import credentials


def runs(place: Path, patch: pytest.MonkeyPatch, ends: timedelta | None) -> int:
    """How often the program of a profile is run for three sessions with a client each."""
    expiration = {} if ends is None else {"Expiration": (datetime.now(UTC) + ends).isoformat()}
    (place / "keys.json").write_text(json.dumps({"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "hush", **expiration}))
    program = place / "program"
    program.write_text(f"#!/bin/sh\necho run >> {place}/runs\ncat {place}/keys.json\n")
    program.chmod(0o755)
    (place / "config").write_text(f"[profile printed]\ncredential_process = {program}\n")
    for name, value in {"AWS_CONFIG_FILE": place / "config", "AWS_SHARED_CREDENTIALS_FILE": place / "none", "HOME": place}.items():
        patch.setenv(name, str(value))
    credentials.share()
    for service in ("ecs", "ec2", "sts"):
        session = boto3.session.Session(profile_name="printed", region_name="eu-west-1")
        client: Any = session.client(service)
        assert client._request_signer._credentials.get_frozen_credentials().secret_key == "hush"
    return (place / "runs").read_text().count("run")


@pytest.mark.parametrize("ends", [None, timedelta(hours=1)])
def test_a_credential_process_is_run_once_for_all_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: timedelta | None) -> None:
    assert runs(tmp_path, monkeypatch, ends) == 1
    assert [path.name for path in tmp_path.rglob("*.json")] == ["keys.json"]


def test_keys_that_end_soon_are_printed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert runs(tmp_path, monkeypatch, timedelta(minutes=12)) >= 3
