# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ModifyDBInstance has to be told, and what it can never be told. Pure.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
"""

from __future__ import annotations

from typing import Any

from .._core.errors import RailyardError

SETTINGS = (
    "db_instance_class",
    "max_allocated_storage",
    "storage_type",
    "multi_az",
    "publicly_accessible",
    "backup_retention_period",
    "deletion_protection",
    "auto_minor_version_upgrade",
    "copy_tags_to_snapshot",
    "db_parameter_group_name",
    "enable_performance_insights",
    "performance_insights_retention_period",
    "preferred_backup_window",
    "preferred_maintenance_window",
)
FIXED = ("engine", "db_name", "master_username", "db_subnet_group_name", "storage_encrypted")


def changes(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """What differs, by our names. Compares with what is pending where something is (rule RDS-15); None is untouched."""
    _refuse(wanted, live)
    current = {**live, **live["pending_modified_values"]}
    changed = {key: wanted[key] for key in SETTINGS if wanted[key] is not None and wanted[key] != current.get(key)}
    if not wanted["enable_performance_insights"]:
        changed.pop("performance_insights_retention_period", None)
    if set(wanted["vpc_security_group_ids"] or []) - set(live["vpc_security_group_ids"]) or _surplus(wanted, live):
        changed["vpc_security_group_ids"] = sorted(wanted["vpc_security_group_ids"])
    if _grows(wanted, current):
        changed["allocated_storage"] = wanted["allocated_storage"]
    if wanted["engine_version"] is not None and not same_version(wanted["engine_version"], current["engine_version"]):
        changed["engine_version"] = wanted["engine_version"]
    logs = wanted["enable_cloudwatch_logs_exports"]
    if logs is not None and sorted(logs) != current["enable_cloudwatch_logs_exports"]:
        changed["enable_cloudwatch_logs_exports"] = sorted(logs)
    return changed


def _surplus(wanted: dict[str, Any], live: dict[str, Any]) -> bool:
    groups = wanted["vpc_security_group_ids"]
    return groups is not None and bool(set(live["vpc_security_group_ids"]) - set(groups))


def _grows(wanted: dict[str, Any], current: dict[str, Any]) -> bool:
    """Storage only grows. When RDS may grow it by itself, more than was declared is as it should be (rule RDS-8)."""
    asked, has = wanted["allocated_storage"], current["allocated_storage"]
    if asked is None or asked == has:
        return False
    if asked < has:
        if (wanted["max_allocated_storage"] or 0) >= has:
            return False
        raise RailyardError(
            f"{wanted['db_instance_identifier']} has {has} GiB, which cannot become {asked}: storage never shrinks", live=current
        )
    return True


def same_version(asked: str, has: str) -> bool:
    """Whether the version that is there is as asked: 17 means any 17.x, and a later minor version of 17.4 is not taken back."""
    wanted, live = _parts(asked), _parts(has)
    return live[0] == wanted[0] and live >= wanted


def _parts(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _refuse(wanted: dict[str, Any], live: dict[str, Any]) -> None:
    name = wanted["db_instance_identifier"]
    for key in FIXED:
        if wanted[key] is not None and wanted[key] != live[key]:
            message = f"{name} has {key} {live[key]}, which cannot become {wanted[key]} in place; restore a snapshot under another name"
            raise RailyardError(message, live=live)
    key_id = wanted["kms_key_id"]
    if key_id and not key_id.startswith("alias/") and not (live["kms_key_id"] or "").endswith(key_id):
        raise RailyardError(f"{name} is encrypted with {live['kms_key_id']}, which cannot become {key_id} in place", live=live)
    asked = wanted["engine_version"]
    if asked is not None and _parts(asked)[0] != _parts(live["engine_version"])[0]:
        message = f"{name} runs {live['engine']} {live['engine_version']}; {asked} is a major upgrade: rehearse it on a snapshot"
        raise RailyardError(message, live=live)
