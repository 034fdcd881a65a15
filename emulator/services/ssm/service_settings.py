"""Settings of Systems Manager that hold for an account and a Region.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetServiceSetting.html
"""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal

TIER = "/ssm/managed-instance/activation-tier"
# Those that we know, with what they are by default and may be.
SETTINGS = {
    TIER: ("standard", ("standard", "advanced")),
    "/ssm/parameter-store/default-parameter-tier": ("Standard", ("Standard", "Advanced", "Intelligent-Tiering")),
    "/ssm/parameter-store/high-throughput-enabled": ("false", ("true", "false")),
    "/ssm/documents/console/public-sharing-permission": ("Disable", ("Enable", "Disable")),
}


# Seconds of AWS's time for which a change is PendingUpdate, and what was before still holds.
PENDING = 5.0


def value(call: Call, name: str) -> str:
    """The value that holds at this moment."""
    changed = _changed(call).get(name, {"value": SETTINGS[name][0]})
    found: str = changed["before"] if _pending(changed) else changed["value"]
    return found


def _pending(changed: dict[str, Any]) -> bool:
    return "since" in changed and (world.clock.now() - changed["since"]) * world.clock.speed < PENDING


def _changed(call: Call) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = world.store("ssm", call).setdefault("settings", {})
    return found


def _name(call: Call) -> str:
    wanted: str = call.params["SettingId"]
    name = wanted.partition(":servicesetting")[2] if wanted.startswith("arn:") else wanted
    if name not in SETTINGS:
        raise Refusal("ServiceSettingNotFound", f"The specified service setting wasn't found: {wanted}")
    return name


def _shown(call: Call, name: str) -> dict[str, Any]:
    changed = _changed(call).get(name)
    return {
        "SettingId": name,
        "SettingValue": changed["value"] if changed else SETTINGS[name][0],
        "LastModifiedDate": changed["date"] if changed else world.clock.utc(),
        "LastModifiedUser": f"arn:aws:iam::{call.account}:root" if changed else "System",
        "ARN": call.arn("ssm", f"servicesetting{name}"),
        "Status": "PendingUpdate" if changed and _pending(changed) else "Customized" if changed else "Default",
    }


@operation("ssm", "GetServiceSetting")
def get_service_setting(call: Call) -> dict[str, Any]:
    return {"ServiceSetting": _shown(call, _name(call))}


@operation("ssm", "UpdateServiceSetting")
def update_service_setting(call: Call) -> dict[str, Any]:
    name, wanted = _name(call), call.params["SettingValue"]
    if wanted not in SETTINGS[name][1]:
        raise Refusal("ValidationException", f"Invalid service setting value: {wanted}")
    before = value(call, name)
    _changed(call)[name] = {"value": wanted, "before": before, "since": world.clock.now(), "date": world.clock.utc()}
    return {}


@operation("ssm", "ResetServiceSetting")
def reset_service_setting(call: Call) -> dict[str, Any]:
    name = _name(call)
    _changed(call).pop(name, None)
    return {"ServiceSetting": _shown(call, name)}
