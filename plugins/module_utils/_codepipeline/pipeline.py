# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pipelines. https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape, tags
from .._core.clock import REAL, Clock, next_pause
from .._core.difference import differences
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import execution, rules, structure

Pipeline = dict[str, Any]
ABSENT = ("PipelineNotFoundException",)
# A fresh role (CP-11).
FRESH = (Propagation("InvalidStructureException", "is not authorized to perform AssumeRole", 300),)
# What is AWS's own beside the structure, by our names.
OWN = ("arn", "version", "created", "updated", "tags")


def find(client: Any, name: str) -> Pipeline | None:
    """The pipeline of this name, its structure as `structure.normal`, with arn, version, created, updated and tags; or None."""
    found = aws.find(client, "GetPipeline", ABSENT, name=name)
    if found is None:
        return None
    model = shape.output_shape(client, "GetPipeline")
    about = shape.ours(model.members["metadata"], found.get("metadata", {}))
    arn = about.get("pipeline_arn", "")
    pairs = aws.pages(client, "ListTagsForResource", "tags", ABSENT, resourceArn=arn) if arn else []
    live = structure.normal(shape.ours(model.members["pipeline"], found["pipeline"]), client.meta.region_name)
    return {
        **live,
        "arn": arn,
        "version": found["pipeline"].get("version", 1),
        **{member: about[member] for member in ("created", "updated") if about.get(member)},
        "tags": tags.as_dict(pairs, "key", "value"),
    }


def find_all(client: Any, names: list[str] | None) -> list[Pipeline]:
    """The pipelines of these names that exist; all of the Region if names is None."""
    asked = [one["name"] for one in aws.pages(client, "ListPipelines", "pipelines")] if names is None else names
    return [live for live in aws.concurrently(lambda name: find(client, name), asked) if live]


def make_plan(client: Any, wanted: dict[str, Any], live: Pipeline | None) -> Plan:
    """`wanted`: the options of the module. The notes have `difference`, each smallest one by its path. Equal structures are not written:
    the version rises with every UpdatePipeline. Raises RailyardError, with all `problems`, for what can never work."""
    name = wanted["name"]
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeletePipeline", {"name": name}),) if live else (), {"difference": {}})
    given = structure.declared(wanted)
    if said := rules.problems(given, client.meta.region_name):
        raise RailyardError("\n".join(f"pipeline {name}: {one}" for one in said), problems=said)
    then = structure.normal(given, client.meta.region_name)
    model = shape.input_shape(client, "CreatePipeline", "pipeline")
    params = {"pipeline": _sent(shape.aws(model, given))}
    if live is None:
        labels = tags.change({}, wanted["tags"], False).after
        pairs = {"tags": tags.as_pairs(labels, "key", "value")} if labels else {}
        step = Step("CreatePipeline", {**params, **pairs}, already=("PipelineNameInUseException",), propagation=FRESH)
        return Plan(None, {**then, "tags": labels}, (step,), {"difference": {}})
    now = live if then["triggers"] else structure.without_default_triggers(live)
    difference = differences({key: value for key, value in now.items() if key not in OWN}, then)
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    steps = (*((Step("UpdatePipeline", params, propagation=FRESH),) if difference else ()), *_tag_steps(live["arn"], change))
    return Plan(now, {**now, **then, "tags": change.after}, steps, {"difference": difference})


def _sent(value: dict[str, Any]) -> dict[str, Any]:
    """Without empty lists: AWS takes none of them."""
    return {key: item for key, item in value.items() if item != []}


def _tag_steps(arn: str, change: tags.TagChange) -> tuple[Step, ...]:
    put = Step("TagResource", {"resourceArn": arn, "tags": tags.as_pairs(change.put, "key", "value")})
    remove = Step("UntagResource", {"resourceArn": arn, "tagKeys": change.remove})
    return (*((put,) if change.put else ()), *((remove,) if change.remove else ()))


def changes_structure(plan: Plan) -> bool:
    """Whether a plan cancels the executions that are under way. Pure."""
    return any(step.operation == "UpdatePipeline" for step in plan.steps)


def writes_structure(plan: Plan) -> bool:
    """Whether a plan makes a pipeline or changes more than its tags. Pure."""
    return any(step.operation in ("CreatePipeline", "UpdatePipeline") for step in plan.steps)


def under_way(client: Any, name: str) -> list[str]:
    """The ids of the executions of a pipeline that have not ended, newest first."""
    answer = aws.find(client, "ListPipelineExecutions", ABSENT, pipelineName=name, maxResults=100) or {}
    return [one["pipelineExecutionId"] for one in answer.get("pipelineExecutionSummaries", []) if one["status"] in execution.UNDER_WAY]


def make_way(client: Any, name: str, if_running: str, timeout: float, clock: Clock = REAL) -> None:
    """Return when no execution is under way: UpdatePipeline would cancel it. Raises RailyardError when one is, and it is not waited for or
    for longer than `timeout` seconds."""
    started, pause = clock.now(), 2.0
    while running := under_way(client, name):
        waited = clock.now() - started
        if if_running == "refuse" or waited >= timeout:
            said = f"execution {running[0]} is under way" if len(running) == 1 else f"{len(running)} executions are under way"
            after = f" after {waited:.0f} s (wait_timeout)" if waited else ""
            what = f"{said}{after}{_person(client, name)}, and a change of its structure would cancel that; let it end, or stop it first"
            raise RailyardError(f"pipeline {name}: {what}", running=running)
        clock.sleep(min(pause, max(1.0, timeout - waited)))
        pause = next_pause(pause, waited)


def _person(client: Any, name: str) -> str:
    """For whom an execution waits, "" when it waits for nobody."""
    waits = execution.waiting_approval(aws.call(client, "GetPipelineState", name=name))
    return f" (it waits for an approval in {waits['stage']})" if waits else ""
