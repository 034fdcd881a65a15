# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task definitions of a release: the newest configuration of each process, which `site` keeps, with the image of the release."""

from __future__ import annotations

from typing import Any, TypedDict

from .._core import aws, tags
from .._core.clock import REAL, Clock
from .._core.errors import RailyardError
from .._core.plan import AlreadyDone, Plan, Step, apply_plan
from . import task_definition

# What DescribeTaskDefinition tells and RegisterTaskDefinition does not take.
TOLD = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
)
ABSENT = {"ClientException"}
TRIES, PAUSE = 5, 2.0


class Revision(TypedDict):
    """A revision of a task definition in AWS's shape, as DescribeTaskDefinition returns it; `tags`: AWS's pairs, {key, value}."""

    definition: dict[str, Any]
    tags: list[dict[str, str]]


def described(ecs: Any, name: str) -> dict[str, Any]:
    """A family's newest active revision, or the one of an ARN, in AWS's shape without its tags; {} when there is none."""
    found = aws.find(ecs, "DescribeTaskDefinition", ABSENT, taskDefinition=name) or {}
    return dict(found.get("taskDefinition") or {})


def read(ecs: Any, name: str) -> Revision:
    """A family's newest active revision, or the one of an ARN. Raises RailyardError when there is none."""
    found = aws.find(ecs, "DescribeTaskDefinition", ABSENT, taskDefinition=name, include=["TAGS"])
    if not found or not found.get("taskDefinition"):
        raise RailyardError(f"there is no task definition {name} yet; site.yml makes it")
    return {"definition": found["taskDefinition"], "tags": tags.as_pairs(tags.as_dict(found.get("tags"), "key", "value"), "key", "value")}


def read_all(ecs: Any, names: list[str]) -> dict[str, Revision]:
    """`read` by name, at the same time."""
    return dict(zip(names, aws.concurrently(lambda name: read(ecs, name), names), strict=True))


def make_plan(found: Revision, repository_uri: str, image: str, running: Revision | None = None) -> Plan:
    """The newest revision with this image in each container that runs one of the repository. Pure.

    `found` is the newest, `running` the live one, both as of `read`. One of them that is the same is taken, the live one first: after a
    rollback it is, and needs no deployment. `before` and `after` of the plan are ARNs; after is None as long as it is not registered.
    """
    arn = found["definition"]["taskDefinitionArn"]
    params = _with_image(found["definition"], repository_uri, image)
    if not any(item["image"] == image for item in params["containerDefinitions"]):
        raise RailyardError(f"task definition {arn} has no container with an image of {repository_uri}; run site.yml")
    for candidate in (running, found):
        if candidate and _plain(candidate["definition"]) == params:
            return Plan(arn, candidate["definition"]["taskDefinitionArn"])
    if found["tags"]:
        params["tags"] = found["tags"]
    return Plan(arn, None, (registration(params),))


def registration(params: dict[str, Any]) -> Step:
    """The step that registers a revision. It has no token: AWS would register two of a call that is repeated."""
    return Step("RegisterTaskDefinition", params, propagation=(task_definition.CROWDED,), once=True)


def _plain(definition: dict[str, Any]) -> dict[str, Any]:
    """What is registered, without what AWS adds to it."""
    return {key: value for key, value in definition.items() if key not in TOLD and value not in (None, [], {})}


def _with_image(definition: dict[str, Any], repository_uri: str, image: str) -> dict[str, Any]:
    ours = (f"{repository_uri}@", f"{repository_uri}:")
    containers = [{**item, "image": image} if item["image"].startswith(ours) else item for item in definition["containerDefinitions"]]
    return {**_plain(definition), "containerDefinitions": containers}


def register(ecs: Any, plan: Plan, clock: Clock = REAL) -> str:
    """The ARN of the revision of a plan, registered when it has to be. After a lost reply it may be there, and is not registered again."""
    if not plan.changed:
        return str(plan.after)
    (step,), why = plan.steps, ""
    for _unused in range(TRIES):
        try:
            return str(apply_plan(ecs, plan)["RegisterTaskDefinition"]["taskDefinition"]["taskDefinitionArn"])
        except AlreadyDone as error:
            # What AWS may still be doing is seen a moment later.
            clock.sleep(PAUSE)
            newest, why = task_definition.describe(ecs, step.params["family"]), str(error)
        if newest and task_definition.is_made_of(ecs, step.params, newest):
            return str(newest["task_definition_arn"])
    raise RailyardError(f"{why} ({TRIES} times)")


def image_of(definition: dict[str, Any], repository_uri: str) -> str | None:
    """The image of the repository that a task definition runs."""
    images = [str(item["image"]) for item in definition["containerDefinitions"]]
    return next((image for image in images if image.startswith((f"{repository_uri}@", f"{repository_uri}:"))), None)
