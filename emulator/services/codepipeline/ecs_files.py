"""Files of artifacts that deploy actions read: taskdef.json, appspec.yaml, imageDetail.json, imagedefinitions.json.

https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html
"""

from __future__ import annotations

import json
from typing import Any

from ...wire import service_model
from . import artifacts
from .actions import ActionError
from .shapes import ActionRun

# Bytes of an artifact, zipped, that a deploy action to ECS reads.
MOST = 3 * 1024 * 1024
NO_DEFINITION = "Exception while trying to read the task definition artifact file from: {artifact}"
NO_APPSPEC = "Exception while trying to read the appspec artifact file from: {artifact}"
NO_IMAGE = "Exception while trying to read the image artifact file from the artifact: {artifact}."
IMAGES = 4


def read(files: dict[str, bytes], artifact: str, name: str, missing: str) -> str:
    """A file of an artifact as text. Raises ActionError with AWS's words where it is not there, or the artifact is too large."""
    data = files.get(artifact)
    found = None if data is None or len(data) > MOST else artifacts.unpacked(data, name)
    try:
        if found is not None:
            return found.decode()
    except UnicodeDecodeError:
        pass
    raise ActionError("ConfigurationError", missing.format(artifact=artifact))


def definition(run: ActionRun, files: dict[str, bytes]) -> dict[str, Any]:
    """CP-13: parameters of RegisterTaskDefinition, with the images of imageDetail.json in the place of their names."""
    known = run.resolved
    artifact = known["TaskDefinitionTemplateArtifact"]
    text = read(files, artifact, known.get("TaskDefinitionTemplatePath", "taskdef.json"), NO_DEFINITION)
    for number in range(1, IMAGES + 1):
        source, name = known.get(f"Image{number}ArtifactName"), known.get(f"Image{number}ContainerName")
        if source and not name:
            raise ActionError("ConfigurationError", f"Action configuration is missing 'Image{number}ContainerName' configuration.")
        if source:
            text = text.replace(f"<{name}>", _image(files, source))
    return _parsed(text, artifact)


def _image(files: dict[str, bytes], artifact: str) -> str:
    """CP-13: the value of ImageURI, with exactly this key."""
    words = NO_IMAGE.format(artifact=artifact)
    try:
        found = json.loads(read(files, artifact, "imageDetail.json", NO_IMAGE))["ImageURI"]
    except (ValueError, KeyError, TypeError):
        raise ActionError("ConfigurationError", words) from None
    if not isinstance(found, str):
        raise ActionError("ConfigurationError", words)
    return found


def _parsed(text: str, artifact: str) -> dict[str, Any]:
    """CP-13: nothing that RegisterTaskDefinition does not take."""
    words = NO_DEFINITION.format(artifact=artifact)
    try:
        found = json.loads(text)
    except ValueError:
        raise ActionError("ConfigurationError", words) from None
    if not isinstance(found, dict):
        raise ActionError("ConfigurationError", words)
    shape = service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
    unknown = sorted(found.keys() - shape.members.keys())  # type: ignore[union-attr]
    if unknown:
        raise ActionError("ConfigurationError", f"The task definition file has members that cannot be registered: {', '.join(unknown)}")
    return found


def appspec(run: ActionRun, files: dict[str, bytes], task_definition: str) -> str:
    """CP-13: the AppSpec, with the new task definition in the place of <TASK_DEFINITION>."""
    known = run.resolved
    text = read(files, known["AppSpecTemplateArtifact"], known.get("AppSpecTemplatePath", "appspec.yaml"), NO_APPSPEC)
    return text.replace("<TASK_DEFINITION>", task_definition)


def image_definitions(run: ActionRun, files: dict[str, bytes]) -> dict[str, str]:
    """CP-13: image by the name of its container."""
    name, (artifact, data) = run.resolved.get("FileName", "imagedefinitions.json"), next(iter(files.items()))
    found = artifacts.unpacked(data, name)
    if found is None:
        at = run.inputs[artifact]
        text = (
            f"Did not find the image definition file {name} in the input artifacts ZIP file. Verify the file is stored in your pipeline's "
            f"Amazon S3 artifact bucket: {at['bucket']} key: {at['key']}"
        )
        raise ActionError("ConfigurationError", text)
    try:
        images = {each["name"]: each["imageUri"] for each in json.loads(found)}
    except (ValueError, KeyError, TypeError):
        images = {}
    if not images or len(found) > 100 * 1024:
        raise ActionError("ConfigurationError", f"The image definition file {name} contains invalid JSON format")
    return images
