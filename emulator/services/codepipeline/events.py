"""Events of state changes: kept, and delivered to the SNS targets of the rules of the default bus that match.

https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html. They come at least once: every
seventh comes twice. Rules with other targets are not served.
"""

from __future__ import annotations

import itertools
from collections import deque
from typing import Any

from ... import registry
from ..events import delivery
from .shapes import ActionRun, Execution

TWICE = 7
_log: deque[dict[str, Any]] = deque(maxlen=1000)
_count = itertools.count(1)
# CodePipeline's word for a state, where events have another one.
STATES = {"Cancelled": "CANCELED", "InProgress": "STARTED", "Abandoned": "ABANDONED"}


def of_pipeline(execution: Execution, word: str) -> None:
    _emit(execution, "Pipeline", word, {})


def of_stage(execution: Execution, stage: str, word: str) -> None:
    _emit(execution, "Stage", word, {"stage": stage})


def of_action(run: ActionRun, word: str) -> None:
    kind = run.declaration["actionTypeId"]
    more: dict[str, Any] = {
        "stage": run.stage.name,
        "action": run.name,
        "action-execution-id": run.id,
        "region": run.declaration["region"],
        "type": {"owner": kind["owner"], "provider": kind["provider"], "category": kind["category"], "version": kind["version"]},
    }
    if run.ended:
        result = {"external-execution-id": run.external_id, "external-execution-url": run.external_url}
        result["external-execution-summary"] = run.summary
        if run.error:
            result.update({"error-code": run.error["code"], "external-execution-summary": run.error["message"]})
        more["execution-result"] = {name: value for name, value in result.items() if value}
    _emit(run.execution, "Action", word, more)


def _emit(execution: Execution, kind: str, word: str, more: dict[str, Any]) -> None:
    kept = execution.pipeline
    detail: dict[str, Any] = {
        "pipeline": kept.name,
        "execution-id": execution.id,
        "start-time": execution.started.isoformat().replace("+00:00", "Z"),
        "state": STATES.get(word, word.upper()),
        "version": float(execution.version),
        "pipeline-execution-attempt": float(execution.attempt),
        **more,
    }
    if kind == "Pipeline":
        detail["execution-trigger"] = _trigger(execution)
        if execution.stop_reason:
            detail["stop-execution-comments"] = execution.stop_reason
    event = delivery.event(kept.call, "aws.codepipeline", f"CodePipeline {kind} Execution State Change", kept.arn, detail)
    _log.append(event)
    for _ in range(2 if next(_count) % TWICE == 0 else 1):
        delivery.deliver(kept.call, event)


def _trigger(execution: Execution) -> dict[str, str]:
    """How it began; of a push, its commit."""
    return {"trigger-type": execution.trigger["triggerType"], "trigger-detail": execution.trigger["triggerDetail"], **execution.pushed}


@registry.control_endpoint("codepipeline-events")
def _kept(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The events so far of a pipeline, of all when none is named."""
    return [event for event in _log if wanted.get("pipeline") in (None, event["detail"]["pipeline"])]


@registry.on_reset
def _forget() -> None:
    global _count
    _log.clear()
    _count = itertools.count(1)
