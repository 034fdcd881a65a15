# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opens a console, up to a session that a client can connect to. The caller closes it (closing.py), also after an error.

https://docs.aws.amazon.com/systems-manager/latest/userguide/hybrid-activation-managed-nodes.html
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable
from typing import Any, Optional, TypedDict, TypeVar, cast

from .._core import aws
from .._core import tags as labels
from .._core.clock import REAL, Clock
from .._core.errors import RailyardError
from .._core.plan import Plan
from .._core.progress import Say
from .._ecr.image import Image
from .._ecs import revisions, run_task, stop_hints, stopped_task
from .._ecs.followed_task import describe
from .._one_off import families
from .._ssm import activation, node, setting
from . import queries, request
from .request import EXEC, KIND, TOLD, Request

Clients = dict[str, Any]
Seen = TypeVar("Seen")
STARTING = 300.0  # Seconds until the task's agent must have registered; an image is pulled in that time.
CONNECTING = 120.0  # Seconds until an agent that has reported must have opened its channel.
NOT_CONNECTED = ("TargetNotConnected", "TargetNotConnectedException")
NOT_ADVANCED = "advanced-instances tier"  # In AWS's words while a change of the tier is PendingUpdate.
PAUSE = 2.0
ADVANCED = "advanced"
LAST_LINES = 20


class Opened(TypedDict):
    """A console whose task runs. `image`: URI by digest. `task`: ARN. `target`: what StartSession takes."""

    image: str
    task: str
    target: str


class Session(TypedDict):
    """What a client needs to connect to a session, as StartSession returns it. It is as secret as a password."""

    SessionId: str
    StreamUrl: str
    TokenValue: str


def allow(ssm: Any, mode: str, advanced_tier: bool) -> bool:
    """Look at the tier of hybrid nodes, and switch it when that is asked for; whether it was switched. Raises RailyardError without it."""
    if mode == EXEC or setting.tier(ssm) == ADVANCED:
        return False
    if not advanced_tier:
        raise RailyardError(
            "Session Manager opens sessions with hybrid nodes in the advanced-instances tier only, and this account and Region are in the "
            "standard tier. The advanced tier is a switch for the whole account in this Region: each hybrid node in it costs about "
            "0.007 USD an hour while it is registered, those of other teams too; a console's node is registered while it is open. "
            "To turn it on: -e advanced_tier=yes. Without it: railyard_console: exec (ECS Exec)"
        )
    aws.call(ssm, "UpdateServiceSetting", SettingId=setting.TIER, SettingValue=ADVANCED)
    return True


def predict(clients: Clients, wanted: Request) -> dict[str, Any]:
    """What a console would run: {image, command}. Writes nothing, and raises RailyardError for what must not be opened."""
    request.check(wanted)
    return {"image": _chosen(clients, wanted)["image"]["uri"], "command": request.line(wanted)}


def begin(clients: Clients, wanted: Request, say: Say, clock: Clock = REAL, known: queries.Resources | None = None) -> Opened:
    """Start the console's task and wait for it.

    `wanted` has passed `request.check`, which is asked before the first write, and so before `allow`. What is made is noted in `known`.
    """
    known = known if known is not None else queries.Resources()
    chosen = _chosen(clients, wanted)
    tags = {**wanted.tags, "release": release(chosen["image"])}
    made = _activate(clients["ssm"], wanted, tags, known) if wanted.mode != EXEC else None
    revision = revisions.register(clients["ecs"], chosen["plan"]) if made is None else _registered(clients["ecs"], wanted, chosen, known)
    task = _run(clients, wanted, {**chosen, "revision": revision, "tags": tags}, made)
    known.tasks.append(task)
    say(f"task {task.rpartition('/')[2]} starts, with {chosen['image']['uri'].rpartition('/')[2]}")
    ready = _agent(task) if made is None else _node(clients, made["id"])
    target = _await(clients, task, ready, say, clock)
    if made is not None:
        known.nodes.append(target)
        _forget(clients["ssm"], known)
    return {"image": chosen["image"]["uri"], "task": task, "target": target}


def _chosen(clients: Clients, wanted: Request) -> families.Choice:
    where = {
        "cluster": wanted.names.cluster,
        "service": wanted.service,
        "image": wanted.image,
    }
    return families.choose(clients, {**where, "log_group": wanted.log_group, "kind": KIND})


def _activate(ssm: Any, wanted: Request, tags: dict[str, str], known: queries.Resources) -> dict[str, Any]:
    """{id, region} of an activation for one node, whose code is in `wanted.code_parameter` and nowhere else."""
    name, minutes = wanted.names.family(KIND), int(STARTING // 60) + 10
    asked_for = {"iam_role": wanted.node_role, "default_instance_name": name, "minutes": minutes, "tags": tags}
    made = activation.create(ssm, {**asked_for, "registration_limit": 1, "description": f"A console of {wanted.requested_by}"[:256]})
    known.activations.append(made.id)
    known.parameters.append(wanted.code_parameter)
    held = {"Type": "SecureString", "Value": made.code, "Description": "Code of a console's activation", "Tags": labels.as_pairs(tags)}
    # The name is nobody else's: it is there already when a reply was lost.
    aws.find(ssm, "PutParameter", {"ParameterAlreadyExists"}, Name=wanted.code_parameter, **held)
    return {"id": made.id, "region": ssm.meta.region_name}


def _registered(ecs: Any, wanted: Request, chosen: families.Choice, known: queries.Resources) -> str:
    """ARN of a revision of this console's own: RunTask's overrides take no secrets."""
    newest = chosen["request"]
    given = labels.as_dict(newest.get("tags"), "key", "value")
    secret = {"name": TOLD["code"], "valueFrom": wanted.code_parameter}
    containers = [{**item, "secrets": [*item.get("secrets", []), secret]} for item in newest["containerDefinitions"]]
    params = {**newest, "containerDefinitions": containers, "tags": labels.as_pairs({**given, **wanted.tags}, "key", "value")}
    arn = revisions.register(ecs, Plan(steps=(revisions.registration(params),)))
    known.definitions.append(arn)
    return arn


def _forget(ssm: Any, known: queries.Resources) -> None:
    """Delete the parameter with the code, which is used up. If that fails, closing.py tries again and reports it."""
    with contextlib.suppress(RailyardError):
        for name in known.parameters:
            aws.find(ssm, "DeleteParameter", {"ParameterNotFound"}, Name=name)
        known.parameters.clear()


def _run(clients: Clients, wanted: Request, chosen: dict[str, Any], made: dict[str, Any] | None) -> str:
    """ARN of the console's task. The identity is the token: a lost reply does not start a second one."""
    own = {"cluster": wanted.names.cluster, "task_definition": chosen["revision"], "container": KIND, "network": chosen["network"]}
    named = {"token": wanted.identity, "started_by": wanted.identity, "tags": chosen["tags"]}
    return run_task.start(clients, {**own, **named, **request.container(wanted, made), "execute_command": made is None})


def release(image: Image) -> str:
    """The name of the release of an image: its commit, or the beginning of its digest. Pure."""
    return str(image["commit"] or image["digest"].partition(":")[2][:12])


def _node(clients: Clients, activation_id: str) -> Callable[[dict[str, Any]], str | None]:
    """Its node's id once that is Online."""

    def ready(_task: dict[str, Any]) -> str | None:
        online = node.online(clients["ssm"], activation_id)
        return str(online["instance_id"]) if online else None

    return ready


def _agent(task_arn: str) -> Callable[[dict[str, Any]], str | None]:
    """The target of ECS Exec once the agent in the container runs."""

    def ready(task: dict[str, Any]) -> str | None:
        for container in task.get("containers", []):
            agents = {agent["name"]: agent.get("lastStatus") for agent in container.get("managedAgents", [])}
            if container["name"] == KIND and agents.get("ExecuteCommandAgent") == "RUNNING":
                return f"{queries.exec_prefix(task_arn)}{container['runtimeId']}"
        return None

    return ready


def _await(clients: Clients, task_arn: str, ready: Callable[[dict[str, Any]], str | None], say: Say, clock: Clock) -> str:
    began, state = clock.now(), ""

    def look() -> str | None:
        nonlocal state
        task = _living(clients, task_arn)
        if (target := ready(task)) is not None:
            return target
        if task.get("lastStatus", state) != state:
            state = task["lastStatus"]
            say(f"task {state.lower()}, {clock.now() - began:.0f} s")
        return None

    target = _wait(look, STARTING, clock)
    if target is None:
        raise RailyardError(
            f"the console's task is {state.lower() or 'not to be seen'}, and its agent has not reported within {STARTING:.0f} s; "
            f"what it wrote: {stopped_task.task_url(clients['ecs'].meta.region_name, task_arn)}"
        )
    say(f"{target} is ready, {clock.now() - began:.0f} s")
    return target


def _wait(look: Callable[[], Optional[Seen]], seconds: float, clock: Clock) -> Optional[Seen]:
    """The first result of `look` that is not None; None after the time limit."""
    began = clock.now()
    while (seen := look()) is None and clock.now() - began <= seconds:
        clock.sleep(PAUSE)
    return seen


def _living(clients: Clients, task_arn: str) -> dict[str, Any]:
    """The task of DescribeTasks, {} while it is not to be seen. Raises RailyardError when it has stopped."""
    task = describe(clients["ecs"], task_arn) or {}
    if (why := stopped(clients, task)) is not None:
        raise RailyardError(f"the console's task stopped before there was a console: {why}")
    return task


def stopped(clients: Clients, task: dict[str, Any]) -> str | None:
    """Why a task of DescribeTasks has stopped, with its last lines; None while it has not."""
    if task.get("lastStatus") not in ("DEPROVISIONING", "STOPPING", "STOPPED", "DELETED"):
        return None
    definition = revisions.described(clients["ecs"], task["taskDefinitionArn"])
    failed = stopped_task.failed_container(task, definition)
    code = f", exit code {failed['exitCode']}" if failed.get("exitCode") is not None else ""
    reason = failed.get("reason") or task.get("stoppedReason") or "no reason given"
    place = stopped_task.log_place(definition, KIND, task["taskArn"])
    lines = stopped_task.last_lines(clients["logs"], place, LAST_LINES) if place else []
    helps = stop_hints.hint(reason, task.get("stopCode"))
    return "\n".join([f"{reason}{code}{f': {helps}' if helps else ''}", *(f"  {line}" for line in lines)])


def session(clients: Clients, wanted: Request, opened: Opened, clock: Clock = REAL) -> Session:
    """Start the session.

    An agent has reported before its channel is open, and the advanced tier holds a moment after it was turned on: both are asked again.
    """
    said = ""

    def look() -> Session | None:
        nonlocal said
        _living(clients, opened["task"])
        if wanted.mode != EXEC and not node.connected(clients["ssm"], opened["target"]):
            return None
        try:
            return _start(clients, wanted, opened)
        except RailyardError as error:
            if error.code not in NOT_CONNECTED and NOT_ADVANCED not in error.message:
                raise
            said = f": {error.message}"
        return None

    started = _wait(look, CONNECTING, clock)
    if started is None:
        raise RailyardError(
            f"{opened['target']} has reported, and has not connected to Session Manager within {CONNECTING:.0f} s{said}. Its subnet must "
            f"reach ssmmessages, and {permission(wanted)}; what the agent wrote: "
            f"{stopped_task.task_url(clients['ecs'].meta.region_name, opened['task'])}"
        )
    return started


def permission(wanted: Request) -> str:
    """What gives a console's agent the permissions that it needs. Pure."""
    role = wanted.names.roles["task"] if wanted.mode == EXEC else wanted.node_role
    return f"the role {role} must allow ssmmessages, as site.yml with railyard_console: {wanted.mode} makes it"


def _start(clients: Clients, wanted: Request, opened: Opened) -> Session:
    if wanted.mode != EXEC:
        return cast(Session, aws.call(clients["ssm"], "StartSession", **session_parameters(wanted, opened)))
    named = {"cluster": wanted.names.cluster, "task": opened["task"], "container": KIND}
    answer = aws.call(clients["ecs"], "ExecuteCommand", **named, command=shlex.join(request.words(wanted)), interactive=True)["session"]
    return cast(Session, {name[0].upper() + name[1:]: value for name, value in answer.items()})


def session_parameters(wanted: Request, opened: Opened) -> dict[str, Any]:
    """Parameters of StartSession; with ECS Exec what a client must know of the session that ECS starts. Pure."""
    if wanted.mode == EXEC:
        return {"Target": opened["target"]}
    return {
        "Target": opened["target"],
        "DocumentName": wanted.document,
        "Parameters": request.parameters(wanted),
        "Reason": request.remark(wanted),
    }
