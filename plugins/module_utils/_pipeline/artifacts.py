# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that a build hands to CodePipeline's action for CodeDeploy: imageDetail.json, taskdef.json and appspec.yaml.

https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html. The action puts the image into the task definition, registers
it, and puts its ARN into the AppSpec.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .._codedeploy import appspec
from .._core.errors import RailyardError
from .._core.progress import Say
from .._ecr import image as images
from .._ecs import carried, revisions
from .._ecs.revisions import Revision
from .._release import configuration
from .._release.environment import WEB, Clients, Environment

# What the action replaces.
IMAGE, DEFINITION = "<IMAGE1_NAME>", "<TASK_DEFINITION>"


def write(env: Environment, clients: Clients, wanted: str | None, folder: Path, say: Say) -> None:
    """Write the three files, of the image that was pushed (`wanted`: digest, tag or URI), into a folder."""
    image = images.resolve(clients["ecr"], env.repository, wanted, env.architecture)
    newest = revisions.read(clients["ecs"], env.names.family(WEB))
    declared = carried.settings((configuration.read(clients["s3"], env.bucket) or {}).get(WEB, {}))
    files = {
        "imageDetail.json": json.dumps({"ImageURI": image["uri"]}) + "\n",
        "taskdef.json": json.dumps(definition(newest, image["uri"].partition("@")[0]), indent=2) + "\n",
        "appspec.yaml": "\n".join(yaml(appspec.document({**target(newest), **declared, "task_definition": DEFINITION}))) + "\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
        say(f"wrote {name}")


def definition(newest: Revision, repository_uri: str) -> dict[str, Any]:
    """The parameters of RegisterTaskDefinition of the newest revision (see revisions.read), with IMAGE for the environment's image. Pure.

    Raises RailyardError when none of its containers has one.
    """
    given, ours = newest["definition"], (f"{repository_uri}@", f"{repository_uri}:")
    plain = {name: value for name, value in given.items() if name not in revisions.TOLD and value not in (None, [], {})}
    containers = [{**item, "image": IMAGE} if item["image"].startswith(ours) else item for item in given["containerDefinitions"]]
    if not any(item["image"] == IMAGE for item in containers):
        raise RailyardError(
            f"task definition {given['taskDefinitionArn']} has no container with an image of {repository_uri}; run site.yml"
        )
    return {**plain, "containerDefinitions": containers, **({"tags": newest["tags"]} if newest["tags"] else {})}


def target(newest: Revision) -> dict[str, Any]:
    """Container and port of web, where nothing else is declared. Pure."""
    containers = newest["definition"]["containerDefinitions"]
    web = next((item for item in containers if item["name"] == WEB), containers[0])
    ports = [item["containerPort"] for item in web.get("portMappings", [])]
    return {"container": web["name"], "port": next(iter(ports), None)}


def yaml(value: dict[str, Any], indent: int = 0) -> list[str]:
    """Lines of YAML of dicts, lists, texts and numbers. Pure. Texts are in quotes but for what the action replaces as it stands."""
    lines: list[str] = []
    for name, item in value.items():
        lead = f"{' ' * indent}{name}:"
        if isinstance(item, dict):
            lines += [lead, *yaml(item, indent + 2)]
        elif isinstance(item, list):
            lines += [lead, *(line for one in item for line in _item(one, indent + 2))]
        else:
            lines.append(f"{lead} {_scalar(item)}")
    return lines


def _item(one: Any, indent: int) -> list[str]:
    if not isinstance(one, dict):
        return [f"{' ' * indent}- {_scalar(one)}"]
    first, *rest = yaml(one, indent + 2)
    return [f"{' ' * indent}- {first.lstrip()}", *rest]


def _scalar(value: Any) -> str:
    # "TaskDefinition: <TASK_DEFINITION>", and what has no need of quotes, as AWS writes them.
    return value if isinstance(value, str) and (value == DEFINITION or value.startswith("AWS::")) else json.dumps(value)
