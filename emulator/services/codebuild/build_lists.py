"""What is asked of builds afterwards. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html"""

from __future__ import annotations

from ...registry import operation
from ...wire import Call, Refusal
from . import start_build, store
from .store import Shape


@operation("codebuild", "BatchGetBuilds")
def batch_get_builds(call: Call) -> Shape:
    """CB-9."""
    found, missing = [], []
    for identity in dict.fromkeys(call.params["ids"]):
        build = store.builds(call).get(store.bare(identity))
        if ":" not in store.bare(identity):
            raise Refusal(store.INVALID, "Invalid build ID provided")
        if build is None:
            missing.append(identity)
        else:
            found.append(start_build.shown(build))
    return {"builds": found, "buildsNotFound": missing}


@operation("codebuild", "ListBuilds")
def list_builds(call: Call) -> Shape:
    """Newest first, unless told otherwise."""
    return store.page(call, store.ordered(call, store.builds(call), "DESCENDING"), "ids")


@operation("codebuild", "ListBuildsForProject")
def list_builds_for_project(call: Call) -> Shape:
    name = store.bare(call.params["projectName"])
    found = [identity for identity, build in store.builds(call).items() if build.request.project == name]
    if name not in store.projects(call) and not found:
        arn = store.project_arn(call, name)
        raise Refusal(store.MISSING, f"The provided project {arn} does not exist")
    return store.page(call, store.ordered(call, found, "DESCENDING"), "ids")


@operation("codebuild", "BatchDeleteBuilds")
def batch_delete_builds(call: Call) -> Shape:
    """A build that is not there, or has not ended, is not deleted, and that is no error."""
    deleted, left = [], []
    for identity in dict.fromkeys(call.params["ids"]):
        build = store.builds(call).get(store.bare(identity))
        if build is None:
            left.append({"id": identity, "statusCode": "BUILD_NOT_FOUND"})
        elif not build.over:
            left.append({"id": identity, "statusCode": "BUILD_IN_PROGRESS"})
        else:
            del store.builds(call)[build.id]
            deleted.append(build.arn)
    return {"buildsDeleted": deleted, "buildsNotDeleted": left}
