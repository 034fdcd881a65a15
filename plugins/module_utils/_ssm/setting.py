# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Systems Manager for a whole account and Region. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ServiceSetting.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape
from .._core.errors import RailyardError
from .._core.plan import Plan, Step

# Sessions to nodes outside EC2 need the advanced tier, which costs for each such node and hour (rule SSM-A6).
TIER = "/ssm/managed-instance/activation-tier"
VALUES = {TIER: ("standard", "advanced")}


def find(client: Any, name: str) -> dict[str, Any]:
    """The setting in our shape: setting_id, setting_value, status and who changed it when. Raises RailyardError for an unknown name."""
    found = aws.find(client, "GetServiceSetting", {"ServiceSettingNotFound"}, SettingId=name)
    if found is None:
        raise RailyardError(f"Systems Manager has no setting {name}; {TIER} is one", "ServiceSettingNotFound")
    live: dict[str, Any] = shape.ours(shape.output_shape(client, "GetServiceSetting", "ServiceSetting"), found["ServiceSetting"])
    return live


def tier(client: Any) -> str:
    """`standard` or `advanced`, which it also is while somebody's change to it is on its way."""
    found = find(client, TIER)
    return str("advanced" if found["status"] == "PendingUpdate" else found["setting_value"])


def make_plan(wanted: dict[str, Any], live: dict[str, Any]) -> Plan:
    """`wanted`: name and value."""
    name, value = wanted["name"], wanted["value"]
    allowed = VALUES.get(name)
    if allowed and value not in allowed:
        raise RailyardError(f"{name} cannot be {value!r}; it is {' or '.join(allowed)}")
    if live["setting_value"] == value:
        return Plan(live, live)
    return Plan(live, {**live, "setting_value": value}, (Step("UpdateServiceSetting", {"SettingId": name, "SettingValue": value}),))
