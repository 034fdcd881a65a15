# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of the actions that deploy to ECS.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .providers import DEPLOY_TO_ECS, ECS
from .rules_artifacts import names
from .rules_structure import place
from .structure import Structure, actions_of, kind

IMAGE = re.compile(r"Image(\d*)(ArtifactName|ContainerName)")
MOST_IMAGES = 4
ARTIFACTS = re.compile(r"TaskDefinitionTemplateArtifact|AppSpecTemplateArtifact|Image[1-4]ArtifactName")


def _named(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        if kind(action)[2] != DEPLOY_TO_ECS:
            continue
        given = names(action, "input_artifacts")
        for key, value in action.get("configuration", {}).items():
            if ARTIFACTS.fullmatch(key) and value not in given:
                yield f"{place(stage, action)}, configuration.{key}: {value} is none of the inputs; {', '.join(given) or 'there are none'}"


def _images(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        if kind(action)[2] != DEPLOY_TO_ECS:
            continue
        where, given = f"{place(stage, action)}, configuration", action.get("configuration", {})
        found = {key: IMAGE.fullmatch(key) for key in given}
        for key, match in found.items():
            if match and match.group(1) not in map(str, range(1, MOST_IMAGES + 1)):
                yield f"{where}.{key}: AWS takes at most {MOST_IMAGES} images, Image1 to Image{MOST_IMAGES}"
            elif match:
                other = f"Image{match.group(1)}{'ContainerName' if match.group(2) == 'ArtifactName' else 'ArtifactName'}"
                if other not in given:
                    right = "the artifact has imageDetail.json, the container's name is the placeholder in the task definition"
                    yield f"{where}: {key} without {other}; {right}"


def _files(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        file = action.get("configuration", {}).get("FileName", "")
        if kind(action)[2] == ECS and "imagedetail" in file.lower():
            yield f"{place(stage, action)}, configuration.FileName: {file} is for {DEPLOY_TO_ECS}; ECS reads imagedefinitions.json"


RULES = (_named, _images, _files)
