# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build: its phases, why it failed, and what it cost. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from .._core import aws, partition
from .._ecs.stopped_task import LogStream
from . import build_log, cost

AT_ONCE = 100
ENDED = ("SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED")
LOST = ("FAILED", "FAULT", "TIMED_OUT")


class Phase(TypedDict):
    """`phase_type` and `phase_status` are AWS's; `seconds` None before its end; `reason`: code and words of a failure, "" without."""

    phase_type: str
    phase_status: str | None
    seconds: int | None
    reason: str


class Build(TypedDict):
    """A build, with AWS's names where it has one. Times are in ISO 8601, None when not known yet; `cost` in USD, None when not known.

    `phase`: the first that failed, "" without; `reason`: why, "" without; `lines`: the last lines before it, [] unless read.
    """

    id: str
    arn: str
    project_name: str
    build_number: int | None
    build_status: str
    current_phase: str
    start_time: str | None
    end_time: str | None
    seconds: float | None
    source_version: str
    resolved_source_version: str
    initiator: str
    environment_type: str
    compute_type: str
    phases: list[Phase]
    exported_environment_variables: dict[str, str]
    phase: str
    reason: str
    lines: list[str]
    log_group: str
    log_stream: str
    log_url: str
    console_url: str
    cost: float | None


def read(codebuild: Any, ids: list[str]) -> list[Build]:
    """The builds of these ids that are there, in their order."""
    answers = aws.concurrently(lambda some: aws.call(codebuild, "BatchGetBuilds", ids=some), aws.batches(list(dict.fromkeys(ids)), AT_ONCE))
    found = {one["id"]: shape(one) for answer in answers for one in answer.get("builds", [])}
    return [found[one] for one in ids if one in found]


def shape(one: dict[str, Any]) -> Build:
    """A build of BatchGetBuilds or StartBuild in our shape. Pure."""
    phases = [_phase(phase) for phase in one.get("phases", [])]
    failed = next((phase for phase in phases if phase["phase_status"] in LOST), None)
    start, end, environment = one.get("startTime"), one.get("endTime"), one.get("environment", {})
    seconds = (end - start).total_seconds() if start and end else None
    logs, region = one.get("logs", {}), one["arn"].split(":")[3]
    kind, size = environment.get("type", ""), environment.get("computeType", "")
    place: LogStream = {"logGroupName": logs.get("groupName", ""), "logStreamName": logs.get("streamName", "")}
    return {
        "id": one["id"],
        "arn": one["arn"],
        "project_name": one.get("projectName", ""),
        "build_number": one.get("buildNumber"),
        "build_status": one.get("buildStatus", "IN_PROGRESS"),
        "current_phase": one.get("currentPhase", ""),
        "start_time": _text(start),
        "end_time": _text(end),
        "seconds": seconds,
        "source_version": one.get("sourceVersion", ""),
        "resolved_source_version": one.get("resolvedSourceVersion", ""),
        "initiator": one.get("initiator", ""),
        "environment_type": kind,
        "compute_type": size,
        "phases": phases,
        "exported_environment_variables": {item["name"]: item.get("value", "") for item in one.get("exportedEnvironmentVariables", [])},
        "phase": failed["phase_type"] if failed else "",
        "reason": failed["reason"] if failed else "",
        "lines": [],
        "log_group": place["logGroupName"],
        "log_stream": place["logStreamName"],
        "log_url": build_log.url(region, place),
        "console_url": console_url(one["arn"]),
        "cost": None if seconds is None else cost.of_build(kind, size, seconds),
    }


def _phase(phase: dict[str, Any]) -> Phase:
    said = [f"{one.get('statusCode', '')}: {one.get('message', '')}".strip(": ") for one in phase.get("contexts", [])]
    reason = "; ".join(one for one in said if one)
    failed = phase.get("phaseStatus") in LOST
    return {
        "phase_type": phase["phaseType"],
        "phase_status": phase.get("phaseStatus"),
        "seconds": phase.get("durationInSeconds"),
        "reason": reason if failed else "",
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def console_url(arn: str) -> str:
    """Where the console shows a build. Pure."""
    region, account = arn.split(":")[3:5]
    identity = arn.partition(":build/")[2]
    project = identity.partition(":")[0]
    return partition.console(
        region, f"codesuite/codebuild/{account}/projects/{project}/build/{identity.replace(':', '%3A')}/?region={region}"
    )


def with_lines(logs: Any, build: Build) -> Build:
    """A build that failed with the last lines of its log."""
    if build["build_status"] not in LOST:
        return build
    place: LogStream = {"logGroupName": build["log_group"], "logStreamName": build["log_stream"]}
    return {**build, "lines": build_log.last_lines(logs, place)}


def failure(build: Build) -> str:
    """One sentence about a build that did not succeed, with AWS's words. Pure."""
    said = f"build {build['id']} {build['build_status'].lower().replace('_', ' ')}"
    return f"{said} in {build['phase']}: {build['reason'] or 'AWS gives no reason'}" if build["phase"] else said
