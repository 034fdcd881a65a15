# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles of a pipeline must be allowed, asked of IAM.

https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from .._core.errors import RailyardError
from .._iam import simulation
from .structure import CONNECTION, actions_of, kind

if TYPE_CHECKING:
    from .checks import Asked

Question = Callable[[], list[str]]
OBJECTS = ("s3:GetObject", "s3:PutObject")
# Both, whatever the ARN begins with (CC-3).
USE = ("codestar-connections:UseConnection", "codeconnections:UseConnection")
BUILD = ("codebuild:StartBuild", "codebuild:BatchGetBuilds")
PUSH = (
    *("ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"),
    "ecr:PutImage",
)
# What policies of such roles ask for elsewhere: a key of which nothing is known makes every answer doubtful.
USUAL = {"aws:SecureTransport": "true", "iam:PassedToService": "ecs-tasks.amazonaws.com"}
LOGIN = ("ecr:GetAuthorizationToken",)
ABSENT = ("NoSuchEntity", "NoSuchEntityException")


def questions(asked: Asked) -> Iterator[Question]:
    """What the roles of the pipeline itself and of its actions are asked for, each once."""
    bucket = asked.structure["artifact_store"]["location"]
    role = asked.structure["role_arn"]
    yield partial(refusals, asked, "role_arn", role, OBJECTS, f"arn:{asked.partition}:s3:::{bucket}/*", f"the artifacts in {bucket}")
    for stage, action in actions_of(asked.structure):
        own, given, provider = action.get("role_arn"), action.get("configuration", {}), kind(action)[2]
        where = f"stage {stage}, action {action['name']}, role_arn" if own else "role_arn"
        if own:
            yield partial(refusals, asked, "role_arn", role, ("sts:AssumeRole",), own, f"the role {own}")
        if provider == CONNECTION:
            known = {
                f"{prefix}:{key}": given[member]
                for prefix in ("codestar-connections", "codeconnections")
                for key, member in (("FullRepositoryId", "FullRepositoryId"), ("BranchName", "BranchName"))
            }
            arn = given["ConnectionArn"]
            yield partial(refusals, asked, where, own or role, USE, arn, f"the connection {arn}", known)
        elif provider == "CodeBuild":
            region = action.get("region", asked.region)
            arn = f"arn:{asked.partition}:codebuild:{region}:{asked.account}:project/{given['ProjectName']}"
            yield partial(refusals, asked, where, own or role, BUILD, arn, f"the project {given['ProjectName']}")


def refusals(
    asked: Asked, where: str, role: str, actions: tuple[str, ...], resource: str, what: str, known: dict[str, str] | None = None
) -> list[str]:
    """One sentence for what a role may not do with a resource, [] when it may do all of it."""
    owner = resource.split(":")[4] if resource.startswith("arn:") else ""
    context = {**USUAL, "aws:RequestedRegion": asked.region, "aws:PrincipalAccount": asked.account, "aws:SourceAccount": asked.account}
    context |= {"aws:ResourceAccount": owner or asked.account, **(known or {})}
    try:
        denied = simulation.refused(asked.client("iam"), role, actions, resource, context)
    except RailyardError as error:
        if error.code not in ABSENT:
            raise
        return [] if asked.predicted or role.split(":")[4] != asked.account else [f"{where}: the role {role} does not exist"]
    if not denied or asked.predicted:
        return []
    said = f"{where}: {role.rpartition('/')[2]} may not use {what}"
    return [f"{said}; one of its policies must allow {', '.join(denied)} on {resource}"]


def pushes(asked: Asked, project: dict[str, Any], repository: str) -> list[str]:
    """What a project's role lacks to push to a repository of ECR. `project`: AWS's shape."""
    arn = f"arn:{asked.partition}:ecr:{asked.region}:{asked.account}:repository/{repository}"
    where, role = f"project {project['name']}, service_role_arn", project["serviceRole"]
    said = refusals(asked, where, role, PUSH, arn, f"the image repository {repository}")
    return said or refusals(asked, where, role, LOGIN, "*", "the login of ECR")
