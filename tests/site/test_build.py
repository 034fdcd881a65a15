"""playbooks/build.yml as a person types it: the image that the pipeline would make, from a checkout and with the emulated docker."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible_collections.railyard.fargate.plugins.module_utils._ecr.image import REVISION
from tests.support import docker, persons_of_iam
from tests.support.emulated import Emulated
from tests.support.playbooks import Played, play
from tests.support.releasing import NAME
from tests.support.role_variables import rendered

BUILD, PARAMETER = "playbooks/build.yml", "/shop/local/BUNDLE"
DOCKERFILE = "FROM scratch AS web\nARG RAILS_ENV\nCOPY . .\n"
VARIABLES = {
    "pipeline_target": "web",
    "pipeline_build_args": {"RAILS_ENV": "production", "NAME": "the shop"},
    "pipeline_build_secrets": {"bundle": PARAMETER},
    "pipeline_cache": "none",
}


def test_a_developer_builds_what_is_checked_out(emulated: Emulated, tmp_path: Path) -> None:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName=NAME, imageTagMutability="IMMUTABLE")
    emulated.client("ssm").put_parameter(Name=PARAMETER, Type="SecureString", Value="hunter2hunter2")
    commit = docker.commit(tmp_path / "shop", Dockerfile=DOCKERFILE)
    developer = persons_of_iam.make(emulated, "developer")
    keys = json.loads(Path(developer.words[1].removeprefix("@")).read_text())
    path = docker.install(tmp_path, emulated, (keys["railyard_access_key"], keys["railyard_secret_key"]))
    words = (*developer.words, "-e", json.dumps(VARIABLES), "-e", f"source={tmp_path / 'shop'}")

    def build(*more: str) -> Played:
        with persons_of_iam.judged(emulated):
            return play(emulated, BUILD, *words, *more, more={"PATH": f"{path}:{os.environ['PATH']}"})

    checked = build("--check")
    assert checked.code == 0 and f"shop-local:{commit[:12]} would be built and pushed." in checked.output, checked.output
    built = build()
    assert built.code == 0, built.output
    (image,) = ecr.describe_images(repositoryName=NAME, imageIds=[{"imageTag": commit[:12]}])["imageDetails"]
    assert f"digest    {image['imageDigest']}\n" in built.output and "exporting to image" in built.output, built.output
    assert f"playbooks/deploy.yml -i inventories/local -e image={commit[:12]}\n" in built.output, built.output
    config = docker.configuration(ecr, NAME, image["imageDigest"])["config"]
    assert config["Labels"][REVISION] == commit and config["Arguments"] == {"RAILS_ENV": "production"}
    assert "hunter2hunter2" not in built.output + docker.seen(tmp_path) and "auth-token" not in built.output + docker.seen(tmp_path)

    again = build()
    assert again.code == 0 and again.changed_tasks == [] and "is there already; nothing was built" in again.output, again.output
    (tmp_path / "shop" / "Dockerfile").write_text(f"{DOCKERFILE}CMD true\n")
    refused = build()
    assert refused.code != 0 and "-e dirty=yes" in refused.output, refused.output
    dirty = build("-e", "dirty=yes")
    assert dirty.code == 0 and f"{commit[:12]}-dirty-" in dirty.output, dirty.output


def test_the_pipeline_is_told_the_same_words() -> None:
    given = {**VARIABLES, "railyard_app": "shop", "railyard_environment": "production", "ecs_architecture": "ARM64"}
    words = rendered("pipeline", "{{ __pipeline_build_words }}", **given)
    assert words == [
        *("--platform", "linux/arm64", "--provenance=false", "--sbom=false", "--file", "Dockerfile", "--target", "web"),
        *("--build-arg", "NAME=the shop", "--build-arg", "RAILS_ENV=production", "--secret", "id=bundle,env=SECRET_1"),
    ]
    options = rendered("pipeline", "{{ __pipeline_build_options | join(' ') }}", **given)
    assert options.startswith("--platform linux/arm64 ") and "--target web --build-arg 'NAME=the shop' --build-arg RAILS" in options
    label = '"org.opencontainers.image.revision=$CODEBUILD_RESOLVED_SOURCE_VERSION"'
    assert options.endswith(f"--secret id=bundle,env=SECRET_1 --label {label}")
