"""What CodePipeline remembers, and the refusals that many operations share: a name that is not known, a token that is not ours."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any

from moto.sts.models import sts_backends

from ... import world
from ...wire import Call, Refusal, credential_scope
from .shapes import Declaration, Execution, Pipeline, Stage, StageRun

SERVICE = "codepipeline"
NOT_OURS = (
    "The next token was specified in an invalid format. Make sure that the next token you provide is the token returned by a previous call."
)
# What becomes of runs and targets when their pipeline is deleted.
on_delete: list[Callable[[Pipeline], None]] = []


def table(call: Call, name: str) -> dict[Any, Any]:
    """One of our tables in the caller's account and Region."""
    found: dict[Any, Any] = world.store(SERVICE, call).setdefault(name, {})
    return found


def pipelines(call: Call) -> dict[str, Pipeline]:
    return table(call, "pipelines")


def no_pipeline(call: Call, name: str) -> Refusal:
    return Refusal("PipelineNotFoundException", f"Account '{call.account}' does not have a pipeline with name '{name}'")


def pipeline(call: Call) -> Pipeline:
    """The pipeline that a call names as `pipelineName` or `name` (CP-18)."""
    name = call.params.get("pipelineName") or call.params.get("name") or ""
    found = pipelines(call).get(name)
    if found is None:
        raise no_pipeline(call, name)
    return found


def execution(kept: Pipeline, identity: str) -> Execution:
    """CP-18: an execution of this pipeline."""
    found = kept.executions.get(identity)
    if found is None:
        raise Refusal(
            "PipelineExecutionNotFoundException",
            f"Account '{kept.call.account}' does not have an execution with id '{identity}' for pipeline '{kept.name}'",
        )
    return found


def stage(kept: Pipeline, name: str) -> Stage:
    """CP-18: a stage of this pipeline."""
    found = kept.stages.get(name)
    if found is None:
        text = f"Account '{kept.call.account}' does not have a stage with name '{name}' in pipeline '{kept.name}'"
        raise Refusal("StageNotFoundException", text)
    return found


def declared_action(kept: Pipeline, stage_name: str, name: str) -> Declaration:
    """CP-18: an action of a stage of this pipeline."""
    stage(kept, stage_name)
    for each in kept.declaration["stages"]:
        for action in each["actions"]:
            if (each["name"], action["name"]) == (stage_name, name):
                found: Declaration = action
                return found
    text = f"Account '{kept.call.account}' does not have an action with name '{name}' in stage '{stage_name}' of pipeline '{kept.name}'"
    raise Refusal("ActionNotFoundException", text)


def running(kept: Pipeline) -> list[Execution]:
    return [each for each in kept.executions.values() if not each.ended]


def caller(call: Call) -> str:
    """The ARN of whoever calls."""
    key = (credential_scope(call.environ) or ("",))[0]
    found: str = sts_backends[call.account]["aws"].get_caller_identity(key, call.region)[1]
    return call.arn("iam", "root", regional=False) if found.endswith(":user/moto") else found


def last_run(kept: Pipeline, name: str) -> StageRun | None:
    """What a stage shows: the latest execution that was in it."""
    found = kept.stages.get(name)
    return found.latest if found else None


def page(call: Call, items: Sequence[Any], key: str, default: int = 100) -> dict[str, Any]:
    """One page of a list, of the size that the call asks for (CP-26)."""
    wanted = {name[0].lower() + name[1:]: value for name, value in call.params.items()}
    start = _start(call, wanted.get("nextToken"), len(items))
    size = int(wanted.get("maxResults") or default)
    answer: dict[str, Any] = {key: list(items[start : start + size])}
    if start + size < len(items):
        name = "NextToken" if call.operation == "ListWebhooks" else "nextToken"
        answer[name] = base64.urlsafe_b64encode(f"{call.operation}:{start + size}".encode()).decode()
    return answer


def _start(call: Call, token: str | None, most: int) -> int:
    if token is None:
        return 0
    try:
        operation, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (binascii.Error, ValueError):
        operation, number = "", ""
    if operation != call.operation or not number.isdigit() or int(number) > most:
        raise Refusal("InvalidNextTokenException", NOT_OURS)
    return int(number)
