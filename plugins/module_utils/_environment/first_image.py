# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the declared first image of an environment is in its repository. Checked until an image is live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core.errors import RailyardError
from .._ecr import image as images
from .._ecr.image import NO_DIGEST
from .._ecs import task_definition
from .problem import Problem

PATH = ("railyard_image",)
FIRST = "the first release brings the image: playbooks/deploy.yml -e image=<tag>"


def problems(client_of: Callable[[str], Any], web: list[dict[str, Any]], repository: str, digest: str) -> list[Problem]:
    """A problem when the repository lacks the image. `web`: what engine.live returns. [] once an image is live, which releases choose."""
    try:
        if web and (web[0]["desired_count"] or not _waits(client_of("ecs"), web[0])):
            return []
        gone = images.missing(client_of("ecr"), repository, [digest])
    except RailyardError as error:
        return [Problem(f"AWS does not say whether the image is there: {error.message}", PATH, f"nothing; {FIRST}")]
    right = f"the digest of an image that was pushed to it; or nothing, and {FIRST}"
    return [Problem(f"the repository {repository} has no image {digest}", PATH, right)] if gone else []


def _waits(ecs: Any, web: dict[str, Any]) -> bool:
    """Whether a service has no image yet: its task definition names the placeholder digest."""
    definition = task_definition.describe(ecs, web["live_task_definition"]) if web.get("live_task_definition") else None
    return all(image.endswith(NO_DIGEST) for image in task_definition.images(definition).values())
