# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment groups of ECS services. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentGroupInfo.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import group_options, group_sections
from .application import arn, tag_steps

ABSENT = {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"}
FRESH_ROLE = Propagation("InvalidRoleException", "does not have the permissions required to assume the role", 300)
# What AWS answers for EC2 only; in a group of the platform ECS it says nothing.
SERVER_ONLY = {
    "auto_scaling_groups",
    "ec2_deployment_options",
    "ec2_tag_filters",
    "ec2_tag_set",
    "on_premises_instance_tag_filters",
    "on_premises_tag_set",
    "outdated_instances_strategy",
    "termination_hook_enabled",
}


def find(client: Any, application: str, name: str, account: str) -> dict[str, Any] | None:
    """The deployment group in our shape with its ARN and tags; None when it or its application does not exist."""
    found = aws.find(client, "GetDeploymentGroup", ABSENT, applicationName=application, deploymentGroupName=name)
    if found is None:
        return None
    live = shape.ours(shape.output_shape(client, "GetDeploymentGroup", "deploymentGroupInfo"), found["deploymentGroupInfo"])
    if live.get("compute_platform") == "ECS":
        live = {key: value for key, value in live.items() if key not in SERVER_ONLY}
    resource = arn(client, account, "deploymentgroup", f"{application}/{name}")
    pairs = aws.pages(client, "ListTagsForResource", "Tags", ResourceArn=resource)
    return {**live, "arn": resource, "tags": tags.as_dict(pairs)}


def find_all(client: Any, application: str, names: list[str] | None, account: str) -> list[dict[str, Any]]:
    """The groups of these names that exist; all of the application if names is None or empty."""
    asked = names or aws.pages(client, "ListDeploymentGroups", "deploymentGroups", ABSENT, applicationName=application)
    return [live for live in (find(client, application, name, account) for name in asked) if live]


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None, account: str, predict: bool = False) -> Plan:
    """`wanted`: the options of codedeploy_deployment_group. If `predict` (check mode), listeners need not exist yet."""
    application, name = wanted["application_name"], wanted["name"]
    if wanted["state"] == "absent":
        params = {"applicationName": application, "deploymentGroupName": name}
        return Plan(live, None, (Step("DeleteDeploymentGroup", params),) if live else ())
    group_options.validate(wanted, client.meta.region_name, predict)
    sections = group_sections.wanted_sections(wanted, live or {})
    if live is None:
        return _create(client, wanted, sections, arn(client, account, "deploymentgroup", f"{application}/{name}"))
    if live.get("compute_platform") != "ECS":
        message = f"deployment group {application}/{name} is for {live.get('compute_platform')}, not for ECS; choose another application"
        raise RailyardError(message, live=live)
    different = group_sections.different(live, sections)
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    steps = []
    if different:
        params = shape.aws(shape.input_shape(client, "UpdateDeploymentGroup"), different)
        params |= {"applicationName": application, "currentDeploymentGroupName": name}
        steps.append(Step("UpdateDeploymentGroup", params, propagation=(FRESH_ROLE,)))
    return Plan(live, {**live, **different, "tags": change.after}, (*steps, *tag_steps(live["arn"], change)))


def _create(client: Any, wanted: dict[str, Any], sections: dict[str, Any], resource: str) -> Plan:
    identity = {"application_name": wanted["application_name"], "deployment_group_name": wanted["name"]}
    params = shape.aws(shape.input_shape(client, "CreateDeploymentGroup"), {**identity, **sections})
    if wanted["tags"]:
        params["tags"] = tags.as_pairs(wanted["tags"])
    after = {
        **identity,
        **sections,
        "compute_platform": "ECS",
        "arn": resource,
        "tags": tags.change({}, wanted["tags"], False).after,
    }
    step = Step("CreateDeploymentGroup", params, already=("DeploymentGroupAlreadyExistsException",), propagation=(FRESH_ROLE,))
    return Plan(None, after, (step,))
