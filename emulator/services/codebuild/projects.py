"""Projects. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import store
from .store import Shape

MOST = 5000
KEPT = (
    "description",
    "secondarySources",
    "sourceVersion",
    "secondarySourceVersions",
    "secondaryArtifacts",
    "timeoutInMinutes",
    "queuedTimeoutInMinutes",
    "tags",
    "fileSystemLocations",
    "buildBatchConfig",
    "concurrentBuildLimit",
    "autoRetryLimit",
)
GIT = ("GITHUB", "GITHUB_ENTERPRISE", "BITBUCKET", "GITLAB", "GITLAB_SELF_MANAGED", "CODECOMMIT")
ORDERS = {"NAME": "name", "CREATED_TIME": "created", "LAST_MODIFIED_TIME": "lastModified"}
# What an empty value takes away.
REMOVABLE = ("sourceVersion", "vpcConfig", "secondarySources", "secondaryArtifacts", "secondarySourceVersions", "fileSystemLocations")


def role_arn(call: Call, said: str) -> str:
    return said if said.startswith("arn:") else call.arn("iam", f"role/{said}", regional=False)


def key_arn(call: Call, said: str) -> str:
    return said if said.startswith("arn:") else call.arn("kms", said if said.startswith("alias/") else f"key/{said}")


def source(given: Shape) -> Shape:
    """A source as it is read back."""
    depth = {"gitCloneDepth": 1, "gitSubmodulesConfig": {"fetchSubmodules": False}, "reportBuildStatus": False}
    return {**(depth if given["type"] in GIT else {}), "insecureSsl": False, **given}


def artifacts(given: Shape, project: str) -> Shape:
    if given["type"] == "NO_ARTIFACTS":
        return dict(given)
    own: Shape = {"name": project, "packaging": "NONE", "encryptionDisabled": False}
    if given["type"] == "S3":
        own |= {"namespaceType": "NONE", "overrideArtifactName": False}
    return {**own, **given}


def environment(given: Shape) -> Shape:
    variables = [{"type": "PLAINTEXT", **variable} for variable in given.get("environmentVariables", [])]
    own: Shape = {"privilegedMode": False, "imagePullCredentialsType": "CODEBUILD"}
    shown = {**own, **given, "environmentVariables": variables}
    if "dockerServer" in given:
        shown["dockerServer"] = {**given["dockerServer"], "status": {"status": "ACTIVE"}}
    return shown


def logs_config(given: Shape) -> Shape:
    return {"cloudWatchLogs": {"status": "ENABLED"}, "s3Logs": {"status": "DISABLED", "encryptionDisabled": False}, **given}


def _changed(call: Call, project: Shape) -> None:
    """What a call says of a project: objects and lists are replaced whole, what is not said is kept."""
    given, name = call.params, project["name"]
    project.update({member: given[member] for member in KEPT if member in given})
    whole: dict[str, Callable[[Shape], Shape]] = {
        "source": source,
        "environment": environment,
        "logsConfig": logs_config,
        "vpcConfig": dict,
        "cache": dict,
    }
    project.update({member: make(given[member]) for member, make in whole.items() if given.get(member) is not None})
    if given.get("artifacts"):
        project["artifacts"] = artifacts(given["artifacts"], name)
    if "secondaryArtifacts" in given:
        project["secondaryArtifacts"] = [artifacts(each, name) for each in given["secondaryArtifacts"]]
    if given.get("serviceRole"):
        project["serviceRole"] = role_arn(call, given["serviceRole"])
    if given.get("encryptionKey"):
        project["encryptionKey"] = key_arn(call, given["encryptionKey"])
    if "badgeEnabled" in given:
        project["badge"] = _badge(call, given["badgeEnabled"])
    for member in REMOVABLE:
        if not project.get(member):
            project.pop(member, None)
    if project.get("concurrentBuildLimit") == -1:
        del project["concurrentBuildLimit"]


def _badge(call: Call, enabled: bool) -> Shape:
    url = f"https://codebuild.{call.region}.amazonaws.com/badges?uuid=emulated&branch=main"
    return {"badgeEnabled": True, "badgeRequestUrl": url} if enabled else {"badgeEnabled": False}


@operation("codebuild", "CreateProject")
def create_project(call: Call) -> Shape:
    name, now = call.params["name"], world.clock.utc()
    arn = store.project_arn(call, name)
    if name in store.projects(call):
        raise Refusal("ResourceAlreadyExistsException", f"Project already exists: {arn}")
    if len(store.projects(call)) >= MOST:
        raise Refusal("AccountLimitExceededException", f"Cannot have more than {MOST} projects in the account")
    project: Shape = {
        "name": name,
        "arn": arn,
        "cache": {"type": "NO_CACHE"},
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "encryptionKey": call.arn("kms", "alias/aws/s3"),
        "tags": [],
        "created": now,
        "lastModified": now,
        "badge": {"badgeEnabled": False},
        "projectVisibility": "PRIVATE",
    }
    _changed(call, project)
    store.projects(call)[name] = project
    return {"project": dict(project)}


@operation("codebuild", "UpdateProject")
def update_project(call: Call) -> Shape:
    project = store.project(call, call.params["name"])
    _changed(call, project)
    project["lastModified"] = world.clock.utc()
    return {"project": dict(project)}


@operation("codebuild", "DeleteProject")
def delete_project(call: Call) -> Shape:
    """It is no error when there is none. Builds that have ended stay among the account's."""
    store.projects(call).pop(store.bare(call.params["name"]), None)
    return {}


@operation("codebuild", "BatchGetProjects")
def batch_get_projects(call: Call) -> Shape:
    """CB-9."""
    names = list(dict.fromkeys(call.params["names"]))
    found = [store.projects(call).get(store.bare(name)) for name in names]
    missing = [name for name, project in zip(names, found, strict=True) if project is None]
    return {"projects": [dict(project) for project in found if project is not None], "projectsNotFound": missing}


@operation("codebuild", "ListProjects")
def list_projects(call: Call) -> Shape:
    member = ORDERS[call.params.get("sortBy", "NAME")]
    found = sorted(store.projects(call).values(), key=lambda project: (project[member], project["name"]))
    return store.page(call, store.ordered(call, (project["name"] for project in found)), "projects")


@operation("codebuild", "UpdateProjectVisibility")
def update_project_visibility(call: Call) -> Shape:
    project, visibility = store.project(call, call.params["projectArn"]), call.params["projectVisibility"]
    project["projectVisibility"] = visibility
    if visibility == "PUBLIC_READ":
        project["publicProjectAlias"] = f"emulated-{project['name']}"
        if call.params.get("resourceAccessRole"):
            project["resourceAccessRole"] = call.params["resourceAccessRole"]
    else:
        project.pop("publicProjectAlias", None)
    answer = {"projectArn": project["arn"], "projectVisibility": visibility}
    return {**answer, **({"publicProjectAlias": project["publicProjectAlias"]} if visibility == "PUBLIC_READ" else {})}


@operation("codebuild", "InvalidateProjectCache")
def invalidate_project_cache(call: Call) -> Shape:
    store.project(call, call.params["projectName"])
    return {}


@operation("codebuild", "ListSharedProjects")
def list_shared_projects(call: Call) -> Shape:
    """No other account shares any."""
    return store.page(call, [], "projects")


def tagged(call: Call) -> Iterator[tuple[str, dict[str, str]]]:
    """ARN and tags of projects, report groups and fleets."""
    for name in ("projects", "report_groups", "fleets"):
        yield from ((each["arn"], store.tags(each.get("tags", []))) for each in store.table(call, name).values())


def given_variables(project: Shape) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = project["environment"]["environmentVariables"]
    return found
