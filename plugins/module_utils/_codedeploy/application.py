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
    steps = []
    if change.put:
        steps.append(Step("TagResource", {"ResourceArn": resource, "Tags": tags.as_pairs(change.put)}))
    if change.remove:
        steps.append(Step("UntagResource", {"ResourceArn": resource, "TagKeys": change.remove}))
    return Plan(live, {**live, "tags": change.after}, tuple(steps))
