"""What CodeBuild refuses of environments: images, types of machines, variables; of projects, and of what a build overrides.

https://docs.aws.amazon.com/codebuild/latest/userguide/ec2-compute-images.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...registry import rule
from ...wire import Call, Refusal
from .projects import API, GUIDE, INVALID, after

OPERATIONS = ("CreateProject", "UpdateProject", "StartBuild", "StartBuildBatch")
CURATED = "aws/codebuild/"
LAMBDA = "_LAMBDA_"
KINDS = ("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER")


@rule("CB-5", "codebuild", *OPERATIONS, source=API + "API_ProjectEnvironment.html")
def pulled(call: Call) -> Refusal | None:
    """CodeBuild pulls its own images with its own credentials."""
    given = after(call).get("environment") or {}
    if given.get("image", "").startswith(CURATED) and given.get("imagePullCredentialsType") == "SERVICE_ROLE":
        return Refusal(INVALID, "Invalid input: cannot use a CodeBuild curated image with imagePullCredentialsType SERVICE_ROLE")
    return None


@rule("CB-own-image", "codebuild", *OPERATIONS, source=GUIDE + "ec2-compute-images.html")
def fitting(call: Call) -> Refusal | None:
    """CodeBuild's own images are for one kind of machine each, and so are the sizes of AWS Lambda."""
    given = after(call).get("environment")
    if given is None:
        return None
    kind, image, size = given["type"], given["image"], given["computeType"]
    if image.startswith(CURATED) and not _fits(kind, image.removeprefix(CURATED)):
        return Refusal(INVALID, f"Invalid environment: image {image} is not supported for environment type {kind}")
    if (LAMBDA in kind) != size.startswith("BUILD_LAMBDA_"):
        return Refusal(INVALID, f"Invalid environment: compute type {size} is not supported for environment type {kind}")
    if given.get("privilegedMode") and (LAMBDA in kind or kind.startswith("WINDOWS")):
        return Refusal(INVALID, f"Invalid environment: privileged mode is not supported for environment type {kind}")
    return None


def _fits(kind: str, image: str) -> bool:
    if image.startswith("windows-base:"):
        return kind.startswith("WINDOWS")
    if kind.startswith(("WINDOWS", "MAC")) or ("lambda" in image) != (LAMBDA in kind):
        return False
    return ("aarch64" in image) == kind.startswith("ARM")


@rule("CB-6", "codebuild", *OPERATIONS, source=GUIDE + "build-env-ref-env-vars.html")
def variables(call: Call) -> Refusal | None:
    """Names are unique and not CodeBuild's own; what is fetched is named."""
    given = call.params.get("environmentVariablesOverride") or (call.params.get("environment") or {}).get("environmentVariables") or []
    names = [variable["name"] for variable in given]
    for name in names:
        if name.startswith("CODEBUILD_"):
            return Refusal(INVALID, f"Invalid environment variable name: {name}. Names must not begin with CODEBUILD_")
        if names.count(name) > 1:
            return Refusal(INVALID, f"Duplicate environment variable name: {name}")
    return _named(given)


def _named(given: Sequence[dict[str, Any]]) -> Refusal | None:
    for variable in given:
        if variable.get("type", KINDS[0]) != KINDS[0] and not variable["value"]:
            return Refusal(INVALID, f"Invalid environment variable {variable['name']}: a value is required for type {variable['type']}")
    return None
