"""Releases of inventories/local by the stages of a pipeline, in this process and in one that is killed. CodePipeline is in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._pipeline import artifacts, stages
from ansible_collections.railyard.fargate.plugins.module_utils._pipeline.part import Part
from ansible_collections.railyard.fargate.plugins.module_utils._release import lock

from .executions import PIPELINE, Executions
from .fargate import slowly
from .releasing import NAME, Releasing, killed_after

VERBS: dict[str, tuple[str, Callable[[Part], None]]] = {
    "migrate": ("Migrate", stages.migrate),
    "deploy": ("Deploy", stages.deploy),
    "record": ("Record", stages.finish),
}


@dataclass
class Piped:
    """`said` are the lines of the last stage."""

    shop: Releasing
    pipeline: Executions = field(default_factory=Executions)
    said: list[str] = field(default_factory=list)

    @property
    def clients(self) -> dict[str, Any]:
        return {**self.shop.clients, "codepipeline": self.pipeline}

    def start(self, **more: Any) -> str:
        """Start an execution now, by the emulator's clock."""
        answer = self.shop.emulated.client("s3").list_buckets()["ResponseMetadata"]["HTTPHeaders"]["date"]
        return self.pipeline.start(datetime.strptime(answer, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC), **more)

    def part(self, verb: str, execution: str, image: str | None, clients: dict[str, Any] | None = None) -> Part:
        digest = image.partition("@")[2] if image else None
        where = {"pipeline": PIPELINE, "execution_id": execution, "stage": VERBS[verb][0]}
        known: dict[str, Any] = {"clock": self.shop.clock, "lock_timeout": 0}
        return Part(self.shop.env, clients or self.clients, where, self.said.append, digest, **known)  # type: ignore[arg-type]

    def run(self, verb: str, execution: str, image: str | None = None) -> None:
        """One attempt at a stage."""
        self.said.clear()
        stage, work = VERBS[verb]
        self.pipeline.runs[execution].act(stage, status="InProgress")
        with slowly(self.shop.emulated):
            work(self.part(verb, execution, image))

    def refused(self, verb: str, execution: str, image: str | None = None) -> RailyardError:
        """The error of a stage that must not end well."""
        try:
            self.run(verb, execution, image)
        except RailyardError as error:
            return error
        raise AssertionError(self.said)

    def release(self, image: str, execution: str | None = None) -> str:
        """All three stages; the execution."""
        execution = execution or self.start()
        for verb in VERBS:
            self.run(verb, execution, image)
        self.end(execution)
        return execution

    def end(self, execution: str, status: str = "Succeeded") -> None:
        self.pipeline.runs[execution].status = status

    def held(self) -> Any:
        """The lock, None when nobody has it."""
        return lock.find(self.shop.emulated.client("s3"), self.shop.env.bucket, lock.asking(self.clients))

    def deploy_by_codepipeline(self, execution: str, image: str, folder: Path) -> str:
        """As the action CodeDeployToECS does it with the files of a build; the deployment, which has ended."""
        artifacts.write(self.shop.env, self.clients, image, folder, self.said.append)
        uri = json.loads((folder / "imageDetail.json").read_text())["ImageURI"]
        definition = json.loads((folder / "taskdef.json").read_text().replace("<IMAGE1_NAME>", uri))
        registered = self.shop.emulated.client("ecs").register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
        content = (folder / "appspec.yaml").read_text().replace("<TASK_DEFINITION>", registered)
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
        group = {"applicationName": NAME, "deploymentGroupName": "web"}
        codedeploy = self.shop.emulated.client("codedeploy")
        # CodeDeploy has one deployment at a time, that of the release before until its old tasks are gone, and the action waits for none.
        with slowly(self.shop.emulated):
            self._until_idle(group)
            deployment = str(codedeploy.create_deployment(**group, revision=revision)["deploymentId"])
            self._until_idle(group)
        result = {"executionResult": {"externalExecutionId": deployment}}
        self.pipeline.runs[execution].act("Deploy", "Deploy", "CodeDeployToECS", output=result)
        return deployment

    def _until_idle(self, group: dict[str, str]) -> None:
        """Until no deployment is in flight; one that waits for its smoke test goes on without."""
        codedeploy = self.shop.emulated.client("codedeploy")
        for _minute in range(60):
            running = codedeploy.list_deployments(**group, includeOnlyStatuses=["Created", "Queued", "InProgress", "Ready"])["deployments"]
            if not running:
                return
            if codedeploy.get_deployment(deploymentId=running[0])["deploymentInfo"]["status"] == "Ready":
                codedeploy.continue_deployment(deploymentId=running[0], deploymentWaitType="READY_WAIT")
            self.shop.sleep(60)
        raise AssertionError(codedeploy.get_deployment(deploymentId=running[0])["deploymentInfo"])

    def killed_after(self, write: int, verb: str, execution: str, image: str) -> bool:
        """One attempt at a stage by a process that is killed right after its n-th write; False when it came to its end before that."""

        def attempt(clients: dict[str, Any]) -> None:
            VERBS[verb][1](self.part(verb, execution, image, {**clients, "codepipeline": self.pipeline}))

        killed = killed_after(self.shop.emulated, write, attempt)
        self.pipeline.runs[execution].act(VERBS[verb][0], status="Failed")
        return killed
