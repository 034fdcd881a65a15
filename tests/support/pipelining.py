"""A pipeline for tests of the emulated CodePipeline: its role, its bucket, a source in S3, and stages that wait for somebody."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from . import roles
from .building import packed as packed
from .emulated import REGION, Emulated

ACCOUNT, NAME, BUCKET = "123456789012", "shop-production", "shop-artifacts"
READ_WRITE = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]


def action(name: str, kind: str, **members: Any) -> dict[str, Any]:
    """An action; `kind` is category/provider."""
    category, provider = kind.split("/")
    identity = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": identity, **members}


def source(**members: Any) -> dict[str, Any]:
    configuration = {"S3Bucket": BUCKET, "S3ObjectKey": "source.zip", "PollForSourceChanges": "false"}
    found = action("Source", "Source/S3", configuration=configuration, outputArtifacts=[{"name": "source"}], namespace="Source")
    return {**found, **members}


def approval(name: str = "Approve", **members: Any) -> dict[str, Any]:
    return action(name, "Approval/Manual", **members)


@dataclass
class Pipelining:
    emulated: Emulated
    role: str

    @property
    def api(self) -> Any:
        return self.emulated.client("codepipeline")

    def declaration(self, *stages: dict[str, Any], **members: Any) -> dict[str, Any]:
        """A structure: the source, and these stages, or one of an approval; None leaves a member out."""
        named = list(stages) or [{"name": "Approve", "actions": [approval()]}]
        found = {
            "name": NAME,
            "roleArn": self.role,
            "artifactStore": {"type": "S3", "location": BUCKET},
            "pipelineType": "V2",
            "executionMode": "QUEUED",
            "stages": [{"name": "Source", "actions": [source()]}, *named],
            **members,
        }
        return deepcopy({name: value for name, value in found.items() if value is not None})

    def create(self, *stages: dict[str, Any], **members: Any) -> str:
        """Make a pipeline; the id of its first execution."""
        self.api.create_pipeline(pipeline=self.declaration(*stages, **members))
        return self.latest()

    def refused(self, *stages: dict[str, Any], **members: Any) -> tuple[str, str]:
        """How CreatePipeline is refused."""
        return self.emulated.refused("codepipeline", "create_pipeline", pipeline=self.declaration(*stages, **members))

    def start(self, **members: Any) -> str:
        return str(self.api.start_pipeline_execution(name=NAME, **members)["pipelineExecutionId"])

    def latest(self) -> str:
        return str(self.api.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"][0]["pipelineExecutionId"])

    def advance(self, seconds: float = 60.0) -> None:
        self.emulated.advance(seconds)

    def status(self, execution: str) -> str:
        found = self.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=execution)
        return str(found["pipelineExecution"]["status"])

    def stage(self, name: str) -> dict[str, Any]:
        """What GetPipelineState says of a stage."""
        states = self.api.get_pipeline_state(name=NAME)["stageStates"]
        return dict(next(each for each in states if each["stageName"] == name))

    def now(self, name: str) -> tuple[str, str]:
        """The latest execution of a stage, and its status there."""
        found = self.stage(name)["latestExecution"]
        return found["pipelineExecutionId"], found["status"]

    def runs(self, execution: str = "") -> list[dict[str, Any]]:
        """What ListActionExecutions says, newest first."""
        wanted = {"filter": {"pipelineExecutionId": execution}} if execution else {}
        return list(self.api.list_action_executions(pipelineName=NAME, **wanted)["actionExecutionDetails"])

    def answer(self, status: str = "Approved", stage: str = "Approve", name: str = "Approve", summary: str = "") -> None:
        """Answer an approval that waits."""
        latest = next(each for each in self.stage(stage)["actionStates"] if each["actionName"] == name)["latestExecution"]
        names = {"pipelineName": NAME, "stageName": stage, "actionName": name}
        self.api.put_approval_result(**names, token=latest["token"], result={"status": status, "summary": summary})


def prepare(emulated: Emulated) -> Pipelining:
    """Role, bucket and source, and no pipeline yet."""
    s3 = emulated.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=BUCKET, Key="source.zip", Body=packed(README__md="shop"))
    role = roles.make(emulated, "codepipeline")
    roles.put(emulated, "codepipeline", READ_WRITE, f"arn:aws:s3:::{BUCKET}/*")
    roles.put(emulated, "codepipeline", "s3:GetBucketVersioning", f"arn:aws:s3:::{BUCKET}", name="bucket")
    return Pipelining(emulated, role)
