# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a build project can never work, said before AWS is asked: AWS itself says some of it only when a build has failed.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html (rules CB-1 to CB-8)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,149}")
CURATED = "aws/codebuild/"
# https://docs.aws.amazon.com/codebuild/latest/userguide/ec2-compute-images.html
UBUNTU = re.compile(r"aws/codebuild/standard:")
OF_X86, OF_ARM = re.compile(r"aws/codebuild/amazonlinux2?-x86_64-"), re.compile(r"aws/codebuild/amazonlinux2?-aarch64-")
ARM_IMAGE = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
# What needs a daemon; `docker login` and `docker --version` do not.
DOCKER = re.compile(r"(?:^|[\s;&|(])docker\s+(?:image\s+)?(build|buildx|push|pull|run|compose|load|save|tag|start|exec)\b", re.MULTILINE)
WITH_LOCATION = ("S3", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED", "BITBUCKET", "CODECOMMIT")
# Minutes, CB-3.
LIMITS = {"timeout_in_minutes": ("timeout_minutes", 5, 2160), "queued_timeout_in_minutes": ("queued_timeout_minutes", 5, 480)}
Project = dict[str, Any]


def problems(project: Project) -> list[str]:
    """Sentences about a project as `project.declared` returns it, each with its place and what would be right; [] without any. Pure."""
    return [one for rule in RULES for one in rule(project)]


def _basics(project: Project) -> Iterator[str]:
    if not NAME.fullmatch(project["name"]):
        yield f"name: {project['name']} is no name of a project; 2 to 150 letters, digits, - and _, the first a letter or digit"
    if len(project["description"]) > 255:
        yield f"description: it has {len(project['description'])} characters; AWS takes at most 255"
    for member, (option, least, most) in LIMITS.items():
        if not least <= project[member] <= most:
            yield f"{option}: {project[member]} minutes; AWS takes {least} to {most}"


def _image(project: Project) -> Iterator[str]:
    environment = project["environment"]
    image, kind = environment["image"], environment["type"]
    on_arm = kind.startswith("ARM_")
    if on_arm and UBUNTU.match(image):
        yield f"environment.image: {image} is Ubuntu, which AWS has for x86-64 only, and environment.type is {kind}; {ARM_IMAGE} is for ARM"
    elif on_arm and OF_X86.match(image):
        yield f"environment.image: {image} is for x86-64, and environment.type is {kind}; {ARM_IMAGE} is for ARM"
    elif not on_arm and OF_ARM.match(image):
        yield f"environment.image: {image} is for ARM, and environment.type is {kind}; ARM_CONTAINER is right for it"
    if image.startswith(CURATED) and environment["image_pull_credentials_type"] == "SERVICE_ROLE":
        yield (
            f"environment.image_pull_credentials_type: SERVICE_ROLE with AWS's image {image}; "
            "CODEBUILD is right for it, SERVICE_ROLE for an image of a repository of yours"
        )


def _compute(project: Project) -> Iterator[str]:
    environment = project["environment"]
    kind, size = environment["type"], environment["compute_type"]
    serverless = kind.endswith("LAMBDA_CONTAINER")
    if serverless != size.startswith("BUILD_LAMBDA_"):
        right = "BUILD_LAMBDA_1GB to BUILD_LAMBDA_10GB" if serverless else "BUILD_GENERAL1_SMALL to BUILD_GENERAL1_2XLARGE"
        yield f"environment.compute_type: {size} with environment.type {kind}; {right} are right for it"
    if serverless and (environment["privileged_mode"] or environment.get("docker_server")):
        yield f"environment.type: {kind} has no docker; LINUX_CONTAINER or ARM_CONTAINER has"


def _docker(project: Project) -> Iterator[str]:
    environment, said = project["environment"], DOCKER.search(project["source"].get("buildspec") or "")
    if said and not environment["privileged_mode"] and not environment.get("docker_server"):
        yield (
            f"environment.privileged: it is false, and source.buildspec runs `docker {said.group(1)}`, "
            "which finds no docker daemon then; true is right, or environment.docker_server"
        )


def _pipeline(project: Project) -> Iterator[str]:
    source, artifacts = project["source"]["type"], project["artifacts"]["type"]
    if (source == "CODEPIPELINE") != (artifacts == "CODEPIPELINE"):
        yield f"artifacts.type: {artifacts} with source.type {source}; in a pipeline both are CODEPIPELINE, elsewhere neither is"


def _places(project: Project) -> Iterator[str]:
    source, artifacts = project["source"], project["artifacts"]
    if source["type"] in WITH_LOCATION and not source.get("location"):
        yield f"source.location: missing, which a source of {source['type']} must have"
    if source["type"] == "NO_SOURCE" and not source.get("buildspec"):
        yield "source.buildspec: missing; without a source there is no file to read it from, so it is to be given here"
    if artifacts["type"] == "S3" and not artifacts.get("location"):
        yield "artifacts.location: missing, the bucket to which artifacts of S3 go"
    if artifacts["type"] == "NO_ARTIFACTS" and artifacts.get("location"):
        yield "artifacts.location: given with artifacts.type NO_ARTIFACTS; S3 is right for it"


def _cache(project: Project) -> Iterator[str]:
    cache = project["cache"]
    if cache["type"] == "S3" and not cache.get("location"):
        yield "cache.location: missing, bucket and prefix of a cache of S3"
    if cache["type"] != "LOCAL":
        return
    instead = "S3 is right for it, or a cache in the registry"
    if not cache.get("modes"):
        yield "cache.modes: missing; LOCAL caches LOCAL_DOCKER_LAYER_CACHE, LOCAL_SOURCE_CACHE or LOCAL_CUSTOM_CACHE"
    if project["vpc_config"]:
        yield f"cache.type: LOCAL does nothing for builds in a VPC; {instead}"
    if project["environment"]["compute_type"].endswith("2XLARGE"):
        yield f"cache.type: LOCAL does nothing with {project['environment']['compute_type']}; {instead}"


def _variables(project: Project) -> Iterator[str]:
    names = [one["name"] for one in project["environment"]["environment_variables"]]
    for name in names:
        if name.startswith("CODEBUILD_"):
            yield f"environment.variables: {name} begins with CODEBUILD_, which are AWS's own; choose another name"
    for name, times in Counter(names).items():
        if times > 1:
            yield f"environment.variables: {name} is there {times} times; once is right"


def _network(project: Project) -> Iterator[str]:
    network = project["vpc_config"]
    lacks = [member for member in ("vpc_id", "subnets", "security_group_ids") if network and not network.get(member)]
    if lacks:
        yield f"vpc_config: {', '.join(lacks)} missing; AWS wants all three"


RULES: tuple[Callable[[Project], Iterator[str]], ...] = (
    *(_basics, _image, _compute, _docker, _pipeline, _places, _cache, _variables, _network),
)
