"""The recipe of the image: what a team copies must be right for both architectures, without root and without a secret."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._console import request
from emulator.stand_ins.image import context
from tests.support import shop as shops

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
TEXT = re.sub(r"\\\n\s*", "", (SHOP / "Dockerfile").read_text())
LINES = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
STAGES = [line.split() for line in LINES if line.startswith("FROM ")]
LAST = TEXT[TEXT.rindex("\nFROM ") :]


def of(instruction: str, text: str = TEXT) -> list[str]:
    return [line.partition(" ")[2] for line in text.splitlines() if line.startswith(f"{instruction} ")]


def test_every_image_from_outside_has_a_version() -> None:
    own = {words[3] for words in STAGES if len(words) == 4}
    outside = [words[1] for words in STAGES if words[1] not in own]
    assert outside == ["public.ecr.aws/docker/library/ruby:${RUBY_VERSION}-slim-bookworm"]
    assert re.fullmatch(r"RUBY_VERSION=\d+\.\d+\.\d+", of("ARG")[0])


def test_it_does_not_run_as_root() -> None:
    assert of("USER", LAST) == ["1000:1000"]
    assert not LAST.partition("\nUSER ")[2].count("\nRUN ")


def test_there_is_a_variant_for_root_that_is_otherwise_the_same() -> None:
    root = TEXT.partition("\nFROM app AS root\n")[2].partition("\nFROM ")[0]
    assert of("USER", root) == ["0:0"] and of("COPY", root) == of("COPY", LAST)
    assert [of(name, root) for name in ("ENTRYPOINT", "EXPOSE", "CMD")] == [of(name, LAST) for name in ("ENTRYPOINT", "EXPOSE", "CMD")]


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")
@pytest.mark.parametrize(("command", "user"), [(["id", "-u"], "65534"), (["bin/console-node"], "0")])
def test_only_the_agent_is_root_in_it(command: list[str], user: str, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "console-node"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nid -u\n")
    program.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "RAILYARD_USER": "nobody"}
    entrypoint = [str(SHOP / "bin" / "docker-entrypoint"), *command]
    done = subprocess.run(entrypoint, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == user


def test_no_secret_is_built_in() -> None:
    names = re.findall(r"(\w+)=", " ".join([*of("ENV"), *of("ARG")]))
    assert "RAILS_ENV" in names
    assert [name for name in names if re.search("SECRET|PASSWORD|TOKEN|KEY|DATABASE_URL", name)] == []
    assert list(SHOP.rglob("*.key")) == []


def test_no_secret_of_a_checkout_is_in_a_layer(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(SHOP, folder)
    kept = sorted(context(folder, folder / "Dockerfile"))
    shops.secrets_of_a_checkout(folder)
    assert sorted(context(folder, folder / "Dockerfile")) == kept
    assert {"bin/docker-entrypoint", "console/amazon-ssm-agent.json", "db/schema.rb", "Gemfile.lock"} <= set(kept)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    seen = subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=folder, check=True, capture_output=True, text=True).stdout
    assert [name for name in shops.SECRETS if f"?? {name}\n" in seen] == []


def test_both_architectures_get_their_own_agent() -> None:
    assert "/debian_${TARGETARCH}/" in TEXT
    assert re.search(r"amd64|arm64|x86_64|aarch64", TEXT) is None
    lock = (SHOP / "Gemfile.lock").read_text()
    assert "  aarch64-linux\n  x86_64-linux\n" in lock


def test_the_agent_is_checked_before_it_is_unpacked() -> None:
    step = next(line for line in of("RUN") if "dpkg-deb" in line)
    assert step.index("curl") < step.index("sha256sum --check --strict wanted") < step.index("dpkg-deb")
    assert "latest" not in TEXT


def test_only_what_reads_the_registration_may_read_the_files_of_root() -> None:
    step = next(line for line in of("RUN") if "setcap" in line)
    assert "for program in amazon-ssm-agent ssm-agent-worker ssm-session-worker; do setcap cap_chown,cap_dac_override+ep " in step


def test_the_agent_keeps_its_credentials_to_itself() -> None:
    configuration = json.loads((SHOP / "console" / "amazon-ssm-agent.json").read_text())
    assert configuration["Profile"] == {"ShareCreds": False}
    assert configuration["Identity"] == {"ConsumptionOrder": ["OnPrem"]}
    assert "COPY console/amazon-ssm-agent.json /etc/amazon/ssm/\n" in LAST


def test_what_the_console_runs_is_in_the_image() -> None:
    assert os.access(SHOP.joinpath(*request.NODE), os.X_OK)
    assert of("WORKDIR", TEXT.partition("\n\nFROM base ")[0]) == ["/rails"] and "RAILYARD_DIRECTORY=/rails" in TEXT


SCRIPTS = ["bin/console-node", "bin/docker-entrypoint", "console/pin"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_what_any_shell_reads(script: str) -> None:
    assert (SHOP / script).read_text().startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n", SHOP / script], check=True)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="no shellcheck on this machine")
def test_scripts_are_clean() -> None:
    subprocess.run(["shellcheck", *SCRIPTS], cwd=SHOP, check=True)
