"""Batches of builds, of which there are none here: the emulator runs single builds. And CodeBuild's own images.

https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html
"""

from __future__ import annotations

from ...registry import operation
from ...wire import Call, Refusal
from . import store
from .store import Shape

IMAGES = {
    ("AMAZON_LINUX", "BASE"): (
        "amazonlinux-x86_64-standard:5.0",
        "amazonlinux-x86_64-standard:6.0",
        "amazonlinux-aarch64-standard:3.0",
    ),
    ("UBUNTU", "BASE"): ("standard:7.0", "standard:8.0"),
}


@operation("codebuild", "StartBuildBatch")
def start_build_batch(call: Call) -> Shape:
    project = store.project(call, call.params["projectName"])
    if not project.get("buildBatchConfig"):
        raise Refusal(store.INVALID, f"Project {project['name']} has no batch build configuration")
    raise Refusal(store.INVALID, "the emulator does not run batches of builds; start builds one by one")


@operation("codebuild", "RetryBuildBatch", "StopBuildBatch")
def of_a_batch(call: Call) -> Shape:
    identity = call.params.get("id", "")
    if ":" not in store.bare(identity):
        raise Refusal(store.INVALID, "Invalid build batch ID provided")
    raise Refusal(store.MISSING, f"Build batch {call.arn('codebuild', f'build-batch/{store.bare(identity)}')} does not exist")


@operation("codebuild", "DeleteBuildBatch")
def delete_build_batch(call: Call) -> Shape:
    """It is no error when there is none."""
    if ":" not in store.bare(call.params["id"]):
        raise Refusal(store.INVALID, "Invalid build batch ID provided")
    return {"statusCode": "BATCH_NOT_FOUND", "buildsDeleted": [], "buildsNotDeleted": []}


@operation("codebuild", "BatchGetBuildBatches")
def batch_get_build_batches(call: Call) -> Shape:
    return {"buildBatches": [], "buildBatchesNotFound": list(dict.fromkeys(call.params["ids"]))}


@operation("codebuild", "ListBuildBatches")
def list_build_batches(call: Call) -> Shape:
    return store.page(call, [], "ids")


@operation("codebuild", "ListBuildBatchesForProject")
def list_build_batches_for_project(call: Call) -> Shape:
    if call.params.get("projectName"):
        store.project(call, call.params["projectName"])
    return store.page(call, [], "ids")


@operation("codebuild", "ListCuratedEnvironmentImages")
def list_curated_environment_images(call: Call) -> Shape:
    platforms: dict[str, list[Shape]] = {}
    for (platform, language), names in IMAGES.items():
        images = [{"name": f"aws/codebuild/{name}", "description": f"AWS CodeBuild - {name}", "versions": []} for name in names]
        platforms.setdefault(platform, []).append({"language": language, "images": images})
    return {"platforms": [{"platform": platform, "languages": languages} for platform, languages in platforms.items()]}
