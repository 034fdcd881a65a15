"""Build projects for tests, and their builds."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from . import roles
from .emulated import REGION, Emulated

ACCOUNT = "123456789012"
GROUP = "/aws/codebuild/shop"
IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
ENVIRONMENT = {"type": "LINUX_CONTAINER", "image": IMAGE, "computeType": "BUILD_GENERAL1_SMALL"}
# What every build needs of its role.
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]


def project(emulated: Emulated, name: str = "shop", **wanted: Any) -> dict[str, Any]:
    """A project without a source, whose role may write its log and nothing else."""
    given = {
        "source": {"type": "NO_SOURCE", "buildspec": spec("true")},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": ENVIRONMENT,
        "serviceRole": role(emulated),
    }
    return dict(emulated.client("codebuild").create_project(name=name, **{**given, **wanted})["project"])


def role(emulated: Emulated) -> str:
    found = [each["Arn"] for each in emulated.client("iam").list_roles()["Roles"] if each["RoleName"] == "build"]
    if found:
        return str(found[0])
    arn = roles.make(emulated, "build")
    roles.put(emulated, "build", LOGS, name="logs")
    return arn


def spec(*build: str, **more: Any) -> str:
    """A specification whose phase `build` has these commands; `more`: other phases, `env`, `artifacts`."""
    phases = {name: more.pop(name) for name in ("install", "pre_build", "post_build") if name in more}
    made = {name: {"commands": said} if isinstance(said, list) else said for name, said in phases.items()}
    return json.dumps({"version": 0.2, "phases": {**made, **({"build": {"commands": list(build)}} if build else {})}, **more}, indent=1)


def packed(**files: str) -> bytes:
    """A zip; `__` in a name is a dot, `___` a slash."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("___", "/").replace("__", "."), text)
    return kept.getvalue()


@dataclass(frozen=True)
class Builds:
    emulated: Emulated
    project: str = "shop"

    def start(self, **overrides: Any) -> str:
        return str(self.emulated.client("codebuild").start_build(projectName=self.project, **overrides)["build"]["id"])

    def run(self, *commands: str, **overrides: Any) -> dict[str, Any]:
        """A build that has ended; of these commands when some are said."""
        if commands:
            overrides["buildspecOverride"] = spec(*commands)
        identity = self.start(**overrides)
        self.emulated.advance(60)
        return self.shown(identity)

    def shown(self, identity: str) -> dict[str, Any]:
        return dict(self.emulated.client("codebuild").batch_get_builds(ids=[identity])["builds"][0])

    def log(self, build: dict[str, Any]) -> str:
        logs = self.emulated.client("logs")
        events = logs.get_log_events(
            logGroupName=build["logs"]["groupName"], logStreamName=build["logs"]["streamName"], startFromHead=True
        )["events"]
        return "".join(event["message"] for event in events)


def phases(build: dict[str, Any]) -> dict[str, str]:
    """The status of each phase that has one."""
    return {phase["phaseType"]: phase["phaseStatus"] for phase in build["phases"] if "phaseStatus" in phase}


def cause(build: dict[str, Any]) -> str:
    """Code and message of the first phase that has failed."""
    contexts = [context for phase in build["phases"] for context in phase.get("contexts", []) if context.get("statusCode")]
    return f"{contexts[0]['statusCode']}: {contexts[0]['message']}" if contexts else ""


def arn(resource: str, service: str = "codebuild") -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
