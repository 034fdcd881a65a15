"""Whether the image of a build's environment can be pulled. What is in it is not used here: commands run on this machine.

https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html
"""

from __future__ import annotations

import re
from typing import Any

from ... import world
from ...authority.decision import Principal
from ...wire import Call, Refusal
from ..iam import authority
from ..iam.authority import Session
from .build import PRINCIPAL

CODE = "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE"
PULLED = "Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: "
CURATED = re.compile(
    r"aws/codebuild/(standard:[1-8]\.0|amazonlinux2?-x86_64-standard:[1-6]\.0|amazonlinux2?-aarch64-standard:[1-4]\.0"
    r"|amazonlinux-(x86_64|aarch64)-lambda-standard:\w+|windows-base:[\w.]+)(-[\w.]+)?"
)
ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com/(?P<name>[^:@]+)(?P<version>[:@].+)?")
ACTIONS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def unpulled(who: Session, environment: dict[str, Any]) -> str:
    """Why it cannot, in words like AWS's; "" when it can. Images of other registries and accounts are taken to be there."""
    call, image = who.call, str(environment.get("image", ""))
    if image.startswith("aws/codebuild/"):
        return "" if CURATED.fullmatch(image) else f"{PULLED}manifest for {image} not found: manifest unknown"
    found = ECR.fullmatch(image)
    if found is None or (found["account"], found["region"]) != (call.account, call.region):
        return ""
    if not _may(call, who, found["name"], environment.get("imagePullCredentialsType") == "SERVICE_ROLE"):
        return f"{PULLED}pull access denied for {image}, repository does not exist or may require 'docker login'"
    version = found["version"] or ":latest"
    identity = {"imageDigest" if version[0] == "@" else "imageTag": version[1:]}
    try:
        world.aws(call, "ecr", "DescribeImages", repositoryName=found["name"], imageIds=[identity])
    except Refusal:
        return f"{PULLED}manifest for {image} not found: manifest unknown: Requested image not found"
    return ""


def _may(call: Call, who: Session, name: str, by_role: bool) -> bool:
    """By the role, or by CodeBuild itself, which the repository's policy has to admit."""
    arn = call.arn("ecr", f"repository/{name}")
    try:
        policy = str(world.aws(call, "ecr", "GetRepositoryPolicy", repositoryName=name)["policyText"])
    except Refusal:
        policy = ""
    if not by_role:
        known = {"aws:sourceaccount": call.account}
        return bool(policy) and all(authority.admits(policy, Principal(service=PRINCIPAL), action, arn, known) for action in ACTIONS)
    signs_in = authority.decide(who, "ecr:GetAuthorizationToken").allowed
    return signs_in and all(authority.decide(who, action, arn, resource_policy=policy).allowed for action in ACTIONS)
