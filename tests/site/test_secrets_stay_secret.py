"""No secret leaves Parameter Store while the roles that handle secrets converge, not with -vvvv, and not into any process's environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import process
from tests.support import bluegreen
from tests.support.bluegreen import Stage
from tests.support.emulated import Emulated
from tests.support.playbooks import BIN, ROOT

HANDLING_SECRETS = ("preflight", "rds", "ecs")
# A process that runs modules with each connection, to be sure that it was looked at.
PROCESS_OF = {"local": b"AnsiballZ_ssm_secret", "railyard.fargate.warm": b"plugin_utils/_warm"}
BUCKET = "shop-local-releases-123456789012"
OURS = [{"Key": key, "Value": value} for key, value in (("application", "shop"), ("environment", "local"), ("managed-by", "railyard"))]
NAMES = [f"/shop/local/{name}" for name in ("DATABASE_PASSWORD", "DATABASE_URL", "RAILS_MASTER_KEY")]


def playbook() -> list[dict[str, Any]]:
    """Of site.yml what handles secrets; awaiting the database a second time compares the address that is there, and so reads it."""
    plays: list[dict[str, Any]] = yaml.safe_load((ROOT / "playbooks/site.yml").read_text())
    for play in plays:
        roles = [task for task in play["tasks"] if "ansible.builtin.import_role" in task]
        play["tasks"] = [task for task in roles if task["ansible.builtin.import_role"]["name"].rpartition(".")[2] in HANDLING_SECRETS]
    awaiting = [task for task in plays[1]["tasks"] if task["ansible.builtin.import_role"].get("tasks_from") == "await"]
    plays[1]["tasks"] += awaiting
    return plays


def results(stage: Stage, repository_uri: str) -> dict[str, Any]:
    """What the roles that are left out would have set."""
    groups = dict.fromkeys(("alb", "app", "database"), stage.security_group)
    pair = {"target_group_arns": [stage.blue, stage.green], "active_target_group_arn": stage.blue}
    return {
        "vpc_result": {
            "vpc_id": stage.vpc,
            "public_subnet_ids": stage.subnets,
            "private_subnet_ids": stage.subnets,
            "security_group_ids": groups,
        },
        "ecr_result": {"repository_uri": repository_uri},
        "alb_result": {"load_balancer_arn": stage.load_balancer, **pair},
        "releases_result": {"bucket": BUCKET, "bucket_arn": f"arn:aws:s3:::{BUCKET}"},
        "rds_wait_interval": 1,
    }


def seen_in_processes(marker: bytes) -> set[bytes]:
    """Environment and arguments of every process now that has `marker` in its environment, or that runs modules for the warm connection."""
    seen = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment, arguments = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
            if marker in environment or PROCESS_OF["railyard.fargate.warm"] in arguments:
                seen.add(environment + b"\0" + arguments)
        except OSError:
            continue
    return seen


def run(emulated: Emulated, *arguments: str) -> tuple[int, str, set[bytes]]:
    """Exit code, everything printed, and what was seen in the processes of the run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
    environment |= {"RAILYARD_EMULATOR_STATE": str(emulated.path), "PATH": f"{BIN}:{os.environ['PATH']}", "ANSIBLE_NOCOLOR": "1"}
    marker = f"RAILYARD_EMULATOR_STATE={emulated.path}".encode()
    seen: set[bytes] = set()
    with subprocess.Popen(
        ["ansible-playbook", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        while True:
            try:
                output, _ = running.communicate(timeout=0.1)
                return running.returncode, output, seen
            except subprocess.TimeoutExpired:
                seen |= seen_in_processes(marker)


def described(emulated: Emulated) -> dict[str, Any]:
    """What AWS shows of the environment to whoever may look, and the emulator's journal."""
    ecs, ssm = emulated.client("ecs"), emulated.client("ssm")
    arns = ecs.list_task_definitions()["taskDefinitionArns"]
    return {
        "task definitions": [ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"]) for arn in arns],
        "services": ecs.describe_services(cluster="shop-local", services=["web", "worker"], include=["TAGS"])["services"],
        "database": emulated.client("rds").describe_db_instances()["DBInstances"],
        "parameters": ssm.describe_parameters()["Parameters"],
        "parameters' tags": [ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"] for name in NAMES],
        "tags": emulated.client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"],
        "journal": emulated.journal(),
    }


@pytest.fixture(scope="module", params=[pytest.param("local", marks=pytest.mark.soak), "railyard.fargate.warm"])
def converged(request: pytest.FixtureRequest, _emulator: Emulated, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, set[bytes]]:
    """The connection, everything printed, and what was seen in the processes of the run."""
    _emulator.reset()
    process.control(_emulator.state, "inventory")
    repository = _emulator.client("ecr").create_repository(repositoryName="shop-local", tags=OURS)["repository"]
    place = {"LocationConstraint": "eu-west-1", "Tags": OURS}
    _emulator.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    stage = bluegreen.build(_emulator, count=0)
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "play.yml").write_text(yaml.safe_dump(playbook()))
    (folder / "results.json").write_text(json.dumps(results(stage, repository["repositoryUri"])))
    words = (str(folder / "play.yml"), "-i", "inventories/local", "-e", f"@{folder / 'results.json'}", "--diff", "-vvvv")
    code, output, seen = run(_emulator, *words, "-e", f"ansible_connection={request.param}")
    assert code == 0, output
    return request.param, output, seen


@pytest.fixture
def secrets(converged: tuple[str, str, set[bytes]], _emulator: Emulated) -> dict[str, str]:
    found = _emulator.client("ssm").get_parameters(Names=NAMES, WithDecryption=True)["Parameters"]
    assert sorted(item["Name"] for item in found) == NAMES
    values = {item["Name"]: item["Value"] for item in found}
    assert values[NAMES[0]] in values[NAMES[1]]
    return values


def test_output_holds_no_secret(converged: tuple[str, str, set[bytes]], secrets: dict[str, str]) -> None:
    _, output, _ = converged
    assert "DATABASE_URL" in output and "plugins/modules/ssm_secret.py" in output
    assert [name for name, value in secrets.items() if value in output] == []


def test_resources_of_aws_hold_no_secret(secrets: dict[str, str], _emulator: Emulated) -> None:
    shown = {kind: json.dumps(what, default=str) for kind, what in described(_emulator).items()}
    assert "parameter/shop/local/DATABASE_URL" in shown["task definitions"]
    assert all(len(text) > len("[]") for text in shown.values()), shown
    assert [(kind, name) for kind, text in shown.items() for name, value in secrets.items() if value in text] == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked at in /proc")
def test_no_environment_and_no_arguments_of_a_process_hold_one(converged: tuple[str, str, set[bytes]], secrets: dict[str, str]) -> None:
    connection, _, seen = converged
    assert any(PROCESS_OF[connection] in each for each in seen)
    assert [name for name, value in secrets.items() if any(value.encode() in each for each in seen)] == []
