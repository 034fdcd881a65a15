"""ECS Exec: a session with a container of a task. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommand.html"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from ..ssm import session as ssm_session
from ..ssm import sessions
from ..ssm.transcripts import Shown
from . import containers, needs
from . import state as ecs
from .shapes import Container, ContainerDefinition, Task

REFUSED = (
    "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn't "
    "running. Wait and try again or run a new task with execute command enabled and try again."
)
# Each takes what a container was given as environment, and returns what programs in it have.
environments: list[Callable[[dict[str, str]], dict[str, str]]] = []


@operation("ecs", "ExecuteCommand")
def execute_command(call: Call) -> dict[str, Any]:
    """ECS-X2. No shell is between the agent and the command."""
    task, name = ecs.wanted_task(call), call.params.get("container")
    if not task["enableExecuteCommand"] or task["lastStatus"] != "RUNNING":
        raise ecs.invalid(REFUSED)
    if name is None and len(task["containers"]) > 1:
        raise ecs.invalid("Container name must be specified when the task has more than one container.")
    container = next((item for item in task["containers"] if name in (None, item["name"])), None)
    if container is None:
        raise ecs.invalid(f"The container {name} does not exist in the task.")
    running = any(agent["lastStatus"] == "RUNNING" for agent in container.get("managedAgents", []))
    if not running or container["name"] not in task.get("reached", ()):
        raise Refusal("TargetNotConnectedException", "The execute command failed due to an internal error. Try again later.")
    session = _begin(call, task, container)
    return {
        "clusterArn": task["clusterArn"],
        "containerArn": container["containerArn"],
        "containerName": container["name"],
        "interactive": call.params["interactive"],
        "taskArn": task["taskArn"],
        "session": {name[0].lower() + name[1:]: value for name, value in session.answer().items()},
    }


def _begin(call: Call, task: Task, container: Container) -> ssm_session.Session:
    definition = next(item for item in task["definition"] if item["name"] == container["name"])
    target = f"ecs:{ecs.last(task['clusterArn'])}_{ecs.last(task['taskArn'])}_{container['runtimeId']}"
    shown: Shown = {"Target": target, "DocumentName": "AmazonECS-ExecuteInteractiveCommand"}

    def make() -> Any:
        return sessions.program(call, environment(call, task, definition), call.params["command"])

    return ssm_session.begin(call, shown, "InteractiveCommands", _inputs(call, definition), make, "ecs-execute-command")


def _inputs(call: Call, definition: ContainerDefinition) -> dict[str, Any]:
    """Key and log group, as the cluster has it; by default what the container says goes where its log goes."""
    found = ecs.cluster(call, call.params.get("cluster")).get("configuration", {}).get("executeCommandConfiguration", {})
    logging, own = found.get("logging", "DEFAULT"), found.get("logConfiguration", {})
    group = needs.log_group(definition) if logging == "DEFAULT" else own.get("cloudWatchLogGroupName")
    inputs = {
        "kmsKeyId": found.get("kmsKeyId"),
        "cloudWatchLogGroupName": group if logging != "NONE" else None,
        "cloudWatchEncryptionEnabled": own.get("cloudWatchEncryptionEnabled"),
    }
    return {name: value for name, value in inputs.items() if value}


@sessions.targets("ecs:")
def _container(call: Call, target: str) -> sessions.Environment | None:
    """A target `ecs:CLUSTER_TASK_RUNTIME` whose agent runs in that container."""
    place, _, runtime = target.removeprefix("ecs:").rpartition("_")
    cluster, _, name = place.rpartition("_")
    for arn, task in ecs.table(call, "tasks").items():
        if arn.endswith(f"/{cluster}/{name}"):
            found = [item for item in task["containers"] if item.get("runtimeId") == runtime]
            agents = [(item["name"], agent) for item in found for agent in item.get("managedAgents", [])]
            running = next((name for name, agent in agents if agent["lastStatus"] == "RUNNING"), None)
            definition = next((item for item in task["definition"] if item["name"] == running), None)
            return partial(environment, call, task, definition) if definition else None
    return None


def environment(call: Call, task: Task, container: ContainerDefinition) -> dict[str, str]:
    """What a program in the container has in its environment: variables and secrets."""
    given = {**containers.environment(call, container), sessions.IMAGE: container["image"], sessions.ADDRESS: task.get("address", "")}
    for hook in environments:
        given = hook(given)
    return {**given, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": f"/v2/credentials/{ecs.last(task['taskArn'])}"}
