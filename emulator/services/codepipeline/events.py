"""Events of state changes: kept, and delivered to the SNS targets of the rules of the default bus that match.

https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html. They come at least once: every
seventh comes twice. Rules with other targets are not served.
"""

from __future__ import annotations

import itertools
import json
from collections import deque
from typing import Any

from ... import registry, world
from ...authority.decision import Principal
from ...wire import Call
from ..iam import authority
from .shapes import ActionRun, Execution, new_id

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
    event = {
        "version": "0",
        "id": new_id(),
        "detail-type": f"CodePipeline {kind} Execution State Change",
        "source": "aws.codepipeline",
        "account": kept.call.account,
        "time": world.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": kept.call.region,
        "resources": [kept.arn],
        "detail": detail,
    }
    _log.append(event)
    for _ in range(2 if next(_count) % TWICE == 0 else 1):
        _deliver(kept.call, event)


def _trigger(execution: Execution) -> dict[str, str]:
    """How it began; of a push, its commit."""
    return {"trigger-type": execution.trigger["triggerType"], "trigger-detail": execution.trigger["triggerDetail"], **execution.pushed}


def _deliver(call: Call, event: dict[str, Any]) -> None:
    bus = world.backend("events", call).event_buses["default"]
    for rule in list(bus.rules.values()):
        if rule.state == "ENABLED" and rule.event_pattern.matches_event(event):
            for target in rule.targets:
                if target["Arn"].split(":")[2] == "sns":
                    _publish(call, rule.arn, target, event)


def _publish(call: Call, rule: str, target: dict[str, Any], event: dict[str, Any]) -> None:
    """To a topic whose policy admits EventBridge; one that is encrypted with AWS's own key loses it without a word."""
    topic = world.backend("sns", call).topics.get(target["Arn"])
    if topic is None or "alias/aws/sns" in (topic.kms_master_key_id or ""):
        return
    known = {"aws:sourcearn": rule, "aws:sourceaccount": call.account}
    policy = authority.text(topic.policy)
    if not authority.admits(policy, Principal(service="events.amazonaws.com"), "sns:Publish", topic.arn, known):
        return
    text, identity = _text(target, event), new_id()
    for subscription in world.backend("sns", call).list_subscriptions_by_topic(topic_arn=topic.arn)[0]:
        if not subscription.protocol.startswith("http"):
            subscription.publish(text, identity)
    topic.sent_notifications.append((identity, text, None, None, None))


def _text(target: dict[str, Any], event: dict[str, Any]) -> str:
    """What is sent: the event, or what the target makes of it."""
    if "Input" in target:
        return str(target["Input"])
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    text = str(transformer["InputTemplate"])
    for name, path in transformer.get("InputPathsMap", {}).items():
        text = text.replace(f"<{name}>", _at(event, path))
    return text


def _at(event: dict[str, Any], path: str) -> str:
    """The value of a JSONPath of names, `$.detail.state`, as a text."""
    value: Any = event
    for name in path.removeprefix("$").lstrip(".").split("."):
        value = value.get(name, "") if isinstance(value, dict) and name else value
    return value if isinstance(value, str) else json.dumps(value)


@registry.control_endpoint("codepipeline-events")
def _kept(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The events so far of a pipeline, of all when none is named."""
    return [event for event in _log if wanted.get("pipeline") in (None, event["detail"]["pipeline"])]


@registry.on_reset
def _forget() -> None:
    global _count
    _log.clear()
    _count = itertools.count(1)
