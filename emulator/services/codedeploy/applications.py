"""CodeDeploy: applications and tags. https://docs.aws.amazon.com/codedeploy/latest/APIReference/"""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import state

MOST_TAGS = 50


def mirror(call: Call) -> None:
    """Let moto's backend know the names, because its Resource Groups Tagging API lists what it finds there."""
    backend = world.backend("codedeploy", call)
    backend.applications = dict(state.applications(call))
    backend.deployment_groups = {name: dict(found["groups"]) for name, found in state.applications(call).items()}


def changed(call: Call) -> dict[str, Any]:
    """The empty answer after a change of names."""
    mirror(call)
    return {}


@operation("codedeploy", "CreateApplication")
def create_application(call: Call) -> dict[str, Any]:
    name = call.params["applicationName"]
    if name in state.applications(call):
        raise Refusal("ApplicationAlreadyExistsException", f"Application already exists: {name}")
    info = {
        "applicationId": state.new_id(),
        "applicationName": name,
        "createTime": world.clock.utc(),
        "linkedToGitHub": False,
        "computePlatform": call.params.get("computePlatform", "Server"),
    }
    state.applications(call)[name] = {"info": info, "groups": {}, "revisions": []}
    state.tagger(call).tag_resource(state.application_arn(call, name), call.params.get("tags", []))
    changed(call)
    return {"applicationId": info["applicationId"]}


@operation("codedeploy", "GetApplication")
def get_application(call: Call) -> dict[str, Any]:
    return {"application": state.application(call, call.params["applicationName"])["info"]}


@operation("codedeploy", "BatchGetApplications")
def batch_get_applications(call: Call) -> dict[str, Any]:
    names = state.batch(call.params["applicationNames"])
    return {"applicationsInfo": [state.application(call, name)["info"] for name in names]}


@operation("codedeploy", "ListApplications")
def list_applications(call: Call) -> dict[str, Any]:
    return state.page(call, sorted(state.applications(call)), "applications")


@operation("codedeploy", "UpdateApplication")
def update_application(call: Call) -> dict[str, Any]:
    """Rename an application; its groups, revisions and tags go with it."""
    old, new = call.params.get("applicationName", ""), call.params.get("newApplicationName")
    if not old:
        raise Refusal("ApplicationNameRequiredException", "Application name is missing")
    found = state.application(call, old)
    if new is None or new == old:
        return {}
    if new in state.applications(call):
        raise Refusal("ApplicationAlreadyExistsException", f"Application already exists: {new}")
    for name, info in found["groups"].items():
        info["applicationName"] = new
        move_tags(call, state.group_arn(call, old, name), state.group_arn(call, new, name))
    move_tags(call, state.application_arn(call, old), state.application_arn(call, new))
    found["info"]["applicationName"] = new
    state.applications(call)[new] = state.applications(call).pop(old)
    return changed(call)


def move_tags(call: Call, old: str, new: str) -> None:
    tagger = state.tagger(call)
    tagger.tag_resource(new, tagger.list_tags_for_resource(old)["Tags"])
    tagger.delete_all_tags_for_resource(old)


@operation("codedeploy", "DeleteApplication")
def delete_application(call: Call) -> dict[str, Any]:
    """Deleting an application deletes its deployment groups; deleting an absent one is no error."""
    name = call.params["applicationName"]
    found = state.applications(call).pop(name, None)
    for group in found["groups"] if found else ():
        state.tagger(call).delete_all_tags_for_resource(state.group_arn(call, name, group))
    state.tagger(call).delete_all_tags_for_resource(state.application_arn(call, name))
    return changed(call)


def _tagged(call: Call) -> str:
    """The ARN of the call, if it names an application or a group that exists."""
    arn: str = call.params["ResourceArn"]
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "codedeploy":
        raise Refusal("InvalidArnException", f"The specified ARN is not in a valid format: {arn}")
    kind, _, name = parts[5].partition(":")
    if kind == "application" and name:
        state.application(call, name)
    elif kind == "deploymentgroup" and "/" in name:
        state.group(call, *name.split("/", 1))
    else:
        raise Refusal("ArnNotSupportedException", f"The specified ARN is not supported: {arn}")
    return arn


@operation("codedeploy", "TagResource")
def tag_resource(call: Call) -> dict[str, Any]:
    arn, tagger = _tagged(call), state.tagger(call)
    keys = {tag["Key"] for tag in [*tagger.list_tags_for_resource(arn)["Tags"], *call.params["Tags"]]}
    if len(keys) > MOST_TAGS:
        raise Refusal("InvalidTagsToAddException", f"The maximum number of tags for a resource is {MOST_TAGS}")
    tagger.tag_resource(arn, call.params["Tags"])
    return {}


@operation("codedeploy", "UntagResource")
def untag_resource(call: Call) -> dict[str, Any]:
    state.tagger(call).untag_resource_using_names(_tagged(call), call.params["TagKeys"])
    return {}


@operation("codedeploy", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    return state.page(call, state.tagger(call).list_tags_for_resource(_tagged(call))["Tags"], "Tags")
