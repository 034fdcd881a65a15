"""The emulator as a process: one per state file, found by proof, gone when it should be."""

from __future__ import annotations

import http.server
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator import process
from emulator.product.inventory import SECOND_ACCOUNT
from tests.support.emulated import Emulated

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    state = tmp_path / "state.json"
    yield state
    process.stop(state)


def _cli(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emulator", *words, "--state", str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def _gone(pid: int, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_starts_at_the_same_time_give_one_server_and_a_kill_is_survived(path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda _: process.start(path), range(4)))
    assert len({state.pid for state in states}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    os.kill(states[0].pid, signal.SIGKILL)
    assert _gone(states[0].pid)
    assert process.running(path) is None
    again = process.start(path)
    assert again.pid != states[0].pid
    assert process.stop(path)
    assert not process.stop(path)
    assert not path.exists()


def test_emulator_ends_with_its_parent(path: Path) -> None:
    parent = subprocess.Popen(["sleep", "60"])
    state = process.start(path, parent=parent.pid)
    parent.kill()
    parent.wait()
    assert _gone(state.pid)


class _Foreign(http.server.BaseHTTPRequestHandler):
    seen: list[dict[str, str]] = []

    def do_GET(self) -> None:
        self.seen.append(dict(self.headers))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"proof": "0" * 64, "speed": 1}).encode())

    def log_message(self, *_: object) -> None:
        """Silent."""


def test_a_foreign_server_is_not_trusted_and_does_not_get_the_token(path: Path) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Foreign)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bystander = subprocess.Popen(["sleep", "60"])
    path.write_text(json.dumps({"pid": bystander.pid, "url": f"http://127.0.0.1:{server.server_port}", "token": "secret", "speed": 1}))
    assert process.running(path) is None
    assert _Foreign.seen
    assert "secret" not in str(_Foreign.seen)
    assert not process.stop(path)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
    server.shutdown()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "url": "http://127.0.0.1:1", "token": "a", "speed": 1, "more": 1}']
)
def test_a_broken_state_file_is_no_emulator(path: Path, text: str) -> None:
    path.write_text(text)
    assert process.running(path) is None


def test_control_endpoints_need_the_token(emulated: Emulated) -> None:
    stranger = process.State(0, emulated.state.url, "wrong", 1)
    with pytest.raises(process.EmulatorError, match="token"):
        process.control(stranger, "journal")
    with pytest.raises(process.EmulatorError, match="no such endpoint"):
        process.control(emulated.state, "nothing")
    with pytest.raises(process.EmulatorError, match="forward"):
        process.control(emulated.state, "advance", seconds=-1)
    with pytest.raises(process.EmulatorError, match="seconds"):
        process.control(emulated.state, "advance")


def test_the_command_line(emulated: Emulated) -> None:
    path = emulated.path
    assert json.loads(_cli(path, "status", "--json").stdout)["url"] == emulated.state.url
    assert f"running at {emulated.state.url}" in _cli(path, "start").stdout
    emulated.client("ecs").create_cluster(clusterName="a")
    assert "1  write  ecs:CreateCluster" in _cli(path, "journal").stdout
    assert "1 of them changed something" in _cli(path, "journal").stdout
    assert _cli(path, "advance", "3600").returncode == 0
    assert _cli(path, "reset").returncode == 0
    assert json.loads(_cli(path, "journal", "--json").stdout) == []
    assert _cli(path, "speed", "0").returncode == 2
    speed = emulated.state.speed
    assert _cli(path, "speed", "7").returncode == 0
    assert "speed 7" in _cli(path, "status").stdout
    assert _cli(path, "speed", str(speed)).returncode == 0


def test_without_an_emulator_the_command_line_says_what_to_do(tmp_path: Path) -> None:
    nowhere = tmp_path / "state.json"
    assert _cli(nowhere, "status").stdout == "not running\n"
    assert _cli(nowhere, "stop").stdout == "not running\n"
    for verb in (["journal"], ["reset"], ["advance", "1"], ["speed", "1"]):
        answer = _cli(nowhere, *verb)
        assert answer.returncode == 1
        assert "python -m emulator start" in answer.stderr


def test_the_inventory_holds_an_image_and_has_stored_the_secret(emulated: Emulated) -> None:
    first = json.loads(_cli(emulated.path, "inventory", "--list").stdout)
    assert json.loads(_cli(emulated.path, "inventory").stdout) == first
    assert _cli(emulated.path, "inventory", "--host", "a").stdout == "{}\n"
    variables = first["local"]["vars"]
    assert variables["railyard_endpoint_url"] == emulated.state.url
    ssm = emulated.client("ssm")
    parameter = ssm.get_parameter(Name="/shop/local/RAILS_MASTER_KEY", WithDecryption=True)["Parameter"]
    assert parameter["Type"] == "SecureString"
    assert len(bytes.fromhex(parameter["Value"])) == 16
    other = emulated.client("ssm", region="us-west-2").get_parameter(Name="/shop/local/RAILS_MASTER_KEY", WithDecryption=True)["Parameter"]
    assert other["Value"] == parameter["Value"]
    ssm.put_parameter(Name="/shop/local/RAILS_MASTER_KEY", Value="mine", Type="SecureString", Overwrite=True)
    _cli(emulated.path, "inventory")
    assert ssm.get_parameter(Name="/shop/local/RAILS_MASTER_KEY", WithDecryption=True)["Parameter"]["Value"] == "mine"
    third = emulated.client("ssm", region="ap-northeast-1").get_parameter(Name="/shop/local/RAILS_MASTER_KEY", WithDecryption=True)
    assert third["Parameter"]["Value"] == parameter["Value"]
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName="shop-local")
    assert [image["imageDigest"] for image in ecr.list_images(repositoryName="shop-local")["imageIds"]] == [variables["railyard_image"]]


def test_each_local_environment_has_its_secret_in_its_own_account(emulated: Emulated) -> None:
    _cli(emulated.path, "inventory")
    for account, name in (("", "local"), (SECOND_ACCOUNT, "local-production")):
        found = emulated.client("ssm", account=account).describe_parameters()["Parameters"]
        assert [item["Name"] for item in found] == [f"/shop/{name}/RAILS_MASTER_KEY"]


def test_the_command_line_imports_neither_boto3_nor_moto() -> None:
    """Every ansible run of the local inventory waits for it."""
    program = (
        "import sys, emulator.__main__; print([name for name in ('boto3', 'botocore', 'moto', 'urllib.request') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout == "[]\n"
