"""Sessions: what StartSession and ECS Exec begin, and who was where when.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html. What is refused is in rules/ssm_sessions.py; what
happens on the wire is in emulator/sessions/.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import consoles, registry, world
from ..registry import operation
from ..sessions import listener
from ..sessions.channel import Channel
from ..sessions.program import AtPort, OnTerminal, Program
from ..wire import Call, Refusal
from . import ecs_state as ecs
from . import ssm_agent, ssm_hybrid
from .ssm_store import page

Item = dict[str, Any]
NOT_ENABLED = (
    "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn't running. "
    "Wait and try again or run a new task with execute command enabled and try again."
)
PIECE = 200_000  # A log event takes 256 KB.


@dataclass(frozen=True)
class Begun:
    """A session as DescribeSessions shows it, and its channel."""

    shown: Item
    channel: Channel


def sessions(call: Call) -> dict[str, Begun]:
    found: dict[str, Begun] = world.store("ssm", call).setdefault("sessions", {})
    return found


def document(call: Call, name: str) -> Item:
    """The content of a session document. Raises InvalidDocument."""
    answer = world.aws(call, "ssm", "GetDocument", Name=name)
    content: Item = json.loads(answer["Content"])
    return content


def rendered(content: Item, given: dict[str, list[str]]) -> Item:
    """`properties` with the parameters in them."""
    values = {name: given.get(name, [spec.get("default", "")])[0] for name, spec in content.get("parameters", {}).items()}
    text = json.dumps(content.get("properties", {}))
    for name, value in values.items():
        text = text.replace("{{ " + name + " }}", json.dumps(value)[1:-1]).replace("{{" + name + "}}", json.dumps(value)[1:-1])
    found: Item = json.loads(text)
    return found


@operation("ssm", "StartSession")
def start_session(call: Call) -> Item:
    wanted = call.params
    content = document(call, wanted.get("DocumentName", "SSM-SessionManagerRunShell"))
    properties = rendered(content, wanted.get("Parameters", {}))
    task, container = _place(call, wanted["Target"])

    def program() -> Program:
        if content["sessionType"] == "Port":
            return AtPort(properties.get("host", "127.0.0.1"), int(properties["portNumber"]))
        command = properties.get("linux", {}).get("commands", "")
        return _program(call, task, container, command)

    shown = {"Target": wanted["Target"], "DocumentName": wanted.get("DocumentName"), "Reason": wanted.get("Reason")}
    return begin(call, shown, content["sessionType"], content.get("inputs", {}), program)


def _program(call: Call, task: Item, container: Item, command: str) -> Program:
    environment = {**ssm_agent.environment(call, task, container), "EMULATED_COMMAND": command}
    return OnTerminal(consoles.said().program, environment)


def _place(call: Call, target: str) -> tuple[Item, Item]:
    """Task and container definition of a node."""
    task = ecs.table(call, "tasks")[ssm_hybrid.nodes(call)[target]["task"]]
    return task, next(item for item in task["definition"] if ssm_agent.told(item))


def begin(call: Call, shown: Item, kind: str, inputs: Item, program: Callable[[], Program]) -> Item:
    """Make a session; {SessionId, StreamUrl, TokenValue}. `inputs`: those of the session document."""
    name = f"{call.arn('iam', 'root', regional=False).rpartition(':')[2]}-{secrets.token_hex(9)[:17]}"
    record = {
        "SessionId": name,
        "Owner": call.arn("iam", "root", regional=False),
        "Status": "Connected",
        "StartDate": world.clock.utc(),
        **{member: value for member, value in shown.items() if value},
    }

    def ended(transcript: bytes) -> None:
        with world.lock:
            if record["Status"] == "Terminated":
                return
            record.update(Status="Terminated", EndDate=world.clock.utc())
            _keep(call, inputs, name, transcript)

    def start() -> Program:
        with world.lock:
            return program()

    def key(blob: bytes, context: dict[str, str]) -> bytes:
        with world.lock:
            found: bytes = world.aws(call, "kms", "Decrypt", CiphertextBlob=blob, EncryptionContext=context)["Plaintext"]
            return found

    faults = consoles.said().faults
    channel = Channel(name, shown["Target"], kind, inputs.get("kmsKeyId", ""), start, key, ended, faults)
    sessions(call)[name] = Begun(record, channel)
    return {"SessionId": name, "StreamUrl": listener.url(channel), "TokenValue": listener.token(channel)}


def _keep(call: Call, inputs: Item, name: str, transcript: bytes) -> None:
    """The transcript goes into the document's log group, in a stream with the session's name. Without the group it is lost."""
    group = inputs.get("cloudWatchLogGroupName")
    text = transcript.decode("utf-8", "replace")
    if not group or not text.strip():
        return
    now = int(world.clock.now() * 1000)
    events = [{"timestamp": now, "message": text[start : start + PIECE]} for start in range(0, len(text), PIECE)]
    with contextlib.suppress(Refusal):
        world.aws(call, "logs", "CreateLogStream", logGroupName=group, logStreamName=name)
        world.aws(call, "logs", "PutLogEvents", logGroupName=group, logStreamName=name, logEvents=events[-100:])


def settle(call: Call) -> None:
    """Sessions whose task has gone: nobody tells their clients."""
    for begun in sessions(call).values():
        if not begun.channel.over and not _stands(call, begun.shown["Target"]):
            begun.channel.vanish()


def _stands(call: Call, target: str) -> bool:
    if target.startswith("ecs:"):
        _cluster, task, _runtime = target.removeprefix("ecs:").rsplit("_", 2)
        found = next((item for arn, item in ecs.table(call, "tasks").items() if ecs.last(arn) == task), None)
        return bool(found and found["lastStatus"] == "RUNNING")
    node = ssm_hybrid.nodes(call).get(target)
    return bool(node and node["alive"]())


@operation("ssm", "ResumeSession")
def resume_session(call: Call) -> Item:
    """A new token for a session that goes on; none for one that is over."""
    settle(call)
    begun = sessions(call).get(call.params["SessionId"])
    if begun is None:
        raise Refusal("DoesNotExistException", f"Session {call.params['SessionId']} does not exist.")
    if begun.channel.over:
        return {"SessionId": call.params["SessionId"]}
    return {"SessionId": begun.channel.session, "StreamUrl": listener.url(begun.channel), "TokenValue": listener.token(begun.channel)}


@operation("ssm", "TerminateSession")
def terminate_session(call: Call) -> Item:
    """It is no error when the session is over, or was never there."""
    begun = sessions(call).get(call.params["SessionId"])
    if begun is not None:
        begun.channel.close()
    return {"SessionId": call.params["SessionId"]}


@operation("ssm", "DescribeSessions")
def describe_sessions(call: Call) -> Item:
    settle(call)
    active = call.params["State"] == "Active"
    found = [begun.shown for begun in sessions(call).values() if (begun.shown["Status"] != "Terminated") is active]
    for wanted in call.params.get("Filters", []):
        member = {"Target": "Target", "Owner": "Owner", "Status": "Status", "SessionId": "SessionId"}.get(wanted["key"])
        if member is None:
            raise Refusal("InvalidFilterKey", f"The emulator does not have the filter {wanted['key']}.")
        found = [item for item in found if item[member] == wanted["value"]]
    return page(sorted(found, key=lambda item: item["StartDate"], reverse=True), call.params, 200, "Sessions")


@operation("ecs", "ExecuteCommand")
def execute_command(call: Call) -> Item:
    """ECS Exec (rules ECS-T20). The agent splits the command itself: no shell is in between."""
    wanted = call.params
    cluster = ecs.cluster(call, wanted.get("cluster"))
    task = ecs.table(call, "tasks").get(_arn(call, cluster, wanted["task"]))
    if task is None:
        raise ecs.invalid("The specified task does not exist.")
    if not task["enableExecuteCommand"] or task["lastStatus"] != "RUNNING":
        raise ecs.invalid(NOT_ENABLED)
    name = wanted.get("container") or task["containers"][0]["name"]
    shown = next(item for item in task["containers"] if item["name"] == name)
    container = next(item for item in task["definition"] if item["name"] == name)
    target = f"ecs:{cluster['clusterName']}_{ecs.last(task['taskArn'])}_{shown['runtimeId']}"
    begun = begin(
        call,
        {"Target": target, "DocumentName": "AmazonECS-ExecuteInteractiveCommand"},
        "InteractiveCommands",
        {},
        lambda: _program(call, task, container, wanted["command"]),
    )
    session = {name[0].lower() + name[1:]: value for name, value in begun.items()}
    described = {"clusterArn": cluster["clusterArn"], "containerArn": shown["containerArn"], "containerName": name}
    return {**described, "interactive": True, "session": session, "taskArn": task["taskArn"]}


def _arn(call: Call, cluster: Item, value: str) -> str:
    return value if value.startswith("arn:") else f"{call.arn('ecs', 'task')}/{cluster['clusterName']}/{value}"


@registry.on_reset
def _forget() -> None:
    listener.forget()
