# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image that is built on this machine of a commit and pushed to its repository, as a pipeline does it, unless it is there already.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._core.progress import Say
from . import builder, image
from .source import Source

# Names that GetParameters takes at once.
MOST = 10


@dataclass(frozen=True)
class Wanted:
    """`options`: words of `docker buildx build`. `parameters`: names in Parameter Store, by variable of the builder.
    `program`: docker or buildah; None is the first that works."""

    repository: str
    context: str
    options: tuple[str, ...]
    parameters: Mapping[str, str]
    program: str | None


def known(ecr: Any, repository: str, source: Source) -> dict[str, Any]:
    """The image of a source as far as it is there: {tag, commit, digest, uri}; without a digest there is none yet."""
    where, digest = image.location(ecr, repository), image.digest_of(ecr, repository, source.tag)
    return {
        "tag": source.tag,
        "commit": source.revision,
        "digest": digest,
        "uri": f"{where}@{digest}" if digest else f"{where}:{source.tag}",
    }


def build(ecr: Any, ssm: Callable[[], Any], wanted: Wanted, source: Source, say: Say) -> dict[str, Any]:
    """Build, push and read the digest back: `known` of it. Raises RailyardError with the last lines of what has failed."""
    program = builder.find(wanted.program)
    where = image.location(ecr, wanted.repository)
    secrets = _values(ssm(), wanted.parameters) if wanted.parameters else {}
    runner = builder.Runner(source.folder, secrets, say)
    replace(runner, say=lambda line: None).run(builder.login(program, where.partition("/")[0]), _password(ecr))
    label = ("--label", f"{image.REVISION}={source.revision}")
    for command in builder.commands(program, builder.Order((*wanted.options, *label), f"{where}:{source.tag}", wanted.context)):
        runner.run(command)
    found = known(ecr, wanted.repository, source)
    if not found["digest"]:
        raise RailyardError(f"{program} has pushed the image, and the repository {wanted.repository} does not have the tag {source.tag}")
    return found


def _password(ecr: Any) -> str:
    """Twelve hours of access to the registry."""
    (given,) = aws.call(ecr, "GetAuthorizationToken")["authorizationData"]
    return base64.b64decode(given["authorizationToken"]).decode().partition(":")[2]


def _values(ssm: Any, parameters: Mapping[str, str]) -> dict[str, str]:
    """Values by variable. Raises RailyardError with the names that are not there."""
    names, found = sorted(set(parameters.values())), dict[str, str]()
    for start in range(0, len(names), MOST):
        answer = aws.call(ssm, "GetParameters", Names=names[start : start + MOST], WithDecryption=True)
        found |= {each["Name"]: each["Value"] for each in answer["Parameters"]}
    if absent := [name for name in names if name not in found]:
        raise RailyardError(f"Parameter Store has no {', '.join(absent)}, which pipeline_build_secrets names")
    return {variable: found[name] for variable, name in parameters.items()}
