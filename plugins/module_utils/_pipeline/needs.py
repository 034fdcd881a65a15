# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the program needs of the boto3 that is where it runs. A member that botocore does not know yet fails late, and in other words.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html: images have the boto3 of the day they were made.
"""

from __future__ import annotations

from typing import Any

from .._core.errors import RailyardError
from .._release.environment import Clients, Environment

# Operations by service, with members of their input. "" is the operation itself.
Table = dict[str, dict[str, tuple[str, ...]]]
ALWAYS: Table = {"s3": {"PutObject": ("IfNoneMatch", "IfMatch"), "DeleteObject": ("IfMatch",)}}
BY_ECS: Table = {"ecs": {"UpdateService": ("deploymentConfiguration.strategy",), "ListServiceDeployments": ("",)}}
BY_ECS_WITH_SMOKE_TEST: Table = {"ecs": {"ContinueServiceDeployment": ("",)}}
# The first botocore that has the first table is 1.35.69; 1.40.60 has the second one too, and 1.43.10 all of them.
UPGRADE = "python3 -m pip install --quiet --upgrade 'boto3>=1.43.10'"


def check(env: Environment, clients: Clients) -> None:
    """Raises RailyardError with what the installed botocore does not know."""
    tables = [ALWAYS]
    if env.engine == "ecs":
        tables += [BY_ECS, *([BY_ECS_WITH_SMOKE_TEST] if env.smoke else [])]
    missing = [
        f"{operation} {member}".strip()
        for table in tables
        for service, operations in table.items()
        for operation, members in operations.items()
        for member in members
        if not knows(clients[service].meta.service_model, operation, member)
    ]
    if missing:
        raise RailyardError(
            f"the boto3 of this machine is too old, it does not know {', '.join(missing)}. What to do, before this: {UPGRADE}"
        )


def knows(model: Any, operation: str, member: str) -> bool:
    """Whether a service's model has an operation, with a member of its input (`deploymentConfiguration.strategy`)."""
    if operation not in model.operation_names:
        return False
    found = model.operation_model(operation).input_shape
    for name in member.split(".") if member else ():
        if name not in found.members:
            return False
        found = found.members[name]
    return True
