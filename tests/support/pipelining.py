"""A pipeline for tests of the emulated CodePipeline: its role, its bucket, a source in S3, and stages that wait for somebody."""

from __future__ import annotations

import base64
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from emulator import process

from . import building, roles
from .building import packed as packed
from .building import spec
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


REPOSITORY = "acme/shop"


LINK = {"FullRepositoryId": REPOSITORY, "BranchName": "main"}


ARN = "arn:aws:codebuild:eu-west-1:123456789012:project/shop"


def stage_of(name: str, *actions: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "actions": list(actions)}


def error(stage: Pipelining, name: str = "") -> tuple[str, str]:
    """Code and message of the newest action that has failed, or of the newest of that name."""
    run = next(each for each in stage.runs() if each["actionName"] == name or (not name and each["status"] == "Failed"))
    found = run["output"]["executionResult"].get("errorDetails", {})
    return found.get("code", ""), found.get("message", "")


def allow(stage: Pipelining, *actions: str, resource: Any = "*", name: str = "further") -> None:
    roles.put(stage.emulated, "codepipeline", list(actions), resource, name=name)


def until(stage: Pipelining, execution: str, *statuses: str) -> str:
    for _ in range(100):
        if (found := stage.status(execution)) in statuses:
            return found
        stage.advance(15)
    raise AssertionError(stage.runs(execution))


def connect(stage: Pipelining, available: bool = True) -> str:
    found = stage.emulated.client("codeconnections").create_connection(ConnectionName="shop", ProviderType="GitHub")["ConnectionArn"]
    if available:
        process.control(stage.emulated.state, "connections", connection="shop")
    return str(found)


def push(stage: Pipelining, branch: str = "main", message: str = "One", **files: str) -> dict[str, Any]:
    tree = base64.b64encode(packed(**(files or {"README__md": message}))).decode()
    about = {"repository": REPOSITORY, "branch": branch, "message": message, "author": "Ada", "email": "ada@example.com"}
    return dict(process.control(stage.emulated.state, "source", tree=tree, **about))


def github(connection: str, **configuration: str) -> dict[str, Any]:
    given = {**LINK, "ConnectionArn": connection, **configuration}
    members = {"configuration": given, "outputArtifacts": [{"name": "source"}], "namespace": "Source"}
    return action("Source", "Source/CodeStarSourceConnection", **members)


def from_github(stage: Pipelining, connection: str, *more: dict[str, Any], **members: Any) -> str:
    ask = action("Approve", "Approval/Manual", configuration={"CustomData": "#{Source.CommitId} #{Source.AuthorDisplayName}"})
    return stage.create(stages=[stage_of("Source", github(connection)), *(more or [stage_of("Approve", ask)])], **members)


SPEC = spec(
    "cp README.md made.txt",
    "export IMAGE_TAG=$TAG-$CODEBUILD_INITIATOR",
    env={"exported-variables": ["IMAGE_TAG"]},
    artifacts={"files": ["made.txt"]},
)


def project(stage: Pipelining, text: str = SPEC) -> None:
    building.project(stage.emulated, source={"type": "CODEPIPELINE", "buildspec": text}, artifacts={"type": "CODEPIPELINE"})
    roles.put(
        stage.emulated, "build", ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/*", name="artifacts"
    )
    allow(stage, "codebuild:StartBuild", "codebuild:BatchGetBuilds", resource=ARN, name="builds")


def commands(*lines: str, **members: Any) -> dict[str, Any]:
    return action("Run", "Compute/Commands", commands=list(lines), inputArtifacts=[{"name": "source"}], namespace="Run", **members)


def ask(name: str, *actions: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"name": name, "actions": list(actions) or [approval()], **members}


def stop(stage: Pipelining, execution: str, **members: Any) -> tuple[str, str]:
    return stage.emulated.refused("codepipeline", "stop_pipeline_execution", pipelineName=NAME, pipelineExecutionId=execution, **members)


def retry(stage: Pipelining, execution: str, mode: str = "FAILED_ACTIONS", name: str = "Approve") -> tuple[str, str]:
    members = {"pipelineName": NAME, "stageName": name, "pipelineExecutionId": execution, "retryMode": mode}
    return stage.emulated.refused("codepipeline", "retry_stage_execution", **members)


BUILD = action(
    "Build",
    "Build/CodeBuild",
    configuration={"ProjectName": "shop", "EnvironmentVariables": '[{"name": "TAG", "value": "#{Source.VersionId}"}]'},
    inputArtifacts=[{"name": "source"}],
    outputArtifacts=[{"name": "build"}],
    namespace="Build",
)
