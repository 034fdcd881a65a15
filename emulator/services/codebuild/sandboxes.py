"""Sandboxes: environments of projects in which a person works, and the sessions that lead there and into paused builds.

https://docs.aws.amazon.com/codebuild/latest/userguide/sandbox.html
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ... import world
from ...executors.shell import Shell, Wanted
from ...registry import operation
from ...sessions.program import OnTerminal, Program, Unable
from ...wire import Call, Refusal
from ..iam import authority
from ..ssm import channels, sessions
from ..ssm import session as ssm_session
from . import start_build, store
from .build import Record, Source, logs
from .builds import Build
from .buildspec import Buildspec
from .store import Shape

RUNNING = "RUNNING_SANDBOX"
MEMBERS = ("source", "sourceVersion", "environment", "secondarySources", "secondarySourceVersions", "vpcConfig", "encryptionKey")


@dataclass
class Sandbox(Build):
    commands: dict[str, Shape] = field(default_factory=dict)

    def _read(self) -> Buildspec:
        return Buildspec()

    def _next(self, number: int) -> None:
        self.enter(RUNNING)

    @property
    def arn(self) -> str:
        return self.call.arn("codebuild", f"sandbox/{self.id}")

    @property
    def paused(self) -> bool:
        """A person's minutes are real ones."""
        return self.phases[-1]["phaseType"] == RUNNING and world.clock.lived() < self._until

    _until: float = field(default_factory=lambda: world.clock.lived() + 3600)

    @property
    def running(self) -> bool:
        return not self.over and self.phase == RUNNING


def _table(call: Call) -> dict[str, Sandbox]:
    found: dict[str, Sandbox] = store.table(call, "sandboxes")
    return found


def _find(call: Call, reference: str) -> Sandbox:
    identity = store.bare(reference)
    if identity not in _table(call):
        raise Refusal(store.MISSING, f"Sandbox {call.arn('codebuild', f'sandbox/{identity}')} does not exist")
    return _table(call)[identity]


def _running(call: Call) -> Sandbox:
    found = _find(call, call.params["sandboxId"])
    if not found.running:
        raise Refusal(store.INVALID, f"Sandbox {found.arn} is not running")
    return found


def _status(sandbox: Record) -> str:
    if sandbox.over:
        return sandbox.status
    return {"QUEUED": "QUEUED", "PROVISIONING": "PROVISIONING"}.get(sandbox.phase, "IN_PROGRESS")


def _shown(sandbox: Sandbox) -> Shape:
    """AWS's Sandbox."""
    request, (group, stream) = sandbox.request, sandbox.where
    session: Shape = {
        "id": sandbox.uuid,
        "status": _status(sandbox),
        "startTime": sandbox.began,
        "currentPhase": sandbox.phase,
        "phases": [dict(phase) for phase in sandbox.phases],
        "logs": logs(sandbox.call, group, stream),
    }
    ended: Shape = {"endTime": sandbox.ended} if sandbox.ended is not None else {}
    return {
        "id": sandbox.id,
        "arn": sandbox.arn,
        "projectName": request.project,
        "requestTime": sandbox.began,
        "startTime": sandbox.began,
        "status": _status(sandbox),
        **{name: request.shown[name] for name in MEMBERS if name in request.shown},
        "timeoutInMinutes": request.minutes,
        "queuedTimeoutInMinutes": request.queued_minutes,
        "serviceRole": request.role,
        "currentSession": {**session, **ended},
        **ended,
    }


@operation("codebuild", "StartSandbox")
def start_sandbox(call: Call) -> Shape:
    """The source is the project's: nothing of it can be said otherwise, and a pipeline's project has none."""
    if not call.params.get("projectName"):
        raise Refusal(store.INVALID, "Project name cannot be empty")
    token, tokens = call.params.get("idempotencyToken"), store.table(call, "sandbox_tokens")
    if token in tokens:
        return {"sandbox": _shown(_table(call)[tokens[token]])}
    project = start_build.overridden(call, store.project(call, call.params["projectName"]), {})
    if project["source"]["type"] == "CODEPIPELINE":
        raise Refusal(store.INVALID, "Sandboxes are not supported for projects with source type CODEPIPELINE")
    made = Sandbox(call, start_build.request(call, project, start_build.INITIATOR, Source(), None))
    _table(call)[made.id] = made
    if token:
        tokens[token] = made.id
    made.begin()
    return {"sandbox": _shown(made)}


@operation("codebuild", "StopSandbox")
def stop_sandbox(call: Call) -> Shape:
    found = _find(call, call.params["id"])
    found.stop()
    return {"sandbox": _shown(found)}


@operation("codebuild", "BatchGetSandboxes")
def batch_get_sandboxes(call: Call) -> Shape:
    ids, known = list(dict.fromkeys(call.params["ids"])), _table(call)
    found = [_shown(known[store.bare(identity)]) for identity in ids if store.bare(identity) in known]
    return {"sandboxes": found, "sandboxesNotFound": [identity for identity in ids if store.bare(identity) not in known]}


@operation("codebuild", "ListSandboxes")
def list_sandboxes(call: Call) -> Shape:
    return store.page(call, store.ordered(call, _table(call), "DESCENDING"), "ids")


@operation("codebuild", "ListSandboxesForProject")
def list_sandboxes_for_project(call: Call) -> Shape:
    name = store.project(call, call.params["projectName"])["name"]
    found = [identity for identity, sandbox in _table(call).items() if sandbox.request.project == name]
    return store.page(call, store.ordered(call, found, "DESCENDING"), "ids")


@operation("codebuild", "StartSandboxConnection")
def start_sandbox_connection(call: Call) -> Shape:
    """A shell in the sandbox, by a session as StartSession begins one. The role of the project lets its agent open the channels."""
    found = _running(call)
    if not channels.may_open(authority.session(call, found.request.role, f"AWSCodeBuild-{found.uuid}")):
        raise Refusal(store.INVALID, f"Sandbox {found.arn} cannot be reached: its service role does not allow ssmmessages")

    def make() -> Program:
        place = found.place()
        if place is None:
            raise Unable("the sandbox has ended")
        return OnTerminal(["/usr/bin/env", "bash"], *place)

    session = ssm_session.begin(call, {"Target": f"codebuild:{found.uuid}"}, "InteractiveCommands", {}, make, "codebuild")
    return {"ssmSession": {name[0].lower() + name[1:]: value for name, value in session.answer().items()}}


@sessions.targets("codebuild:")
def _target(call: Call, target: str) -> sessions.Environment | None:
    """A sandbox that runs, or a build that is paused at a breakpoint and whose role lets the agent open its channels."""
    identity = target.removeprefix("codebuild:")
    found: Build | None = next((each for each in _table(call).values() if each.uuid == identity and each.running), None)
    found = found or next((each for each in store.builds(call).values() if each.uuid == identity and each.debug and each.paused), None)
    place = found.place() if found is not None else None
    if found is None or place is None or not channels.may_open(authority.session(call, found.request.role, identity)):
        return None
    return lambda: {**place[0], sessions.FOLDER: place[1]}


@operation("codebuild", "StartCommandExecution")
def start_command_execution(call: Call) -> Shape:
    """A command in a shell of its own."""
    sandbox, identity, now = _running(call), str(uuid.uuid4()), world.clock.utc()
    place = sandbox.place()
    if place is None:
        raise Refusal(store.INVALID, f"Sandbox {sandbox.arn} is not running")
    group, stream = sandbox.where
    made: Shape = {
        "id": identity,
        "sandboxId": sandbox.id,
        "sandboxArn": sandbox.arn,
        "submitTime": now,
        "startTime": now,
        "status": "IN_PROGRESS",
        "command": call.params["command"],
        "type": call.params.get("type", "SHELL"),
        "logs": logs(call, group, stream),
    }
    sandbox.commands[identity] = made
    shells: list[Shell] = []
    words = ["/usr/bin/env", "bash", "-c", call.params["command"]]
    shells.append(Shell(Wanted(words, sandbox.folders.source, place[0], partial(_seen, sandbox, made, shells))))
    return {"commandExecution": dict(made)}


def _seen(sandbox: Sandbox, made: Shape, shells: list[Shell]) -> None:
    """There may be a new line, or the end."""
    code, lines = shells[0].code, shells[0].lines()
    if sandbox.over:
        shells[0].kill()
    sandbox.log.write(lines)
    if lines:
        made["standardOutputContent"] = made.get("standardOutputContent", "") + "".join(f"{sandbox.log.masked(line)}\n" for line in lines)
    if code is not None:
        made.update(status="SUCCEEDED" if code == 0 else "FAILED", exitCode=str(code), endTime=world.clock.utc())


@operation("codebuild", "BatchGetCommandExecutions")
def batch_get_command_executions(call: Call) -> Shape:
    known, ids = _find(call, call.params["sandboxId"]).commands, list(dict.fromkeys(call.params["commandExecutionIds"]))
    answer: dict[str, Any] = {"commandExecutions": [dict(known[identity]) for identity in ids if identity in known]}
    return {**answer, "commandExecutionsNotFound": [identity for identity in ids if identity not in known]}


@operation("codebuild", "ListCommandExecutionsForSandbox")
def list_command_executions_for_sandbox(call: Call) -> Shape:
    found = [dict(each) for each in _find(call, call.params["sandboxId"]).commands.values()]
    return store.page(call, store.ordered(call, found, "DESCENDING"), "commandExecutions")
