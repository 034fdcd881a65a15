"""ecr_image_build with the emulated docker and ECR: what is built, under which tag, and what nobody gets to see."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._ecr.image import REVISION
from tests.support import docker
from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME, PARAMETER, SECRET = "shop-production", "/shop/production/BUNDLE_GITHUB__COM", "hunter2hunter2"
DOCKERFILE = "FROM scratch AS base\nARG RAILS_ENV\nFROM base AS production\nCOPY . .\nCMD bin/rails\n"
PASSWORD = "123456789012-auth-token"


@dataclass
class Machine:
    """A person's machine with docker and a checkout."""

    emulated: Emulated
    folder: Path
    commit: str

    @property
    def source(self) -> Path:
        return self.folder / "shop"

    @property
    def pushed(self) -> list[str]:
        """Tags that are in the repository."""
        found = self.emulated.client("ecr").describe_images(repositoryName=NAME)["imageDetails"]
        return sorted(tag for image in found for tag in image.get("imageTags", []))

    def build(self, **params: Any) -> dict[str, Any]:
        return self.emulated.run("ecr_image_build", **{"repository": NAME, "source": str(self.source), **params})


@pytest.fixture
def machine(emulated: Emulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    emulated.client("ecr").create_repository(repositoryName=NAME, imageTagMutability="IMMUTABLE")
    monkeypatch.setenv("PATH", f"{docker.install(tmp_path, emulated)}:{os.environ['PATH']}")
    commit = docker.commit(tmp_path / "shop", Dockerfile=DOCKERFILE, app="1", __gitignore="master.key\n")
    (tmp_path / "shop" / "master.key").write_text(SECRET)
    return Machine(emulated, tmp_path, commit)


def test_check_build_again(machine: Machine) -> None:
    predicted = machine.build(check=True)
    assert predicted["changed"] and predicted["image"]["digest"] is None and not machine.pushed

    ecr = machine.emulated.client("ecr")
    options = ["--platform", "linux/amd64", "--provenance=false", "--target", "production", "--build-arg", "RAILS_ENV=production"]
    built = machine.build(options=options, progress=str(machine.folder / "lines"))
    assert built["changed"] and differences("ecr_image_build", built) == []
    image = built["image"]
    assert (image["tag"], image["commit"]) == (machine.commit[:12], machine.commit)
    (live,) = ecr.describe_images(repositoryName=NAME)["imageDetails"]
    assert (live["imageDigest"], live["imageTags"]) == (image["digest"], [image["tag"]])
    config = docker.configuration(ecr, NAME, image["digest"])["config"]
    assert config["Labels"][REVISION] == machine.commit and config["Arguments"] == {"RAILS_ENV": "production"}
    assert "exporting to image" in (machine.folder / "lines").read_text()
    assert PASSWORD not in docker.seen(machine.folder) + json.dumps(built) + (machine.folder / "lines").read_text()

    before = docker.seen(machine.folder)
    assert not machine.build()["changed"] and docker.seen(machine.folder) == before


def test_what_git_ignores_is_not_in_it(machine: Machine) -> None:
    clean = machine.build()["image"]["digest"]
    (machine.source / "master.key").unlink()
    machine.emulated.client("ecr").batch_delete_image(repositoryName=NAME, imageIds=[{"imageDigest": clean}])
    assert machine.build()["image"]["digest"] == clean


def test_changes_are_refused_or_have_a_tag_of_their_own(machine: Machine) -> None:
    (machine.source / "app").write_text("2")
    (machine.source / "new").write_text("3")
    refused = machine.build()
    assert refused["failed"] and "app, new" in refused["msg"] and "-e dirty=yes" in refused["msg"] and not machine.pushed

    image = machine.build(dirty=True)["image"]
    assert image["tag"].startswith(f"{machine.commit[:12]}-dirty-") and image["commit"] == f"{machine.commit}-dirty"
    assert not machine.build(dirty=True)["changed"]
    (machine.source / "app").write_text("4")
    assert machine.build(dirty=True)["image"]["tag"] != image["tag"]
    assert docker.git(machine.source, "status", "--porcelain").split() == ["M", "app", "??", "new"]


def test_secrets_reach_the_builder_alone(machine: Machine) -> None:
    options = {"options": ["--secret", "id=bundle,env=SECRET_1"], "parameters": {"SECRET_1": PARAMETER}}
    absent = machine.build(**options)
    assert absent["failed"] and f"Parameter Store has no {PARAMETER}" in absent["msg"]
    machine.emulated.client("ssm").put_parameter(Name=PARAMETER, Type="SecureString", Value=SECRET)
    (machine.source / "Dockerfile").write_text(f"{DOCKERFILE}RUN echo {SECRET}\n")
    built = machine.build(**options, dirty=True, progress=str(machine.folder / "lines"))
    said = (machine.folder / "lines").read_text()
    assert "RUN echo ***" in said and SECRET not in said + json.dumps(built) + docker.seen(machine.folder)


def test_a_build_that_fails_says_why(machine: Machine) -> None:
    failed = machine.build(options=["--target", "none"])
    assert failed["failed"] and failed["msg"].startswith("docker buildx has failed:")
    assert 'target stage "none" could not be found' in failed["msg"]


def test_what_is_not_there_is_named(machine: Machine, tmp_path: Path) -> None:
    assert "there is no repository none; site.yml makes it" in machine.build(repository="none")["msg"]
    (tmp_path / "bare").mkdir()
    assert "not a git repository" in machine.build(source=str(tmp_path / "bare"))["msg"]
    (tmp_path / "bin" / "docker").write_text("#!/bin/sh\necho Cannot connect to the Docker daemon >&2\nexit 1\n")
    (tmp_path / "bin" / "buildah").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "bin" / "buildah").chmod(0o755)
    nothing = machine.build()["msg"]
    assert "docker buildx says: Cannot connect to the Docker daemon; buildah info says: exit code 127. Install Docker with" in nothing
