"""playbooks/build.yml with a real Buildah: the recipe of examples/shop, built from a checkout and pushed over the registry's protocol."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._ecr.image import REVISION
from tests.support import buildah, docker
from tests.support import shop as shops
from tests.support.buildah import Buildah
from tests.support.emulated import Emulated
from tests.support.playbooks import play
from tests.support.releasing import NAME

BUILD, PARAMETER, GEMS = "playbooks/build.yml", "/shop/local/BUNDLE", "gem-hunter2-gem"
VARIABLES = {
    "ecs_architecture": "X86_64",
    "pipeline_build_secrets": {"bundle": PARAMETER},
    "pipeline_build_args": {"SSM_AGENT_BUCKET": "https://agent.example.com"},
}
AGENTS = ("amazon-ssm-agent", "ssm-agent-worker", "ssm-session-worker")


@pytest.mark.skipif(bool(buildah.missing()), reason=f"NO IMAGE IS BUILT FOR REAL: {buildah.missing()}")
def test_the_image_of_the_shop_is_built_and_pushed(emulated: Emulated, tmp_path: Path) -> None:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName=NAME, imageTagMutability="IMMUTABLE")
    emulated.client("ssm").put_parameter(Name=PARAMETER, Type="SecureString", Value=GEMS)
    builder, source = Buildah(tmp_path / "builder", emulated), tmp_path / "shop"
    package = agent(tmp_path)
    builder.base(base_name(), {"agent.deb": package})
    commit = checkout(source, hashlib.sha256(package.read_bytes()).hexdigest())

    words = ("-e", json.dumps(VARIABLES), "-e", f"source={source}", "-e", "program=buildah")
    built = play(emulated, BUILD, *words, more=builder.environment)
    assert built.code == 0, built.output
    (image,) = ecr.describe_images(repositoryName=NAME, imageIds=[{"imageTag": commit[:12]}])["imageDetails"]
    assert f"digest    {image['imageDigest']}\n" in built.output and "bundle install" in built.output, built.output
    config = docker.configuration(ecr, NAME, image["imageDigest"])
    assert (config["config"]["Labels"][REVISION], config["config"]["User"], config["architecture"]) == (commit, "1000:1000", "amd64")
    assert config["config"]["Entrypoint"] == ["/rails/bin/docker-entrypoint"]

    files = contents(ecr, image["imageDigest"])
    assert {"rails/bin/docker-entrypoint", "rails/db/schema.rb", "usr/bin/amazon-ssm-agent", "usr/local/bundle/gem"} <= set(files)
    assert [name for name in shops.SECRETS if f"rails/{name}" in files] == []
    everything = b"".join(files.values()) + json.dumps(config).encode() + built.output.encode()
    assert [word for word in (shops.SECRET, GEMS) if word.encode() in everything] == []

    there = builder.run("from", f"{image_uri(ecr)}@{image['imageDigest']}").strip()
    rights = builder.run("run", "--user", "root", there, "--", "getcap", *(f"/usr/bin/{name}" for name in AGENTS))
    assert rights.count("cap_chown,cap_dac_override=ep") == len(AGENTS)
    assert builder.run("run", there, "--", "/rails/bin/docker-entrypoint", "id", "-u").strip() == "1000"

    again = play(emulated, BUILD, *words, more=builder.environment)
    assert again.code == 0 and "is there already; nothing was built" in again.output, again.output


def base_name() -> str:
    text = (shops.versions().SHOP / "Dockerfile").read_text()
    version = re.search(r"RUBY_VERSION=(\S+)", text)
    assert version is not None
    return f"public.ecr.aws/docker/library/ruby:{version[1]}-slim-bookworm"


def agent(folder: Path) -> Path:
    """A package with the agent's three programs."""
    inside, target = folder / "package", folder / "agent.deb"
    (inside / "usr/bin").mkdir(parents=True)
    (inside / "DEBIAN").mkdir()
    (inside / "DEBIAN/control").write_text("Package: amazon-ssm-agent\nVersion: 1\nArchitecture: amd64\nMaintainer: x\nDescription: x\n")
    for name in AGENTS:
        shutil.copy("/bin/sh", inside / "usr/bin" / name)
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", inside, target], check=True, capture_output=True)
    return target


def checkout(folder: Path, package: str) -> str:
    """examples/shop as a team has it, with what git ignores and with the sum of a package; its commit."""
    shutil.copytree(shops.versions().SHOP, folder, ignore=shutil.ignore_patterns("tmp", "log"))
    with (folder / "console/amazon-ssm-agent.sha256").open("a") as file:
        file.write(f"{package}  3.3.1/debian_amd64/amazon-ssm-agent.deb\n")
    shops.secrets_of_a_checkout(folder)
    return docker.commit(folder)


def image_uri(ecr: Any) -> str:
    return str(ecr.describe_repositories(repositoryNames=[NAME])["repositories"][0]["repositoryUri"])


def contents(ecr: Any, digest: str) -> dict[str, bytes]:
    """Each file of each layer but the base image's, also of those that a later layer deletes."""
    (found,) = ecr.batch_get_image(repositoryName=NAME, imageIds=[{"imageDigest": digest}])["images"]
    files = dict[str, bytes]()
    for layer in json.loads(found["imageManifest"])["layers"]:
        url = ecr.get_download_url_for_layer(repositoryName=NAME, layerDigest=layer["digest"])["downloadUrl"]
        with urllib.request.urlopen(url) as answer, tarfile.open(fileobj=io.BytesIO(gzip.decompress(answer.read()))) as archive:
            for entry in archive:
                file = archive.extractfile(entry) if entry.isfile() else None
                files[entry.name.removeprefix("./")] = files.get(entry.name, b"") + (file.read() if file else b"")
    return files
