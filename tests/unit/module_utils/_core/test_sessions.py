"""The clients of a process: one session for each profile, so that keys are resolved and renewed once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore.credentials
import pytest
from botocore.config import Config

from ansible_collections.railyard.fargate.plugins.module_utils._core import sessions

PLACE: dict[str, Any] = {"region_name": "eu-west-1", "endpoint_url": "http://127.0.0.1:9"}
SERVICES = ("codedeploy", "ecs", "ecr", "elbv2", "logs", "s3", "application-autoscaling", "ssm", "iam")


@pytest.fixture
def assumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """When keys of the role were fetched; they last an hour."""
    (tmp_path / "config").write_text(
        "[profile base]\naws_access_key_id = x\naws_secret_access_key = x\n"
        "[profile shop]\nrole_arn = arn:aws:iam::123456789012:role/deployer\nsource_profile = base\n"
    )
    for name, value in {"AWS_CONFIG_FILE": tmp_path / "config", "AWS_SHARED_CREDENTIALS_FILE": tmp_path / "none", "HOME": tmp_path}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(sessions, "_sessions", {})
    fetched: list[dt.datetime] = []

    def fetch(_self: Any) -> dict[str, Any]:
        fetched.append(botocore.credentials._local_now())
        ends = (fetched[-1] + dt.timedelta(hours=1)).isoformat()
        return {"access_key": f"AKIA{len(fetched)}", "secret_key": "hush", "token": "hush", "expiry_time": ends, "account_id": "1"}

    monkeypatch.setattr(botocore.credentials.AssumeRoleCredentialFetcher, "fetch_credentials", fetch)
    return fetched


def keys(client: Any) -> str:
    return str(client._request_signer._credentials.get_frozen_credentials().access_key)


def test_a_role_is_assumed_once_for_nine_clients_and_again_before_its_keys_end(assumed: list[Any]) -> None:
    clients = [sessions.client(service, "shop", **PLACE) for service in SERVICES]
    with ThreadPoolExecutor(9) as pool:
        assert set(pool.map(keys, clients)) == {"AKIA1"} and len(assumed) == 1
    clients[0]._request_signer._credentials._expiry_time = assumed[0] + dt.timedelta(minutes=9)
    with ThreadPoolExecutor(9) as pool:
        assert set(pool.map(keys, clients)) == {"AKIA2"} and len(assumed) == 2


def test_a_profile_has_a_session_of_its_own(assumed: list[Any]) -> None:
    assert keys(sessions.client("ecs", "base", **PLACE)) == "x"
    assert keys(sessions.client("ecs", "shop", **PLACE)) == "AKIA1"
    own = sessions.client("ecs", None, Config(user_agent_extra="x"), aws_access_key_id="own", aws_secret_access_key="own", **PLACE)
    assert keys(own) == "own" and own.meta.config.user_agent_extra == "x"
