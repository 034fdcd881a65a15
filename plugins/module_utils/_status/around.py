# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is around the services: pipeline, alarms, database, lock, consoles and certificates, in few words. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, TypedDict

from .._release.lock_state import HELD, Shown


class Pipeline(TypedDict):
    """The newest execution. `stage`: where it is or ended. `waits`: what a person has to approve, None without one."""

    name: str
    execution_id: str
    status: str
    stage: str | None
    commit: str | None
    message: str | None
    started_at: str | None
    waits: str | None


class Alarm(TypedDict):
    """`state`: OK, ALARM or INSUFFICIENT_DATA. `reason`: AWS's words. `acts`: whether its actions are enabled."""

    name: str
    state: str
    reason: str
    since: str | None
    acts: bool


class Database(TypedDict):
    """Storage in GiB and `free_bytes`; the numbers are None where AWS has none. `pending`: what will be changed, in words."""

    name: str
    status: str
    engine: str
    instance_class: str
    storage: int | None
    max_storage: int | None
    free_bytes: float | None
    connections: float | None
    cpu_percent: float | None
    pending: list[str]


class Lock(TypedDict):
    """`alive`: whether its holder is known to be."""

    status: str
    alive: bool
    requested_by: str | None
    reason: str | None
    since: str | None
    release: int | None


class Console(TypedDict):
    """The node of a console, and who has opened it when (ISO 8601)."""

    node: str
    console: str
    requested_by: str | None
    since: str | None


class Certificate(TypedDict):
    """`days` until it ends, None before it is issued."""

    domain: str
    status: str
    days: int | None
    renewal: str | None


def pipeline(name: str, newest: dict[str, Any], state: dict[str, Any], waits: Any) -> Pipeline:
    """`newest`: of ListPipelineExecutions; `state`: GetPipelineState; `waits`: as execution.waiting_approval returns it."""
    identity = newest["pipelineExecutionId"]
    own = [one for one in state.get("stageStates", []) if one.get("latestExecution", {}).get("pipelineExecutionId") == identity]
    there = next((one for one in own if one["latestExecution"]["status"] in ("InProgress", "Stopping", "Failed")), own[-1] if own else None)
    source: dict[str, Any] = next(iter(newest.get("sourceRevisions", [])), {})
    return {
        "name": name,
        "execution_id": identity,
        "status": newest["status"],
        "stage": there["stageName"] if there else None,
        "commit": source.get("revisionId"),
        "message": message(source.get("revisionSummary")),
        "started_at": _moment(newest.get("startTime")),
        "waits": f"{waits['stage']}, {waits['action']}" if waits else None,
    }


def message(summary: str | None) -> str | None:
    """The first line of a commit's message. CodeConnections has it in JSON."""
    if not summary:
        return None
    try:
        text = str(json.loads(summary).get("CommitMessage", "")) if summary.startswith("{") else summary
    except ValueError:
        text = summary
    return next(iter(text.splitlines()), None)


def alarm(found: dict[str, Any]) -> Alarm:
    return {
        "name": found["AlarmName"],
        "state": found.get("StateValue", "INSUFFICIENT_DATA"),
        "reason": found.get("StateReason", ""),
        "since": _moment(found.get("StateTransitionedTimestamp") or found.get("StateUpdatedTimestamp")),
        "acts": bool(found.get("ActionsEnabled", True)),
    }


def database(live: dict[str, Any], pending: list[dict[str, Any]], numbers: dict[str, float | None]) -> Database:
    """`live`: as _rds/instance.py shapes it; `pending`: of DescribePendingMaintenanceActions; `numbers`: by name."""
    actions = [one for resource in pending for one in resource.get("PendingMaintenanceActionDetails", [])]
    changes = [f"{name.replace('_', ' ')} becomes {value}" for name, value in live["pending_modified_values"].items()]
    return {
        "name": live["db_instance_identifier"],
        "status": live["db_instance_status"],
        "engine": f"{live['engine']} {live['engine_version']}",
        "instance_class": live["db_instance_class"],
        "storage": live["allocated_storage"],
        "max_storage": live["max_allocated_storage"],
        "free_bytes": numbers.get("free_bytes"),
        "connections": numbers.get("connections"),
        "cpu_percent": numbers.get("cpu_percent"),
        "pending": [*changes, *(_maintenance(one) for one in actions)],
    }


def _maintenance(found: dict[str, Any]) -> str:
    due = _moment(found.get("CurrentApplyDate") or found.get("ForcedApplyDate") or found.get("AutoAppliedAfterDate"))
    words = found.get("Description") or found.get("Action", "")
    return f"{words} ({found.get('Action')}), {'at ' + due[:10] if due else 'in the maintenance window that somebody chooses'}"


def lock(found: Shown) -> Lock:
    return {
        "status": found["status"],
        "alive": found["status"] == HELD,
        "requested_by": found["requested_by"] or found["abandoned"],
        "reason": found["reason"],
        "since": found["since"],
        "release": found["release"],
    }


def console(found: dict[str, Any], labels: dict[str, str]) -> Console:
    return {
        "node": found["instance_id"],
        "console": labels["console"],
        "requested_by": labels.get("requested-by") or labels.get("person"),
        "since": found.get("registration_date"),
    }


def certificate(found: dict[str, Any], now: datetime) -> Certificate:
    ends: datetime | None = found.get("NotAfter")
    renewal = (found.get("RenewalSummary") or {}).get("RenewalStatus")
    return {
        "domain": found["DomainName"],
        "status": found["Status"],
        "days": (ends - now).days if ends else None,
        "renewal": renewal,
    }


def _moment(value: Any) -> str | None:
    return str(value.isoformat(timespec="seconds")) if hasattr(value, "isoformat") else None
