# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ModifyDBInstance has to be told, and what it can never be told. Pure.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
"""

from __future__ import annotations

from collections.abc import Iterator
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
    "engine_lifecycle_support",
)
# GiB from which on gp3 is striped over several volumes, and how fast it then is at least.
STRIPED, LEAST_IOPS, LEAST_THROUGHPUT = 400, 12000, 500
FIXED = ("engine", "db_name", "master_username", "db_subnet_group_name", "storage_encrypted")


def changes(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """What differs, by our names. Compares with what is pending where something is (rule RDS-15); None is untouched."""
    for _option, message in refusals(wanted, live):
        raise RailyardError(message, live=live)
    current = {**live, **live["pending_modified_values"]}
    changed = {key: wanted[key] for key in SETTINGS if wanted[key] is not None and wanted[key] != current.get(key)}
    if live.get("engine_lifecycle_support") is None:
        # An older RDS, or botocore, does not say it.
        changed.pop("engine_lifecycle_support", None)
    if overtaken(wanted["engine_version"], live):
        # It is of a family that does not fit any more.
        changed.pop("db_parameter_group_name", None)
    if not wanted["enable_performance_insights"]:
        changed.pop("performance_insights_retention_period", None)
    if set(wanted["vpc_security_group_ids"] or []) - set(live["vpc_security_group_ids"]) or _surplus(wanted, live):
        changed["vpc_security_group_ids"] = sorted(wanted["vpc_security_group_ids"])
    asked = wanted["allocated_storage"]
    if asked is not None and asked > live["allocated_storage"] and asked != current["allocated_storage"]:
        changed["allocated_storage"] = asked
    version = wanted["engine_version"]
    if version is not None and not same_version(version, current["engine_version"]) and not overtaken(version, live):
        changed["engine_version"] = version
    logs = wanted["enable_cloudwatch_logs_exports"]
    if logs is not None and sorted(logs) != exports(live):
        changed["enable_cloudwatch_logs_exports"] = sorted(logs)
    return changed


def exports(live: dict[str, Any]) -> list[str]:
    """The logs that are exported once what is pending is done."""
    pending = live["pending_modified_values"].get("pending_cloudwatch_logs_exports", {})
    logs = set(live["enable_cloudwatch_logs_exports"]) | set(pending.get("log_types_to_enable", []))
    return sorted(logs - set(pending.get("log_types_to_disable", [])))


def kept(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What RDS has changed by itself within its bounds, and is kept: what is declared and what is there, by option."""
    found: dict[str, dict[str, Any]] = {}
    asked, version = wanted["allocated_storage"], wanted["engine_version"]
    if asked is not None and asked < live["allocated_storage"]:
        found["allocated_storage"] = {"declared": asked, "live": live["allocated_storage"]}
    if overtaken(version, live) or (version is not None and "." in version and _parts(version) < _parts(live["engine_version"])):
        found["engine_version"] = {"declared": version, "live": live["engine_version"]}
    return found


def speed(changed: dict[str, Any], live: dict[str, Any]) -> dict[str, int]:
    """What RDS wants to hear together with a new size: the speed of storage that has one of its own (rule RDS-8)."""
    size, kind = changed.get("allocated_storage"), changed.get("storage_type") or live["storage_type"]
    if size is None or kind not in ("gp3", "io1", "io2") or (kind == "gp3" and size < STRIPED):
        return {}
    iops, throughput = live.get("iops"), live.get("storage_throughput")
    if kind == "gp3" and live["allocated_storage"] < STRIPED:
        return {"iops": LEAST_IOPS, "storage_throughput": LEAST_THROUGHPUT}
    return {**({"iops": iops} if iops else {}), **({"storage_throughput": throughput} if throughput and kind == "gp3" else {})}


def _surplus(wanted: dict[str, Any], live: dict[str, Any]) -> bool:
    groups = wanted["vpc_security_group_ids"]
    return groups is not None and bool(set(live["vpc_security_group_ids"]) - set(groups))


def same_version(asked: str, has: str) -> bool:
    """Whether the version that is there is as asked: 17 means any 17.x, and a later minor version of 17.4 is not taken back."""
    wanted, live = _parts(asked), _parts(has)
    return live[0] == wanted[0] and live >= wanted


def overtaken(asked: str | None, live: dict[str, Any]) -> bool:
    """Whether the live major version is a later one. RDS upgrades by itself when the support of one ends, and nobody takes that back."""
    return asked is not None and _parts(asked)[0] < _parts(live["engine_version"])[0]


def _parts(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def refusals(wanted: dict[str, Any], live: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a live instance can never become, or not as asked: the option and why. `wanted` has those that are asked for."""
    name = wanted["db_instance_identifier"]
    for key in FIXED:
        if wanted.get(key) is not None and wanted[key] != live[key]:
            yield key, f"{name} has {key} {live[key]}, which cannot become {wanted[key]} in place; restore a snapshot under another name"
    key_id = wanted.get("kms_key_id")
    if key_id and not key_id.startswith("alias/") and not (live["kms_key_id"] or "").endswith(key_id):
        yield "kms_key_id", f"{name} is encrypted with {live['kms_key_id']}, which cannot become {key_id} in place"
    asked = wanted.get("engine_version")
    if asked is not None and _parts(asked)[0] > _parts(live["engine_version"])[0]:
        what = f"{name} runs {live['engine']} {live['engine_version']}; {asked} is a major upgrade: rehearse it on a snapshot"
        yield "engine_version", what
    yield from _storage(name, wanted, live)


def _storage(name: str, wanted: dict[str, Any], live: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Storage only grows; what is less than a tenth, RDS makes a tenth (rule RDS-8). What RDS has grown within its bounds is kept."""
    asked, has, most = wanted.get("allocated_storage"), live["allocated_storage"], wanted.get("max_allocated_storage")
    pending = live["pending_modified_values"].get("allocated_storage")
    least = -(-has * 11 // 10)
    if asked is None or asked == pending:
        return
    if most is not None and most < has:
        yield "max_allocated_storage", f"{name} has {has} GiB, more than the {most} up to which it may grow by itself"
    elif asked < has and (most or live["max_allocated_storage"] or 0) < has:
        yield "allocated_storage", f"{name} has {has} GiB, which cannot become {asked}: storage never shrinks; declare {has}"
    elif has < asked < least:
        what = f"{name} has {has} GiB, and RDS makes {least} of {asked}, because storage grows by a tenth at least"
        yield "allocated_storage", f"{what}; declare {has}, or {least} or more"
    elif asked == has and pending:
        yield "allocated_storage", f"{name} grows to {pending} GiB in its maintenance window, and storage never shrinks; declare {pending}"
