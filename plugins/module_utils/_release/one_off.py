# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task definitions of one-off tasks. RunTask cannot override an image, so they have a family of their own: `<base>-run`.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

from __future__ import annotations

from typing import Any

from .._core import shape, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Step
from .._ecs import service as services
from .._ecs import task_definition
from .._ecs.normal import declared, normalise
from .._ecs.task_definition import CROWDED
from . import revisions

Item = dict[str, Any]
RUN = "run"
WEB = "web"
# What belongs to a service only, what would run a command twice, and what names containers that are not there.
LEFT_OUT = ("portMappings", "healthCheck", "restartPolicy", "dependsOn", "links", "volumesFrom", "firelensConfiguration")
LEFT_OUT_OF_TASK = (*revisions.TOLD, "proxyConfiguration")


def family(base: str) -> str:
    return f"{base}-{RUN}"


def definition(ecs: Any, base: str, image: str, log_group: str) -> str:
    """ARN of the one-off revision with this image URI; registered when the newest one is another.

    `base` is the name base (`shop-production`); it is made like the newest revision of `<base>-web`. Raises RailyardError without one.
    """
    return revisions.register(ecs, plan(ecs, base, image, log_group))


def plan(ecs: Any, base: str, image: str, log_group: str) -> Plan:
    """What `definition` would do: nothing, or to register the revision. `after` is an ARN, None as long as it is not registered."""
    found = revisions.newest(ecs, f"{base}-{WEB}")
    return make_plan(ecs, request(found, base, image, log_group, ecs.meta.region_name), task_definition.describe(ecs, family(base)))


def request(found: Item, base: str, image: str, log_group: str, region: str) -> Item:
    """Parameters of RegisterTaskDefinition. `found`: {definition, tags} of `<base>-web` (see revisions.newest). Pure."""
    given = found["definition"]
    container = own_container(given, image)
    kept = {name: value for name, value in container.items() if name not in LEFT_OUT}
    options = {"awslogs-group": log_group, "awslogs-region": region, "awslogs-stream-prefix": RUN}
    logs = {"logDriver": "awslogs", "options": options}
    wanted = {name: value for name, value in given.items() if name not in LEFT_OUT_OF_TASK and value not in (None, [], {})}
    wanted["family"] = family(base)
    wanted["containerDefinitions"] = [{**kept, "name": RUN, "image": image, "essential": True, "logConfiguration": logs}]
    return {**wanted, "tags": found["tags"]} if found["tags"] else wanted


def own_container(given: Item, image: str) -> Item:
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


def make_plan(client: Any, params: Item, live: Item | None) -> Plan:
    """`live`: the newest revision of the family in normal form, or None. Pure; the client is there for its service model."""
    own = {name: value for name, value in params.items() if name != "tags"}
    wanted = normalise(shape.ours(shape.input_shape(client, "RegisterTaskDefinition"), own))
    arn = (live or {}).get("task_definition_arn")
    if live is not None and declared(live) == wanted and live.get("tags", {}) == tags.as_dict(params.get("tags"), "key", "value"):
        return Plan(arn, arn)
    return Plan(arn, None, (Step("RegisterTaskDefinition", params, propagation=(CROWDED,)),))


def network(ecs: Any, cluster: str, service: str = WEB) -> Item:
    """Where the tasks of a service run: {subnets, security_groups, assign_public_ip, platform_version}. Raises RailyardError without it."""
    found = next((item for item in services.describe(ecs, cluster, [service]) if item["status"] == "ACTIVE"), None)
    if found is None:
        raise RailyardError(f"there is no service {service} in cluster {cluster}, whose network one-off tasks share; site.yml makes it")
    if not found.get("network_configuration"):
        raise RailyardError(
            f"service {service} in cluster {cluster} has no network configuration of its own; name subnets and security groups"
        )
    return {**found["network_configuration"], "platform_version": found.get("platform_version")}
