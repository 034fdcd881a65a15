# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a pipeline that only AWS knows, asked before the first write: AWS itself says it when an execution has failed.

Nothing is changed. What cannot be asked, because the caller may not, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .._codeconnections import connection
from .._core import aws
from .._core.errors import RailyardError
from . import access, structure
from .deployment_target import container_problems
from .providers import DEPLOY_TO_ECS
from .rules_structure import place
from .structure import Structure, actions_of, kind

# How services say that somebody may not ask.
UNASKABLE = re.compile(
    r"AccessDenied|Unauthorized|NotAuthorized|Forbidden|OptInRequired|UnrecognizedClient|NotImplemented|UnknownOperation"
)
NO_BUCKET = ("NoSuchBucket",)
REGIONS = {"": "us-east-1", "EU": "eu-west-1"}
Connect = Callable[[str, str], Any]


@dataclass(frozen=True)
class Asked:
    """A pipeline that is asked about. `connect(service, region)` makes a client, `extra` are options of the module beside the structure:
    image_repository, container_name, container_port. `predicted`: what is not there yet is no problem, as in check mode."""

    structure: Structure
    region: str
    connect: Connect
    predicted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str, action: dict[str, Any] | None = None) -> Any:
        """A client for the Region of an action."""
        return self.connect(service, (action or {}).get("region") or self.region)

    @property
    def account(self) -> str:
        return str(self.structure["role_arn"]).split(":")[4]

    @property
    def partition(self) -> str:
        return str(self.structure["role_arn"]).split(":")[1]


def validate(connect: Connect, wanted: dict[str, Any], region: str, predicted: bool = False) -> None:
    """Raises RailyardError with all `problems` of a pipeline. `wanted`: the options of the module."""
    extra = {name: wanted.get(name) for name in ("image_repository", "container_name", "container_port")}
    if said := problems(Asked(structure.declared(wanted), region, connect, predicted, extra)):
        raise RailyardError("\n".join(f"pipeline {wanted['name']}: {one}" for one in said), problems=said)


def problems(asked: Asked) -> list[str]:
    """The sentences about it, asked for side by side; [] when there is none."""
    found = aws.concurrently(_answered, list(_questions(asked)))
    return list(dict.fromkeys(one for some in found for one in some))


def _answered(question: Callable[[], list[str]]) -> list[str]:
    try:
        return question()
    except RailyardError as error:
        if UNASKABLE.search(error.code):
            return []
        raise


def _questions(asked: Asked) -> Iterator[Callable[[], list[str]]]:
    yield partial(_bucket, asked)
    names: dict[str, str] = {}
    for stage, action in actions_of(asked.structure):
        provider, where = kind(action)[2], place(stage, action)
        if provider == structure.CONNECTION:
            yield partial(_connection, asked, where, action)
        elif provider == "CodeBuild":
            names.setdefault(action["configuration"]["ProjectName"], where)
        elif provider == DEPLOY_TO_ECS:
            clients = asked.client("codedeploy", action), asked.client("ecs", action)
            yield partial(container_problems, *clients, where, action, asked.extra, asked.predicted)
    yield partial(_projects, asked, names)
    yield from access.questions(asked)


def _connection(asked: Asked, where: str, action: dict[str, Any]) -> list[str]:
    arn = action["configuration"]["ConnectionArn"]
    found = connection.described(asked.client("codeconnections", action), arn)
    if found is None:
        return [] if asked.predicted else [f"{where}, configuration.ConnectionArn: {arn} does not exist"]
    if found["ConnectionStatus"] == connection.AVAILABLE:
        return []
    about = connection.about({"arn": arn, "name": found["ConnectionName"], "status": found["ConnectionStatus"]})
    said = about["next"] or f"connection {found['ConnectionName']} is {found['ConnectionStatus']}"
    return [f"{where}, configuration.ConnectionArn: {said}"]


def _bucket(asked: Asked) -> list[str]:
    name = asked.structure["artifact_store"]["location"]
    found = aws.find(asked.client("s3"), "GetBucketLocation", NO_BUCKET, Bucket=name)
    if found is None:
        return [] if asked.predicted else [f"artifact_bucket: {name} does not exist; make it first, in {asked.region}"]
    place_of = found.get("LocationConstraint") or ""
    region = REGIONS.get(place_of, place_of)
    return (
        []
        if region == asked.region
        else [f"artifact_bucket: {name} is in {region}; a bucket in {asked.region} is right, as the pipeline is"]
    )


def _projects(asked: Asked, names: dict[str, str]) -> list[str]:
    """`names`: the place of the first action for each project."""
    if not names:
        return []
    answer = aws.call(asked.client("codebuild"), "BatchGetProjects", names=list(names))
    absent = [] if asked.predicted else answer.get("projectsNotFound", [])
    said = [f"{names[name]}, configuration.ProjectName: {name} does not exist in {asked.region}" for name in absent]
    for one in answer.get("projects", []):
        kind_of = one["source"]["type"]
        if kind_of != "CODEPIPELINE":
            said.append(f"{names[one['name']]}, configuration.ProjectName: {one['name']} has a source of {kind_of}; CODEPIPELINE is right")
    repository = asked.extra.get("image_repository")
    pushing = [one for one in answer.get("projects", []) if repository and one["environment"].get("privilegedMode")]
    return said + [sentence for one in pushing for sentence in _answered(partial(access.pushes, asked, one, str(repository)))]
