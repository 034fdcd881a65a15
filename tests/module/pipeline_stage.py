"""What a pipeline needs to be made and to run: roles, bucket, project, connection, a repository with a commit."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from emulator import process
from tests.support import pipelining, roles
from tests.support.emulated import REGION, Emulated
from tests.support.pipelining import ACCOUNT, BUCKET, NAME, READ_WRITE, Pipelining

TAGS = {"application": "shop", "environment": "production", "managed-by": "railyard"}
PROJECT = "shop-production-build"
REPOSITORY = "acme/shop"
USE = ["codestar-connections:UseConnection", "codeconnections:UseConnection"]
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
BUILT = "version: 0.2\nphases:\n  build:\n    commands: [echo built > out]\nartifacts:\n  files: [out]\n"
FAILS = (
    "version: 0.2\nphases:\n  build:\n    commands:\n      - printf '\\033[31mred\\033[0m\\n'\n      - ls /none/such\n"
    "  post_build:\n    commands: [echo later]\n"
)


@dataclass
class Stage:
    emulated: Emulated
    pipelining: Pipelining
    connection: str

    def options(self, **more: Any) -> dict[str, Any]:
        """The options of the module: Source, Build, Approve."""
        configuration = {"ConnectionArn": self.connection, "FullRepositoryId": REPOSITORY, "BranchName": "main", "DetectChanges": False}
        source = {"name": "Source", "category": "Source", "provider": "CodeStarSourceConnection", "configuration": configuration}
        build = {"name": "Build", "category": "Build", "provider": "CodeBuild", "inputs": ["source"], "outputs": ["build"]}
        variables = [{"name": "COMMIT", "value": "#{Source.CommitId}"}]
        return {
            "name": NAME,
            "role_arn": self.pipelining.role,
            "artifact_bucket": BUCKET,
            "stages": [
                {"name": "Source", "actions": [{**source, "outputs": ["source"], "namespace": "Source"}]},
                {"name": "Build", "actions": [{**build, "configuration": {"ProjectName": PROJECT, "EnvironmentVariables": variables}}]},
                {"name": "Approve", "actions": [{"name": "Approve", "category": "Approval", "provider": "Manual"}]},
            ],
            "triggers": [{"source_action": "Source", "push": [{"branches": {"includes": ["main"]}}]}],
            "tags": TAGS,
            **more,
        }

    def run(self, check: bool = False, **more: Any) -> dict[str, Any]:
        return self.emulated.run("codepipeline", check=check, **self.options(**more))

    def execution(self, check: bool = False, **more: Any) -> dict[str, Any]:
        return self.emulated.run("codepipeline_execution", check=check, **{"pipeline": NAME, **more})

    def push(self, message: str = "Totals in cents", author: str = "Ada") -> str:
        """A commit; what it starts has begun."""
        tree = base64.b64encode(pipelining.packed(README__md=message)).decode()
        given = {"repository": REPOSITORY, "branch": "main", "message": message, "author": author, "tree": tree}
        return str(process.control(self.emulated.state, "source", **given)["commit"])

    def buildspec(self, text: str) -> None:
        self.emulated.client("codebuild").update_project(name=PROJECT, source={"type": "CODEPIPELINE", "buildspec": text})


def build(emulated: Emulated) -> Stage:
    made = pipelining.prepare(emulated)
    connection = emulated.client("codeconnections").create_connection(ConnectionName=NAME, ProviderType="GitHub")["ConnectionArn"]
    process.control(emulated.state, "connections", connection=NAME)
    roles.put(emulated, "codepipeline", USE, connection, name="connection")
    builder = roles.make(emulated, "build")
    roles.put(emulated, "build", LOGS, name="logs")
    roles.put(emulated, "build", READ_WRITE, f"arn:aws:s3:::{BUCKET}/*", name="artifacts")
    emulated.client("codebuild").create_project(
        name=PROJECT,
        serviceRole=builder,
        source={"type": "CODEPIPELINE", "buildspec": BUILT},
        artifacts={"type": "CODEPIPELINE"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": True,
        },
    )
    project = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{PROJECT}"
    roles.put(emulated, "codepipeline", ["codebuild:StartBuild", "codebuild:BatchGetBuilds"], project, name="project")
    stage = Stage(emulated, made, connection)
    stage.push()
    return stage
