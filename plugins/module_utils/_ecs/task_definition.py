# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task definitions. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape, tags
from .._core.difference import differences
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import labels
from .checks import problems
from .normal import declared, normalise

# Somebody else registers a revision of the same family at this moment.
CROWDED = Propagation("ClientException", "Too many concurrent attempts to create a new revision", 60)
FRESH_ROLE = Propagation("ClientException", "Role is not valid", 120)  # rule IAM-11
ABSENT = {"ClientException"}  # DescribeTaskDefinition's only one: "Unable to describe task definition."
SAME = (
    "family",
    "cpu",
    "memory",
    "task_role_arn",
    "execution_role_arn",
    "network_mode",
    "requires_compatibilities",
    "runtime_platform",
    "volumes",
    "proxy_configuration",
    "pid_mode",
    "enable_fault_injection",
)


def describe(client: Any, name: str) -> dict[str, Any] | None:
    """The task definition of a family (its latest active revision), `family:revision` or ARN in normal form with its tags, or None."""
    found = aws.find(client, "DescribeTaskDefinition", ABSENT, taskDefinition=name, include=["TAGS"])
    if found is None or not found.get("taskDefinition"):
        return None
    ours = shape.ours(shape.output_shape(client, "DescribeTaskDefinition", "taskDefinition"), found["taskDefinition"])
    return normalise({**ours, "tags": tags.as_dict(found.get("tags"), "key", "value")})


def describe_all(client: Any, names: list[str]) -> list[dict[str, Any]]:
    """`describe` for each name at the same time; those that do not exist are left out."""
    return [found for found in aws.concurrently(lambda name: describe(client, name), names) if found is not None]


def images(definition: dict[str, Any] | None) -> dict[str, str]:
    """Image by container."""
    return {item["name"]: item["image"] for item in (definition or {}).get("containers", []) if item.get("image")}


def secrets(definition: dict[str, Any] | None) -> set[str]:
    """References to the secrets with which ECS starts its containers, as `value_from` has them."""
    containers = (definition or {}).get("containers", [])
    of_logs = {str(option["value_from"]) for item in containers for option in item.get("log_configuration", {}).get("secret_options", [])}
    return of_logs.union(*(item.get("secrets", {}).values() for item in containers))


def find_each(client: Any, wanted: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """`find` for each at the same time: AWS describes one family in a call."""
    return aws.concurrently(lambda one: find(client, one), wanted)


def find(client: Any, wanted: dict[str, Any]) -> dict[str, Any] | None:
    """The latest active revision in normal form. To remove a family: its `revisions`, and the `inactive` ones where they are to go too."""
    if wanted["state"] == "present":
        return describe(client, wanted["family"])
    live = {"family": wanted["family"], "revisions": revisions(client, wanted["family"], "ACTIVE")}
    if wanted["delete_revisions"]:
        live["inactive"] = revisions(client, wanted["family"], "INACTIVE")
    known = live["revisions"] or live.get("inactive")
    # A family has no tags; its newest revision says whose it is.
    newest = describe(client, known[-1]) if known and wanted["tags"] is not None else None
    return {**live, **({"tags": newest["tags"]} if newest else {})} if known else None


def revisions(client: Any, family: str, status: str) -> list[str]:
    """ARNs of the revisions of exactly this family, ACTIVE or INACTIVE."""
    arns = aws.pages(client, "ListTaskDefinitions", "taskDefinitionArns", familyPrefix=family, status=status)
    return [arn for arn in arns if arn.rpartition("/")[2].partition(":")[0] == family]


def is_made_of(client: Any, params: dict[str, Any], live: dict[str, Any] | None) -> bool:
    """Whether a live revision in normal form is what RegisterTaskDefinition makes of these parameters. Tags of others may be beside."""
    own = {name: value for name, value in params.items() if name != "tags"}
    labels = tags.as_dict(params.get("tags"), "key", "value")
    same = live is not None and declared(live) == normalise(shape.ours(shape.input_shape(client, "RegisterTaskDefinition"), own))
    return bool(same and labels.items() <= (live or {}).get("tags", {}).items())


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: the options of the module ecs_task_definition for one family. Raises RailyardError for what Fargate would refuse."""
    if wanted["state"] == "absent":
        return Plan(live, None, _removal(wanted, live), {"revision_registered": False, "difference": {}})
    if wanted["containers"] is None:
        raise RailyardError(f"task definition {wanted['family']}: containers are missing, unless state is absent")
    params = request(client, wanted, live)
    target = normalise(shape.ours(shape.input_shape(client, "RegisterTaskDefinition"), params))
    found = problems(target)
    if found:
        raise RailyardError(f"task definition {wanted['family']}: {'; '.join(found)}", problems=found)
    change = tags.change((live or {}).get("tags", {}), wanted["tags"], wanted["purge_tags"])
    old = declared(live or {})
    if live is not None and old == declared(_with_live_images(wanted, target, live)):
        return Plan(
            live,
            {**live, "tags": change.after},
            tuple(labels.steps(live["task_definition_arn"], change)),
            {"revision_registered": False, "difference": {}},
        )
    if change.after:
        params["tags"] = tags.as_pairs(change.after, "key", "value")
    notes = {"revision_registered": True, "difference": differences(old, target) if live else {}}
    return Plan(
        live,
        {**target, "tags": change.after},
        (Step("RegisterTaskDefinition", params, propagation=(CROWDED, FRESH_ROLE), once=True),),
        notes,
    )


def request(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> dict[str, Any]:
    """The parameters of RegisterTaskDefinition, without tags. A container without image gets that of the latest revision."""
    live_images = images(live)
    containers = [_container(wanted["family"], item, live_images) for item in wanted["containers"]]
    given = {name: wanted[name] for name in SAME if wanted[name] not in (None, [], {}, False)}
    params: dict[str, Any] = shape.aws(shape.input_shape(client, "RegisterTaskDefinition"), {**given, "container_definitions": containers})
    if wanted["ephemeral_storage"]:
        params["ephemeralStorage"] = {"sizeInGiB": wanted["ephemeral_storage"]}
    return params


def _container(family: str, container: dict[str, Any], live_images: dict[str, str]) -> dict[str, Any]:
    name = container.get("name")
    if not name:
        raise RailyardError(f"task definition {family}: a container has no name: {container}")
    image = container.get("image") or live_images.get(name)
    if not image:
        raise RailyardError(f"task definition {family}: container {name} has no image, and no earlier revision has one for it")
    where = f"task definition {family}, container {name}"
    named = {
        "environment": _named(container.get("environment"), "value", f"{where}, environment"),
        "secrets": _named(container.get("secrets"), "value_from", f"{where}, secrets"),
    }
    plain = {key: item for key, item in container.items() if key not in named}
    return {**plain, "image": image, **{key: items for key, items in named.items() if items}}


def _named(given: Any, value: str, where: str) -> list[dict[str, Any]]:
    """A dict by name, or AWS's list, as AWS's list; no name twice (rule ECS-T17)."""
    items = [{"name": name, value: item} for name, item in given.items()] if isinstance(given, dict) else list(given or [])
    names = [item.get("name") for item in items]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    empty = sorted(str(item.get("name")) for item in items if item.get(value) is None)
    if twice or empty:
        raise RailyardError(f"{where}: {', '.join(twice or empty)} {'is there twice' if twice else 'has no value'}")
    return items


def _with_live_images(wanted: dict[str, Any], target: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    if not wanted["keep_image"]:
        return target
    live_images, chosen = images(live), wanted["keep_image_of"]
    kept = [
        {**item, "image": live_images[item["name"]]} if item["name"] in live_images and (chosen is None or item["name"] in chosen) else item
        for item in target["containers"]
    ]
    return {**target, "containers": kept}


def _removal(wanted: dict[str, Any], live: dict[str, Any] | None) -> tuple[Step, ...]:
    """Rule ECS-D5: a revision is deregistered before it is deleted; ten are deleted at once."""
    if live is None:
        return ()
    steps = [Step("DeregisterTaskDefinition", {"taskDefinition": arn}) for arn in live["revisions"]]
    if wanted["delete_revisions"]:
        every = live["revisions"] + live["inactive"]
        steps += [Step("DeleteTaskDefinitions", {"taskDefinitions": some}) for some in aws.batches(every, 10)]
    return tuple(steps)
