"""Webhooks of projects, as they are described. What is pushed starts pipelines here, and no build by itself.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateWebhook.html
"""

from __future__ import annotations

import secrets

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import store
from .projects import GIT
from .store import Shape

MEMBERS = ("branchFilter", "filterGroups", "buildType", "scopeConfiguration", "pullRequestBuildPolicy")


def _project(call: Call) -> Shape:
    return store.project(call, call.params["projectName"])


def _webhook(call: Call) -> Shape:
    project = _project(call)
    if "webhook" not in project:
        raise Refusal(store.MISSING, f"Webhook for project {project['arn']} does not exist")
    found: Shape = project["webhook"]
    return found


@operation("codebuild", "CreateWebhook")
def create_webhook(call: Call) -> Shape:
    project = _project(call)
    if project["source"]["type"] not in GIT[:-1]:
        raise Refusal(store.INVALID, f"Webhooks are not supported for source type {project['source']['type']}")
    if "webhook" in project:
        raise Refusal("ResourceAlreadyExistsException", f"Webhook for project {project['arn']} already exists")
    name = project["source"]["location"].removesuffix(".git").partition("github.com/")[2]
    made: Shape = {
        "url": f"https://api.github.com/repos/{name}/hooks/{secrets.randbelow(10**9)}",
        "payloadUrl": f"https://codebuild.{call.region}.amazonaws.com/webhooks?t={secrets.token_urlsafe(24)}",
        "buildType": "BUILD",
        "filterGroups": [],
        "status": "ACTIVE",
        **{member: call.params[member] for member in MEMBERS if member in call.params},
    }
    project["webhook"] = made
    manual = {"manualCreation": True} if call.params.get("manualCreation") else {}
    return {"webhook": {**made, **manual, "secret": secrets.token_urlsafe(24)}}


@operation("codebuild", "UpdateWebhook")
def update_webhook(call: Call) -> Shape:
    found = _webhook(call)
    found.update({member: call.params[member] for member in MEMBERS if member in call.params})
    if not call.params.get("rotateSecret"):
        return {"webhook": dict(found)}
    found["lastModifiedSecret"] = world.clock.utc()
    return {"webhook": {**found, "secret": secrets.token_urlsafe(24)}}


@operation("codebuild", "DeleteWebhook")
def delete_webhook(call: Call) -> Shape:
    _webhook(call)
    del _project(call)["webhook"]
    return {}
