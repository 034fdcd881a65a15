# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What releases keep: images and task definitions that a rollback needs, and those that may go.

An image is kept by a tag `release-<number>`: the repository's lifecycle policy counts such images apart from all others, so that no number
of pushed images makes ECR delete the live one (`_ecr/repository.py`). Those that no kept release needs are deleted here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .._core import aws, ownership
from .._core.errors import RailyardError
from .._core.plan import Plan, Step, apply_plan
from .._ecr.manifests import MANIFESTS
from .._ecs import task_definition
from .._one_off import families
from .environment import Clients, Environment
from .record import Record

Labels = dict[str, str]
Ours = Callable[[list[str]], list[str]]
KEEP = 10
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Needed:
    """What must stay: ARNs of task definitions, and digests of images."""

    task_definitions: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()

    def __or__(self, other: Needed) -> Needed:
        return Needed(self.task_definitions | other.task_definitions, self.digests | other.digests)


def kept(records: list[Record], keep: int = KEEP) -> list[Record]:
    """The releases whose parts stay: the newest `keep`, the newest `keep` that succeeded, and all that run. `records`: the newest first."""
    good = [record for record in records if record["status"] == "succeeded"][:keep]
    newest = records[:keep]
    return [record for record in records if record in newest or record in good or record["status"] == "running"]


def needed_by(records: list[Record]) -> Needed:
    """What releases need, to be gone back to."""
    arns = {arn for record in records for arn in record["task_definitions"].values() if arn}
    return Needed(frozenset(arns), frozenset(record["digest"] for record in records if record["digest"]))


def live(ecs: Any, cluster: str) -> Needed:
    """What is live in the services of a cluster: in the service itself, its deployments and its task sets."""
    absent = {"ClusterNotFoundException"}
    services = aws.pages(ecs, "ListServices", "serviceArns", absent, cluster=cluster)
    found = [
        service
        for batch in aws.batches(services, 10)
        for service in aws.call(ecs, "DescribeServices", cluster=cluster, services=batch)["services"]
    ]
    parts = [part for service in found for part in (service, *service.get("deployments", []), *service.get("taskSets", []))]
    arns = sorted({part["taskDefinition"] for part in parts if part.get("taskDefinition")})
    images = [image for item in task_definition.describe_all(ecs, arns) for image in task_definition.images(item).values()]
    return Needed(frozenset(arns), frozenset(digest for image in images for digest in DIGEST.findall(image)))


def revisions(ecs: Any, family: str) -> list[str]:
    """ARNs of the active revisions of a family, the newest first."""
    arns = aws.pages(ecs, "ListTaskDefinitions", "taskDefinitionArns", familyPrefix=family, status="ACTIVE")
    # AWS takes the family as a prefix: shop-web also finds shop-web-admin.
    mine = [arn for arn in arns if arn.rpartition("/")[2].partition(":")[0] == family]
    return sorted(mine, key=lambda arn: int(arn.rpartition(":")[2]), reverse=True)


def all_revisions(ecs: Any, families: list[str]) -> dict[str, list[str]]:
    """`revisions` by family, read at the same time."""
    return dict(zip(families, aws.concurrently(lambda family: revisions(ecs, family), families), strict=True))


def owned(ecs: Any, owner: Labels, arns: list[str]) -> list[str]:
    """Those revisions that have the tags of `owner` (see ownership.declared), all where it is {}."""
    if not owner:
        return arns
    return [item["task_definition_arn"] for item in task_definition.describe_all(ecs, arns) if ownership.is_owned(owner, item["tags"])]


def plan_revisions(by_family: dict[str, list[str]], needed: Needed, keep: int = KEEP, ours: Ours = list) -> Plan:
    """Which revisions are deregistered: of each family all but the newest `keep`, and none that is `needed`. For the client of ECS.

    `ours` says which of some may go: somebody else may have put theirs into the family.
    """
    old = ours([arn for arns in by_family.values() for arn in arns[max(keep, 1) :] if arn not in needed.task_definitions])
    stay = {family: [arn for arn in arns if arn not in old] for family, arns in by_family.items()}
    return Plan(by_family, stay, tuple(Step("DeregisterTaskDefinition", {"taskDefinition": arn}) for arn in old))


def tagged(ecr: Any, repository: str) -> set[str]:
    """Digests of the images that have a tag."""
    images = aws.pages(ecr, "ListImages", "imageIds", repositoryName=repository, filter={"tagStatus": "TAGGED"})
    return {image["imageDigest"] for image in images}


def plan_images(repository: str, present: set[str], records: list[Record], needed: Needed) -> Plan:
    """Which images are deleted: of those `present` the ones that were released and that nobody needs. For the client of ECR.

    An image that was never released is left to the repository's lifecycle policy: somebody may be about to release it.
    """
    released = {record["digest"] for record in records if record["digest"]}
    old = sorted(present & released - needed.digests)
    steps = [
        Step("BatchDeleteImage", {"repositoryName": repository, "imageIds": [{"imageDigest": digest} for digest in batch]})
        for batch in aws.batches(old, 100)
    ]
    return Plan(sorted(present), sorted(present - set(old)), tuple(steps))


def protect(ecr: Any, repository: str, digest: str, number: int) -> str:
    """Give an image the tag of its release; returns the tag. Can be repeated. Raises RailyardError when there is no such image.

    Tags never move. Where one of the same number is on another image, of an earlier life of the environment, a longer tag is given.
    """
    answer = aws.call(ecr, "BatchGetImage", repositoryName=repository, imageIds=[{"imageDigest": digest}], acceptedMediaTypes=MANIFESTS)
    if not answer["images"]:
        raise RailyardError(f"there is no image {digest} in the repository {repository}", failures=answer.get("failures", []))
    image = answer["images"][0]
    kind = {"imageManifestMediaType": image["imageManifestMediaType"]} if image.get("imageManifestMediaType") else {}
    for tag in (f"release-{number}", f"release-{number}-{digest.partition(':')[2][:12]}"):
        params = {"repositoryName": repository, "imageManifest": image["imageManifest"], "imageTag": tag, **kind}
        try:
            aws.call(ecr, "PutImage", **params, imageDigest=digest)
        except RailyardError as error:
            if error.code == "ImageTagAlreadyExistsException":
                continue
            if error.code != "ImageAlreadyExistsException":
                raise
        return tag
    raise RailyardError(f"the image {digest} in the repository {repository} cannot be given the tag {tag}: another image has it")


def clean_up(clients: Clients, env: Environment, records: list[Record], owner: dict[str, str]) -> dict[str, Any]:
    """Deregister revisions and delete images. `records`: the newest first. Returns {task_definitions, images}: what went.

    `owner`: the tags of what is ours (see ownership.declared), {} where nothing says so. Revisions of others stay.
    """
    ecs, ecr = clients["ecs"], clients["ecr"]
    needed = needed_by(kept(records, env.keep)) | live(ecs, env.cluster)
    by_family = all_revisions(ecs, [env.names.family(process) for process in (*env.processes, families.RUN)])
    old_revisions = plan_revisions(by_family, needed, env.keep, partial(owned, ecs, owner))
    apply_plan(ecs, old_revisions)
    images = plan_images(env.repository, tagged(ecr, env.repository), records, needed)
    for step in images.steps:
        failures = aws.call(ecr, step.operation, **step.params).get("failures", [])
        if failures:
            raise RailyardError(f"{failures[0].get('failureCode')}: {failures[0].get('failureReason')}", failures=failures)
    gone = [step.params["taskDefinition"] for step in old_revisions.steps]
    return {"task_definitions": gone, "images": sorted(set(images.before or []) - set(images.after or []))}
