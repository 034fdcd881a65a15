"""An emulator for tests: clients, time, journal, and modules run against it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import process

from . import modules

REGION = "eu-west-1"
KEYS = {"access_key": "EMULATOR", "secret_key": "EMULATOR"}


@dataclass(frozen=True)
class Emulated:
    state: process.State
    path: Path

    @classmethod
    def start(cls, path: Path, speed: float = 600.0, executor: str = "script") -> Emulated:
        return cls(process.start(path, speed, parent=os.getpid(), executor=executor), path)

    def fork(self, path: Path) -> Emulated:
        """Another emulator that begins as this one is now."""
        return Emulated(process.fork(self.state, path, parent=os.getpid()), path)

    def stop(self) -> None:
        process.stop(self.path)

    def reset(self) -> None:
        process.control(self.state, "reset")

    def inventory(self) -> None:
        """What a person does once for the local environment: its secrets are stored, its repository gets an image."""
        process.control(self.state, "inventory")

    def advance(self, seconds: float) -> None:
        """Let seconds of AWS's time pass."""
        process.control(self.state, "advance", seconds=seconds)

    def script(self, **script: Any) -> None:
        """Say how containers behave (emulator/scripts.py)."""
        process.control(self.state, "scripts", **script)

    def consoles(self, **wanted: Any) -> None:
        """Say what is at the other end of sessions, and what goes wrong on the way (emulator/product/consoles.py)."""
        process.control(self.state, "consoles", **wanted)

    def faults(self, *faults: dict[str, Any], seed: int = 0) -> None:
        """Let calls meet these faults from now on; none end it (emulator/faults.py)."""
        process.control(self.state, "faults", faults=list(faults), seed=seed)

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        """The calls after that number."""
        return list(process.control(self.state, "journal", since=since))

    def writes(self) -> list[str]:
        """The operations so far that can change something."""
        return [f"{entry['service']}:{entry['operation']}" for entry in self.journal() if entry["write"]]

    def client(self, service: str, region: str = REGION, account: str = "") -> Any:
        """A boto3 client; `account` is another account of twelve digits."""
        return _client(self.state.url, service, region, f"AKIA{account}AAAA" if account else "EMULATOR")

    def refused(self, service: str, operation: str, **params: Any) -> tuple[str, str]:
        """Code and message with which AWS refuses a call. ("", "") when it accepts it."""
        try:
            getattr(self.client(service), operation)(**params)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        return "", ""

    def run(self, module: str, *, check: bool = False, **params: Any) -> dict[str, Any]:
        """Run a module of this collection in a process of its own, with --diff. Returns its result, failed or not."""
        return modules.run(module, {**KEYS, "region": REGION, "endpoint_url": self.state.url, **params}, check=check)


@cache
def _client(url: str, service: str, region: str, key: str) -> Any:
    config = Config(retries={"max_attempts": 0}, parameter_validation=False, s3={"addressing_style": "path"})
    return boto3.client(service, region_name=region, endpoint_url=url, aws_access_key_id=key, aws_secret_access_key="x", config=config)
