"""Open and close the way from one stage to the next.

https://docs.aws.amazon.com/codepipeline/latest/userguide/transitions.html
"""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call
from . import queue, state
from .shapes import Pipeline, Stage


def _meant(kept: Pipeline, call: Call) -> Stage | None:
    """The stage whose entry is meant: the one named, or for its exit the next one; the last stage's exit leads nowhere."""
    stage = state.stage(kept, call.params["stageName"])
    if call.params["transitionType"] == "Inbound":
        return stage
    names = [each["name"] for each in kept.declaration["stages"]]
    place = names.index(stage.name) + 1
    return kept.stages[names[place]] if place < len(names) else None


def _set(call: Call, enabled: bool) -> Stage | None:
    kept = state.pipeline(call)
    stage = _meant(kept, call)
    if stage is not None:
        stage.enabled, stage.reason = enabled, call.params.get("reason", "")
        stage.changed_by, stage.changed = state.caller(call), world.clock.utc()
        queue.admit(kept, stage)
    return stage


@operation("codepipeline", "DisableStageTransition")
def disable_stage_transition(call: Call) -> dict[str, Any]:
    _set(call, False)
    return {}


@operation("codepipeline", "EnableStageTransition")
def enable_stage_transition(call: Call) -> dict[str, Any]:
    """Whoever waited goes in."""
    _set(call, True)
    return {}
