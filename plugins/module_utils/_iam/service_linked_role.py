# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service-linked roles, one per service and account. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html"""

from __future__ import annotations

import re
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._core.plan import Plan, Step

PATH = "/aws-service-role/"
SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")


def find(client: Any, services: list[str]) -> list[dict[str, Any]]:
    """The roles of these services that exist, in the order of `services`. AWS keeps each under a path that names its service."""
    roles = aws.pages(client, "ListRoles", "Roles", PathPrefix=PATH)
    by_path = {role["Path"]: role for role in roles}
    found = [(service, by_path.get(f"{PATH}{service}/")) for service in services]
    return [{"service": service, "role_name": role["RoleName"], "arn": role["Arn"]} for service, role in found if role]


def make_plan(client: Any, services: list[str], live: list[dict[str, Any]]) -> Plan:
    """AWS makes most of these roles by itself, sometimes at the same moment: InvalidInput "has been taken" is success (rule IAM-10)."""
    strange = [service for service in services if not SERVICE.fullmatch(service)]
    if strange:
        raise RailyardError(f"{', '.join(strange)} is no service principal; rds.amazonaws.com is one")
    missing = [service for service in services if service not in {role["service"] for role in live}]
    steps = tuple(Step("CreateServiceLinkedRole", {"AWSServiceName": service}, already=("InvalidInput",)) for service in missing)
    return Plan(live, [*live, *({"service": service} for service in missing)], steps)
