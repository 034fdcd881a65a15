"""An execution environment (ansible-builder) gets what modules and consoles need."""

from __future__ import annotations

from .conftest import Installed

NEEDED = {"boto3", "botocore", "websockets"}


def test_a_build_finds_the_requirements_in_the_installed_collection(installed: Installed) -> None:
    found = installed.folder / "found.txt"
    done = installed.run("ansible-builder", "introspect", installed.environment["ANSIBLE_COLLECTIONS_PATH"], "--write-pip", found)
    assert done.returncode == 0, done.stdout + done.stderr
    ours = [line for line in found.read_text().splitlines() if line.endswith("# from collection railyard.fargate")]
    assert {line.split(">")[0] for line in ours} == NEEDED


def test_its_own_definition_can_be_built_from(installed: Installed) -> None:
    definition = installed.collection / "meta" / "execution-environment.yml"
    done = installed.run("ansible-builder", "create", "-f", definition, "-c", str(installed.folder / "context"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "railyard.fargate" in (installed.folder / "context" / "_build" / "requirements.yml").read_text()
