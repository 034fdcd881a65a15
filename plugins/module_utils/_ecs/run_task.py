# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task: start it, follow it to its end with its lines, and say what its end was.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html. What `wanted` holds (optional but the first three):

  cluster, task_definition  family, family:revision or ARN
  network                   {subnets, security_groups, assign_public_ip}
  container                 whose command, environment, lines and exit code count; without it the only, or the first essential one
  command, environment      a list and a dict, in the place of those of the task definition
  token                     at most 64 characters: the same token never starts a second task (rule ECS-R3)
  started_by, tags, platform_version, execute_command (bool: a person may enter it by ECS Exec)
  wait_timeout              seconds for `follow`, 3600 by default; on_timeout: leave (the task runs on) or stop

Every failure is a RailyardError whose details have a `kind`: refused (ECS did not accept the task), never_started, failed (it ended, and
not well), timeout, or unknown (nobody can tell). From the start on they have the result as far as it is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from .._core import aws, tags
from .._core.clock import Clock
from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._core.plan import Plan, Propagation, Step, apply_plan
from .._core.progress import Say
from . import revisions, stop_hints, stopped_task
from .followed_task import Followed, TaskResult, describe

Clients = dict[str, Any]
MOST_OVERRIDES = 8192
UNASSUMED = Propagation("ClientException", "unable to assume the role", 120)  # Rule ECS-R8: a role that was made moments ago.
TIMEOUT = 3600
# Seconds from StopTask to SIGKILL that Fargate allows at most, and what it takes to clear away.
STOPPING = 180.0


def run(
    clients: Clients,
    wanted: dict[str, Any],
    say: Say = lambda line: None,
    heartbeat: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
) -> TaskResult:
    """Start a task and follow it to its end; the result of `follow`. `clients`: {ecs, logs}."""
    return follow(clients, wanted, start(clients, wanted), say, heartbeat, clock)


def start(clients: Clients, wanted: dict[str, Any]) -> str:
    """Start a task; its ARN. With a token that has started one already, that one's."""
    definition, container = definition_of(clients["ecs"], wanted)
    params = request({**wanted, "container": container, "task_definition": definition["taskDefinitionArn"]})
    try:
        answer = apply_plan(clients["ecs"], Plan(None, None, (Step("RunTask", params, propagation=(UNASSUMED,)),)))["RunTask"]
    except RailyardError as error:
        raise _refused(error, wanted) from error
    failures = answer.get("failures", [])
    if failures or not answer.get("tasks"):
        # HTTP 200 without a task is a failed call (rule ECS-R1).
        reasons = "; ".join(f"{item.get('reason')} {item.get('detail') or ''}".strip() for item in failures) or "no reason given"
        helps = stop_hints.hint(reasons)
        words = f"ECS did not accept the task: {reasons}. Nothing has run{f': {helps}' if helps else ''}"
        raise RailyardError(words, kind="refused", failures=failures)
    return str(answer["tasks"][0]["taskArn"])


def definition_of(ecs: Any, wanted: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The task definition in AWS's shape, and the name of the container that counts. Raises RailyardError when there is none."""
    name = wanted["task_definition"]
    found = revisions.described(ecs, name)
    if not found:
        raise RailyardError(f"there is no task definition {name}: a family, a family:revision or an ARN", kind="refused")
    containers = found["containerDefinitions"]
    names = [item["name"] for item in containers]
    essential = [item["name"] for item in containers if item.get("essential", True)]
    chosen = wanted.get("container") or (essential or names)[0]
    if chosen not in names:
        raise RailyardError(f"task definition {name} has no container {chosen}; it has {', '.join(names)}", kind="refused")
    return found, chosen


def request(wanted: dict[str, Any]) -> dict[str, Any]:
    """Parameters of RunTask. Pure; raises RailyardError for overrides that ECS would refuse (rule ECS-R4)."""
    network = wanted["network"]
    override: dict[str, Any] = {"name": wanted["container"]}
    if wanted.get("command"):
        override["command"] = [str(word) for word in wanted["command"]]
    if wanted.get("environment"):
        override["environment"] = tags.as_pairs(wanted["environment"], "name", "value")
    overrides = {"containerOverrides": [override]} if len(override) > 1 else {}
    if len(json.dumps(overrides)) > MOST_OVERRIDES:
        raise RailyardError(
            f"command and environment together have more than {MOST_OVERRIDES} characters (rule of RunTask)", kind="refused"
        )
    vpc = {
        "subnets": network["subnets"],
        "securityGroups": network.get("security_groups") or [],
        "assignPublicIp": "ENABLED" if network.get("assign_public_ip") else "DISABLED",
    }
    params = {
        "cluster": wanted["cluster"],
        "taskDefinition": wanted["task_definition"],
        "launchType": "FARGATE",
        "platformVersion": wanted.get("platform_version"),
        "networkConfiguration": {"awsvpcConfiguration": vpc},
        "overrides": overrides,
        "clientToken": wanted.get("token"),
        "startedBy": re.sub(r"[^A-Za-z0-9_/-]", "-", wanted.get("started_by") or "")[:128],
        "propagateTags": "TASK_DEFINITION",
        "enableECSManagedTags": True,
        "enableExecuteCommand": wanted.get("execute_command") or None,
        "tags": tags.as_pairs(wanted.get("tags"), "key", "value"),
    }
    return {name: value for name, value in params.items() if value not in (None, "", [], {})}


def _refused(error: RailyardError, wanted: dict[str, Any]) -> RailyardError:
    if not error.code:
        again = "the same command again finds it" if wanted.get("token") else "look at the tasks of the cluster before you try again"
        return RailyardError(f"{error.message}; whether ECS has started the task is not known: {again}", kind="unknown")
    if error.code == "ConflictException":
        words = f"the token {wanted.get('token')} has started a task of another definition, command or environment already"
        return RailyardError(f"{words}; nothing was started now. {error.message}", error.code, **{**error.details, "kind": "refused"})
    return RailyardError(f"ECS did not accept the task: {error.message}", error.code, **{**error.details, "kind": "refused"})


def follow(
    clients: Clients,
    wanted: dict[str, Any],
    task_arn: str,
    say: Say = lambda line: None,
    heartbeat: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
) -> TaskResult:
    """Follow a task to its end, whenever it was started: `say` gets its states and each of its lines, `heartbeat` is called at each look.

    Returns it when it has ended well: its container ended by itself, with exit code 0 (rule ECS-R10). Raises RailyardError otherwise.
    """
    task = describe(clients["ecs"], task_arn)
    definition, container = definition_of(
        clients["ecs"], {**wanted, "task_definition": (task or {}).get("taskDefinitionArn", wanted["task_definition"])}
    )
    followed = Followed(clients, task_arn, container, stopped_task.log_place(definition, container, task_arn), say, clock or Clock())
    followed.definition = definition
    seconds = wanted.get("wait_timeout") or TIMEOUT
    try:
        if followed.until_stopped(seconds, heartbeat):
            return judged(followed)
    except Interrupted as end:
        raise Interrupted(_goes_on(followed), **followed.result()) from end
    if wanted.get("on_timeout") != "stop":
        raise _too_long(followed, seconds, "It runs on")
    aws.call(clients["ecs"], "StopTask", cluster=followed.cluster, task=task_arn, reason=f"Not ended after {seconds} seconds")
    ended = followed.until_stopped(STOPPING, heartbeat)
    raise _too_long(followed, seconds, "It was stopped" if ended else "It is being stopped")


def _goes_on(followed: Followed) -> str:
    result, status = followed.result(), str(followed.task.get("lastStatus", "being started")).lower()
    lines = f"; its lines: {result['log_url']}" if result["log_url"] else ""
    return f"task {followed.arn.rpartition('/')[2]} is {status} and goes on by itself{lines}. To see it and to end it: playbooks/sweep.yml"


def _too_long(followed: Followed, seconds: float, became: str) -> RailyardError:
    result = followed.result()
    look = f"watch it: aws ecs describe-tasks --cluster {followed.cluster} --tasks {result['task_arn']}"
    stop = f"stop it: aws ecs stop-task --cluster {followed.cluster} --task {result['task_arn']}"
    said = [f"the task has not ended after {seconds:.0f} s. {became}: {result['task_url']}"]
    return RailyardError("\n".join([*said, *([look, stop] if became == "It runs on" else [])]), kind="timeout", **result)


def judged(followed: Followed) -> TaskResult:
    """The result of a task that has stopped. Raises RailyardError unless it has ended well."""
    result, container = followed.result(), followed.own()
    why = "; ".join(dict.fromkeys(text for text in (result["stopped_reason"], container.get("reason")) if text)) or "without a reason"
    if result["exit_code"] is None and result["started_at"] is None:
        helps = stop_hints.hint(why, result["stop_code"])
        words = f"the task never started: {why} ({result['stop_code']})"
        raise RailyardError(words + (f". {helps[0].upper()}{helps[1:]}" if helps else ""), kind="never_started", **result)
    if result["exit_code"] == 0 and result["stop_code"] == "EssentialContainerExited":
        return result
    raise RailyardError("\n".join([_end(result, container, why), *_tail(result)]), kind="failed", **result)


def _end(result: TaskResult, container: dict[str, Any], why: str) -> str:
    code, name = result["exit_code"], container["name"]
    if stopped_task.OUT_OF_MEMORY in why:
        return f"container {name} ran out of memory and was killed, exit code {code}: {why}. Give the process more memory"
    if code is None:
        return f"the task was ended, and container {name} has no exit code: {why} ({result['stop_code']})"
    if result["stop_code"] != "EssentialContainerExited":
        return f"the task was stopped before it had finished: {why} ({result['stop_code']}), exit code {code}"
    killed = ", killed by SIGKILL" if code == stopped_task.KILLED else ""
    return f"container {name} ended with exit code {code}{killed}"


def _tail(result: TaskResult) -> list[str]:
    if not result["lines"]:
        return ["it wrote no lines, or the log does not show them yet"] if result["log_url"] else ["it has no log"]
    return ["its last lines:", *(f"  {line}" for line in stopped_task.without_frames(result["lines"], 20))]
