"""What is kept of a pipeline: its versions, stages, executions, and the runs of stages, actions and rules.

Declarations are dicts in AWS's shape (PipelineDeclaration, StageDeclaration, ActionDeclaration). Times are aware datetimes.
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_Types.html
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ... import world
from ...wire import Call

Declaration = dict[str, Any]
ENDED = ("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled")
# Which condition is asked when: the member of a stage's declaration.
BEFORE, SUCCESS, FAILURE = "beforeEntry", "onSuccess", "onFailure"


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(eq=False)
class RuleRun:
    """One run of a rule. `status` is AWS's RuleExecutionStatus; `error` its ErrorDetails."""

    id: str
    condition: str
    declaration: Declaration
    started: datetime
    updated: datetime
    status: str = "InProgress"
    resolved: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    error: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class ConditionRun:
    """The latest run of one of a stage's conditions. `status` is AWS's ConditionExecutionStatus."""

    kind: str
    status: str
    changed: datetime
    rules: list[RuleRun] = field(default_factory=list)
    summary: str = ""


@dataclass(eq=False)
class ActionRun:
    """One run of an action. `inputs` and `outputs` are places in S3, {"bucket", "key"}, by the name of the artifact.

    `token`: of an approval that waits; `asked` is the same, and stays.
    `by`: the ARN of who decided it. `ended`: it is abandoned or over, and timers do nothing any more.
    """

    stage: StageRun
    declaration: Declaration
    id: str = field(default_factory=new_id)
    started: datetime = field(default_factory=world.clock.utc)
    updated: datetime = field(default_factory=world.clock.utc)
    status: str = "InProgress"
    resolved: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, dict[str, str]] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    external_id: str = ""
    external_url: str = ""
    error: dict[str, str] = field(default_factory=dict)
    entity_url: str = ""
    log_stream: str = ""
    token: str = ""
    asked: str = ""
    by: str = ""
    percent: int | None = None

    @property
    def name(self) -> str:
        return str(self.declaration["name"])

    @property
    def execution(self) -> Execution:
        return self.stage.execution

    @property
    def call(self) -> Call:
        """A call in the account of the pipeline and the Region of the action."""
        call, region = self.stage.execution.pipeline.call, self.declaration.get("region")
        return call if region in (None, call.region) else replace(call, region=str(region))

    @property
    def ended(self) -> bool:
        return self.status != "InProgress"


@dataclass(eq=False)
class StageRun:
    """What an execution has done in a stage. `actions`: the latest run of each action, by its name.

    `status` is AWS's StageExecutionStatus. `order`: the run order whose actions are at work.
    """

    execution: Execution
    declaration: Declaration
    status: str = "InProgress"
    actions: dict[str, ActionRun] = field(default_factory=dict)
    conditions: dict[str, ConditionRun] = field(default_factory=dict)
    order: int = 0
    automatic_retries: int = 0
    manual_retries: int = 0
    retry_trigger: str = ""

    @property
    def name(self) -> str:
        return str(self.declaration["name"])


@dataclass(eq=False)
class Execution:
    """`declaration` is the structure with which it began. `place`: the position of the stage that it is in, or waits for.

    `variables`: the pipeline's, by name. `outputs`: what actions gave, by namespace. `artifacts`: places in S3, by name.
    `revisions`: ArtifactRevision of each source; `overrides`: SourceRevisionOverride of the request.
    `pushed`: what events say of the commit that has started it.
    """

    pipeline: Pipeline
    declaration: Declaration
    trigger: dict[str, str]
    type: str = "STANDARD"
    id: str = field(default_factory=new_id)
    started: datetime = field(default_factory=world.clock.utc)
    updated: datetime = field(default_factory=world.clock.utc)
    status: str = "InProgress"
    summary: str = ""
    place: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    artifacts: dict[str, dict[str, str]] = field(default_factory=dict)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    overrides: list[dict[str, str]] = field(default_factory=list)
    stages: dict[str, StageRun] = field(default_factory=dict)
    actions: list[ActionRun] = field(default_factory=list)
    rules: list[tuple[str, RuleRun]] = field(default_factory=list)
    abandon: bool = False
    stop_reason: str | None = None
    rollback_of: str = ""
    pushed: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1

    @property
    def version(self) -> int:
        return int(self.declaration["version"])

    @property
    def mode(self) -> str:
        return str(self.declaration["executionMode"])

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def stage(self) -> Declaration:
        """The declaration of the stage that it is in, or waits for."""
        found: Declaration = self.declaration["stages"][self.place]
        return found


@dataclass(eq=False)
class Stage:
    """A stage of a pipeline between executions. `holder` has its lock; `waiting` come next, the oldest first; `latest` is shown."""

    name: str
    enabled: bool = True
    changed_by: str = ""
    changed: datetime | None = None
    reason: str = ""
    waiting: list[Execution] = field(default_factory=list)
    holder: StageRun | None = None
    latest: StageRun | None = None


@dataclass(eq=False)
class Pipeline:
    """`call` is a call in its account and Region. `tokens`: the execution of each clientRequestToken.
    `answered`: tokens of approvals that were approved or rejected."""

    call: Call
    name: str
    versions: dict[int, Declaration]
    created: datetime
    updated: datetime
    changed_by: str
    stages: dict[str, Stage] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    @property
    def version(self) -> int:
        return max(self.versions)

    @property
    def declaration(self) -> Declaration:
        return self.versions[self.version]

    @property
    def arn(self) -> str:
        return self.call.arn("codepipeline", self.name)
