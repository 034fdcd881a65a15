# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task definitions of one-off tasks: the families `<cluster>-run` and `<cluster>-console`, as RunTask cannot override an image.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

from __future__ import annotations

from typing import Any, TypedDict

from .._core import ownership, tags
from .._core.errors import RailyardError
from .._core.plan import Plan
from .._ecr import image as images
from .._ecr.image import NO_DIGEST, Image
from .._ecs import revisions, task_definition
from .._ecs import service as services
from .._ecs.revisions import Revision
from .._ecs.service import Network, Service
from .._environment.naming import family

RUN = "run"
WEB = "web"
# What belongs to a service only, what would run a command twice, and what names containers that are not there.
LEFT_OUT = ("portMappings", "healthCheck", "restartPolicy", "dependsOn", "links", "volumesFrom", "firelensConfiguration")
LEFT_OUT_OF_TASK = (*revisions.TOLD, "proxyConfiguration")


class Choice(TypedDict):
    """What a one-off task would be: the plan that registers its revision, RegisterTaskDefinition's parameters, its network and image."""

    plan: Plan
    request: dict[str, Any]
    network: Network
    image: Image


def choose(clients: dict[str, Any], wanted: dict[str, Any]) -> Choice:
    """What a one-off task of an environment would be.

    `wanted`: {cluster, service, image (tag, digest, URI; None for the live one), log_group, kind (run by
    default)}; `clients`: {ecs, ecr}. Writes nothing.
    """
    ecs, cluster, kind = clients["ecs"], wanted["cluster"], wanted.get("kind", RUN)
    found = revisions.read(ecs, family(cluster, WEB))
    containers = found["definition"]["containerDefinitions"]
    uri = repository_of(next((item for item in containers if item["name"] == WEB), containers[0])["image"])
    service = active(ecs, cluster, wanted["service"])
    asked = wanted.get("image") or live_image(ecs, service, uri)
    architecture = found["definition"].get("runtimePlatform", {}).get("cpuArchitecture", "X86_64")
    image = images.resolve(clients["ecr"], uri.partition("/")[2], asked, architecture)
    params = request(found, cluster, image["uri"], wanted["log_group"], ecs.meta.region_name, kind)
    made = make_plan(ecs, params, task_definition.describe(ecs, family(cluster, kind)))
    return {"plan": made, "request": params, "image": image, "network": network_of(service)}


def live_image(ecs: Any, service: Service, uri: str) -> str:
    """The image of the repository that a service runs (see `active`). Raises RailyardError before the first release."""
    live = revisions.image_of(revisions.read(ecs, service["live_task_definition"])["definition"], uri)
    if live is None or live.endswith(NO_DIGEST):
        raise RailyardError(f"service {service['service_name']} runs no image of {uri} yet; name one: a tag, a digest or a URI")
    return live


def definition(ecs: Any, cluster: str, image: str, log_group: str) -> str:
    """ARN of the one-off revision with this image URI; registered when the newest one is another.

    It is made like the newest revision of `<cluster>-web`. Raises RailyardError when there is none.
    """
    return revisions.register(ecs, plan(ecs, cluster, image, log_group))


def plan(ecs: Any, cluster: str, image: str, log_group: str) -> Plan:
    """The plan of `definition`: no step, or one that registers the revision. `after` is an ARN, None until it is registered."""
    found = revisions.read(ecs, family(cluster, WEB))
    wanted = request(found, cluster, image, log_group, ecs.meta.region_name)
    return make_plan(
        ecs,
        wanted,
        task_definition.describe(ecs, family(cluster, RUN)),
    )


def request(found: Revision, cluster: str, image: str, log_group: str, region: str, kind: str = RUN) -> dict[str, Any]:
    """Parameters of RegisterTaskDefinition. `found`: of `<cluster>-web`. Pure."""
    given = found["definition"]
    container = own_container(given, image)
    kept = {name: value for name, value in container.items() if name not in LEFT_OUT}
    # What happened is read from its lines: none may be lost, as they may be by ECS's default, non-blocking.
    options = {"awslogs-group": log_group, "awslogs-region": region, "awslogs-stream-prefix": kind, "mode": "blocking"}
    logs = {"logDriver": "awslogs", "options": options}
    wanted = {name: value for name, value in given.items() if name not in LEFT_OUT_OF_TASK and value not in (None, [], {})}
    wanted["family"] = family(cluster, kind)
    wanted["containerDefinitions"] = [{**kept, "name": kind, "image": image, "essential": True, "logConfiguration": logs}]
    return {**wanted, "tags": found["tags"]} if found["tags"] else wanted


def own_container(given: dict[str, Any], image: str) -> dict[str, Any]:
    """The container with an image of the environment's own repository; web where several have one. Raises RailyardError without."""
    uri = repository_of(image)
    own = [item for item in given["containerDefinitions"] if repository_of(item["image"]) == uri]
    if not own:
        raise RailyardError(f"task definition {given['taskDefinitionArn']} has no container with an image of {uri}; run site.yml")
    return dict(next((item for item in own if item["name"] == WEB), own[0]))


def repository_of(image: str) -> str:
    """An image's URI without digest and tag. Pure."""
    name = image.partition("@")[0]
    return name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name


def make_plan(client: Any, params: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`live`: the newest revision of the family in normal form, or None. Pure; the client is there for its service model and Region.

    Raises RailyardError where the family is somebody else's by its tags.
    """
    arn = (live or {}).get("task_definition_arn")
    labels = tags.as_dict(params.get("tags"), "key", "value")
    _refuse(client, ownership.declared(labels), live)
    if task_definition.is_made_of(client, params, live):
        return Plan(arn, arn)
    return Plan(arn, None, (revisions.registration(params),))


def taken(ecs: Any, cluster: str, owner: dict[str, str]) -> str | None:
    """The reason for which the family of one-off tasks is not ours by its tags (`owner`: see ownership.declared); else None."""
    try:
        _refuse(ecs, owner, task_definition.describe(ecs, family(cluster, RUN)))
    except RailyardError as error:
        return error.message
    return None


def _refuse(ecs: Any, owner: dict[str, str], live: dict[str, Any] | None) -> None:
    ownership.refuse(owner, live, "ecs", "task definition", ecs.meta.region_name)


def active(ecs: Any, cluster: str, service: str) -> Service:
    """The service as it runs. Raises RailyardError without one."""
    found = next((item for item in services.describe(ecs, cluster, [service]) if item["status"] == "ACTIVE"), None)
    if found is None:
        raise RailyardError(f"there is no service {service} in cluster {cluster}, whose network one-off tasks share; site.yml makes it")
    return found


def network(ecs: Any, cluster: str, service: str = WEB) -> Network:
    """Where the tasks of a service run: {subnets, security_groups, assign_public_ip}. Raises RailyardError without it."""
    return network_of(active(ecs, cluster, service))


def network_of(service: Service) -> Network:
    """`network` of a service that was read. Pure."""
    if not service.get("network_configuration"):
        raise RailyardError(f"service {service['service_name']} has no network configuration of its own; name subnets and security groups")
    return service["network_configuration"]
