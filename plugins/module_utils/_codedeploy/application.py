# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ApplicationInfo.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Step


def arn(client: Any, account: str, kind: str, name: str) -> str:
    """The ARN of a CodeDeploy resource: AWS answers with none."""
    region = client.meta.region_name
    return f"arn:{client.meta.partition}:codedeploy:{region}:{account}:{kind}:{name}"


def find(client: Any, name: str, account: str) -> dict[str, Any] | None:
    """The application of this name in our shape, with its tags, or None."""
    found = aws.find(client, "GetApplication", {"ApplicationDoesNotExistException"}, applicationName=name)
    if found is None:
        return None
    live: dict[str, Any] = shape.ours(shape.output_shape(client, "GetApplication", "application"), found["application"])
    resource = arn(client, account, "application", name)
    pairs = aws.pages(client, "ListTagsForResource", "Tags", ResourceArn=resource)
    return {**live, "arn": resource, "tags": tags.as_dict(pairs)}


def find_all(client: Any, names: list[str] | None, account: str) -> list[dict[str, Any]]:
    """The applications of these names that exist; all of the Region if names is None or empty."""
    asked = names or aws.pages(client, "ListApplications", "applications")
    return [live for live in (find(client, name, account) for name in asked) if live]


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None, account: str) -> Plan:
    """`wanted`: name, state, compute_platform, tags, purge_tags. The platform cannot be changed (rule CD-1)."""
    name, platform = wanted["name"], wanted["compute_platform"]
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteApplication", {"applicationName": name}),) if live else ())
    resource = arn(client, account, "application", name)
    if live is None:
        created = {"application_name": name, "compute_platform": platform, "arn": resource, "tags": wanted["tags"] or {}}
        params = {"applicationName": name, "computePlatform": platform, "tags": tags.as_pairs(wanted["tags"])}
        return Plan(None, created, (Step("CreateApplication", params, already=("ApplicationAlreadyExistsException",)),))
    if live["compute_platform"] != platform:
        message = f"application {name} is for {live['compute_platform']}, which cannot become {platform}; delete it or choose another name"
        raise RailyardError(message, live=live)
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    return Plan(live, {**live, "tags": change.after}, tag_steps(resource, change))


def tag_steps(resource: str, change: tags.TagChange) -> tuple[Step, ...]:
    """The calls that carry out a change of tags of an application or a deployment group."""
    put = Step("TagResource", {"ResourceArn": resource, "Tags": tags.as_pairs(change.put)})
    remove = Step("UntagResource", {"ResourceArn": resource, "TagKeys": change.remove})
    return (*((put,) if change.put else ()), *((remove,) if change.remove else ()))
