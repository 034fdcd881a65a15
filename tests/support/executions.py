"""CodePipeline in memory, for those who are a part of an execution or wait for one: its status, and what its actions did."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .objects import refusal

PIPELINE = "shop-local"
Output = dict[str, Any]
# What a connection tells of a commit: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
COMMIT = {
    "CommitId": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
    "CommitMessage": "Add totals to orders\n\nSeen by all.",
    "AuthorDisplayName": "Deborah",
    "BranchName": "main",
}


@dataclass
class Run:
    """An execution: its status in AWS's words, its actions, and what CodePipeline says of it besides."""

    began: datetime
    status: str = "InProgress"
    actions: list[Output] = field(default_factory=list)
    more: Output = field(default_factory=dict)

    def act(self, stage: str, category: str = "Compute", provider: str = "Commands", **known: Any) -> None:
        """An attempt at the one action of a stage."""
        kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
        action = {"stageName": stage, "actionName": stage, "startTime": self.began, "status": "Succeeded", "input": {"actionTypeId": kind}}
        self.actions.append({"actionExecutionId": str(uuid.uuid4()), **action, **known})


class Executions:
    """As boto3's client of CodePipeline. `start` begins one of the pipeline `shop-local`, whose Source has succeeded."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}

    def start(self, began: datetime | None = None, **more: Any) -> str:
        identity = str(uuid.uuid4())
        run = self.runs[identity] = Run(began or datetime.now(UTC), more=more)
        run.act("Source", "Source", "CodeStarSourceConnection", output={"outputVariables": COMMIT})
        return identity

    def get_pipeline_execution(self, pipelineName: str, pipelineExecutionId: str) -> Output:
        run = self._run("GetPipelineExecution", pipelineName, pipelineExecutionId)
        link = f"https://github.com/acme/shop/commit/{COMMIT['CommitId']}"
        revision = {"name": "source", "revisionId": COMMIT["CommitId"], "revisionUrl": link}
        known = {"pipelineName": pipelineName, "pipelineExecutionId": pipelineExecutionId, "status": run.status}
        return {"pipelineExecution": {**known, "executionType": "STANDARD", "artifactRevisions": [revision], **run.more}}

    def list_action_executions(self, pipelineName: str, filter: Output) -> Output:
        return {"actionExecutionDetails": list(self._run("ListActionExecutions", pipelineName, filter["pipelineExecutionId"]).actions)}

    def can_paginate(self, _name: str) -> bool:
        return False

    def _run(self, operation: str, pipeline: str, identity: str) -> Run:
        if pipeline != PIPELINE:
            raise refusal(operation, "PipelineNotFoundException")
        if identity not in self.runs:
            raise refusal(operation, "PipelineExecutionNotFoundException")
        return self.runs[identity]
