"""Revisions of an application. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_RevisionLocation.html"""

from __future__ import annotations

import hashlib
from typing import Any

from moto.s3.exceptions import S3ClientError

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import state
from .appspec import AppSpecError


def completed(location: dict[str, Any]) -> dict[str, Any]:
    """A location as AWS answers it: content has its hash."""
    text = location.get("appSpecContent")
    if text and "content" in text:
        return {**location, "appSpecContent": {**text, "sha256": hashlib.sha256(text["content"].encode()).hexdigest()}}
    return location


def content(call: Call, location: dict[str, Any]) -> str:
    """The text of an AppSpec. Raises AppSpecError when S3 does not have it."""
    if location["revisionType"] == "AppSpecContent":
        return str(location["appSpecContent"]["content"])
    place = location["s3Location"]
    try:
        found = world.backend("s3", call).get_object(place["bucket"], place["key"], version_id=place.get("version"))
    except S3ClientError:
        found = None
    if found is None:
        raise AppSpecError(f"The AppSpec file cannot be located in the specified S3 bucket: {place['bucket']}/{place['key']}.")
    return bytes(found.value).decode(errors="replace")


def register(call: Call, application: dict[str, Any], location: dict[str, Any], description: str | None = None) -> dict[str, Any]:
    """The entry of a location in its application; registering it again changes only the description."""
    location = completed(location)
    for entry in application["revisions"]:
        if entry["revisionLocation"] == location:
            if description is not None:
                entry["genericRevisionInfo"]["description"] = description
            found: dict[str, Any] = entry
            return found
    info = {"description": description or "Application revision registered", "deploymentGroups": [], "registerTime": world.clock.utc()}
    entry = {"revisionLocation": location, "genericRevisionInfo": info}
    application["revisions"].append(entry)
    return entry


def used(call: Call, application: dict[str, Any], location: dict[str, Any], group: str) -> None:
    """Note that a group deploys a revision."""
    info = register(call, application, location, None)["genericRevisionInfo"]
    now = world.clock.utc()
    info.setdefault("firstUsedTime", now)
    info["lastUsedTime"] = now
    if group not in info["deploymentGroups"]:
        info["deploymentGroups"].append(group)


@operation("codedeploy", "RegisterApplicationRevision")
def register_application_revision(call: Call) -> dict[str, Any]:
    application = state.application(call, call.params["applicationName"])
    register(call, application, call.params["revision"], call.params.get("description"))
    return {}


def _find(call: Call, location: dict[str, Any]) -> dict[str, Any] | None:
    revisions = state.application(call, call.params["applicationName"])["revisions"]
    return next((entry for entry in revisions if entry["revisionLocation"] == completed(location)), None)


@operation("codedeploy", "GetApplicationRevision")
def get_application_revision(call: Call) -> dict[str, Any]:
    found = _find(call, call.params["revision"])
    if found is None:
        raise Refusal("RevisionDoesNotExistException", "The named revision does not exist with the user or AWS account.")
    return {
        "applicationName": call.params["applicationName"],
        "revision": found["revisionLocation"],
        "revisionInfo": found["genericRevisionInfo"],
    }


@operation("codedeploy", "BatchGetApplicationRevisions")
def batch_get_application_revisions(call: Call) -> dict[str, Any]:
    found = [_find(call, location) for location in state.batch(call.params["revisions"], 25)]
    return {"applicationName": call.params["applicationName"], "revisions": [entry for entry in found if entry]}


@operation("codedeploy", "ListApplicationRevisions")
def list_application_revisions(call: Call) -> dict[str, Any]:
    params, application = call.params, state.application(call, call.params["applicationName"])
    entries = [entry for entry in application["revisions"] if _in_bucket(entry, params) and _deployed(call, entry, params)]
    if "sortBy" in params:
        first = min((entry["genericRevisionInfo"]["registerTime"] for entry in entries), default=None)
        entries.sort(
            key=lambda entry: entry["genericRevisionInfo"].get(params["sortBy"], first), reverse=params.get("sortOrder") == "descending"
        )
    return state.page(call, [entry["revisionLocation"] for entry in entries], "revisions")


def _in_bucket(entry: dict[str, Any], params: dict[str, Any]) -> bool:
    place = entry["revisionLocation"].get("s3Location", {})
    if "s3Bucket" in params and place.get("bucket") != params["s3Bucket"]:
        return False
    return str(place.get("key", "")).startswith(params.get("s3KeyPrefix", ""))


def _deployed(call: Call, entry: dict[str, Any], params: dict[str, Any]) -> bool:
    wanted = params.get("deployed", "ignore")
    groups = state.application(call, params["applicationName"])["groups"].values()
    live = any(group.get("targetRevision") == entry["revisionLocation"] for group in groups)
    return bool(wanted == "ignore" or live == (wanted == "include"))
