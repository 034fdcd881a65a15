"""An emulator for tests: clients, time, journal, and modules run against it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import process

from . import account, modules, shared

REGION = "eu-west-1"
# Seconds of AWS's waits that pass in one.
SPEED = 600.0
KEYS = {"access_key": "EMULATOR", "secret_key": "EMULATOR"}


@dataclass(frozen=True)
class Emulated:
    state: process.State
    path: Path

    @classmethod
    def start(cls, path: Path, speed: float = SPEED, executor: str = process.SCRIPT) -> Emulated:
        """An empty one. Where containers are no programs, it is the copy of one that has loaded everything."""
        if (speed, executor) == (SPEED, process.SCRIPT):
            return _empty().fork(path)
        return cls(process.start(path, speed, parent=os.getpid(), executor=executor), path)

    @classmethod
    def shared(cls, name: str, fill: Callable[[Emulated], object]) -> Emulated:
        """One for all workers, which the first of them has filled. Nobody writes to it: tests take copies of it."""

        def make(path: Path) -> process.State:
            made = _empty().fork(path, parent=shared.owner())
            fill(made)
            return made.state

        return cls(*shared.emulator(name, make))

    def fork(self, path: Path, parent: int = 0) -> Emulated:
        """Another emulator that begins as this one is now. It ends with this process, or with `parent`."""
        copy = Emulated(process.fork(self.state, path, parent=parent or os.getpid()), path)
        account.adopt(copy.state.pid)
        return copy

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


# What a service needs for its first answer it loads once, here, and not in each copy.
FIRST: dict[str, str] = {
    "application-autoscaling": "describe_scaling_policies",
    "cloudwatch": "describe_alarms",
    "codebuild": "list_projects",
    "codeconnections": "list_connections",
    "codedeploy": "list_applications",
    "codepipeline": "list_pipelines",
    "ec2": "describe_vpcs",
    "ecr": "describe_repositories",
    "ecs": "list_clusters",
    "elbv2": "describe_load_balancers",
    "iam": "list_policies",
    "kms": "list_keys",
    "logs": "describe_log_groups",
    "rds": "describe_db_instances",
    "resourcegroupstaggingapi": "get_resources",
    "s3": "list_buckets",
    "secretsmanager": "list_secrets",
    "ssm": "describe_parameters",
    "sts": "get_caller_identity",
}


@cache
def _empty() -> Emulated:
    def make(path: Path) -> process.State:
        made = Emulated(process.start(path, SPEED, parent=shared.owner()), path)
        for service, operation in FIRST.items():
            with suppress(ClientError):
                getattr(made.client(service), operation)()
        made.reset()
        return made.state

    return Emulated(*shared.emulator("empty", make))


@cache
def _client(url: str, service: str, region: str, key: str) -> Any:
    config = Config(retries={"max_attempts": 0}, parameter_validation=False, s3={"addressing_style": "path"})
    return boto3.client(service, region_name=region, endpoint_url=url, aws_access_key_id=key, aws_secret_access_key="x", config=config)
