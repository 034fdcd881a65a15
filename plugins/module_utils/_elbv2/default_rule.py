# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default rule of a listener, which ECS's own blue/green wants to be told. Only DescribeRules knows its ARN.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AdvancedConfiguration.html (rule ECS-N2)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import aws
from .._core.errors import RailyardError

RULES = ("production_listener_rule", "test_listener_rule")


def find(client: Any, listener: str) -> str:
    """The ARN of a listener's default rule. Raises RailyardError when there is no such listener."""
    rules = aws.pages(client, "DescribeRules", "Rules", {"ListenerNotFound"}, ListenerArn=listener)
    arn = next((rule["RuleArn"] for rule in rules if rule["IsDefault"]), None)
    if arn is None:
        raise RailyardError(f"there is no listener {listener}")
    return str(arn)


def resolve(connect: Callable[[], Any], balancers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Load balancers of a service in our shape, with the default rule in the place of an Application Load Balancer's listener.

    `connect` makes the client of elbv2, when it has to be asked.
    """
    return [{**item, "advanced_configuration": _rules(connect, item.get("advanced_configuration"))} for item in balancers]


def _rules(connect: Callable[[], Any], advanced: dict[str, Any] | None) -> dict[str, Any] | None:
    if not advanced:
        return None
    listeners = {name: arn for name in RULES if ":listener/app/" in (arn := advanced.get(name) or "")}
    client = connect() if listeners else None
    return {**advanced, **{name: find(client, arn) for name, arn in listeners.items()}}
