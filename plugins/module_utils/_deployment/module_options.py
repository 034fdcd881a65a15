# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that the modules of both engines share, and the function that carries them out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .._core.errors import RailyardError
from .._core.progress import Say
from .._ecs import revisions
from .._ecs.deployment import Deployment
from . import start
from .deployment import IF_RUNNING, WAIT_FOR, Clients, predicted
from .deployments import Deployments
from .follow import TIMEOUTS, Following
from .start import Outcome

STATES = ("started", "continued", "stopped")
NETWORK = {
    "subnets": {"type": "list", "elements": "str", "required": True},
    "security_groups": {"type": "list", "elements": "str"},
    "assign_public_ip": {"type": "bool", "default": False},
}
SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": list(STATES), "default": "started"},
    "task_definition": {"type": "str"},
    "deployment_id": {"type": "str"},
    "platform_version": {"type": "str"},
    "network": {"type": "dict", "options": NETWORK},
    "force": {"type": "bool", "default": False},
    "if_running": {"type": "str", "choices": list(IF_RUNNING), "default": "wait"},
    "rollback": {"type": "bool", "default": True},
    "wait_for": {"type": "str", "choices": list(WAIT_FOR), "default": "traffic_shifted"},
    "timeouts": {"type": "dict", "default": {}, "options": {name: {"type": "int"} for name in TIMEOUTS}},
    "progress": {"type": "path"},
}
ABSENT = {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException", "ServiceNotFoundException"}


def carry_out(name: str, connect: Callable[[], Deployments], options: dict[str, Any], say: Say, check: bool) -> Outcome:
    """Do what the options of a module say (see `SPEC`; those of one engine only beside them). Raises RailyardError.

    `name` is the engine's; `connect` finds the service. A check says what would happen where there is no service yet as well.
    """
    how = Following(say=say, timeouts={key: value for key, value in options["timeouts"].items() if value is not None})
    try:
        live = connect()
    except RailyardError as error:
        if check and error.code in ABSENT:
            return _nothing_yet(name, options)
        raise
    if options["state"] == "stopped":
        return start.stop_deployment(live, options["deployment_id"], options["rollback"], how, check)
    if options["state"] == "continued":
        outcome = start.continue_deployment(live, options["deployment_id"], how, check)
    else:
        wanted = resolved(live.clients, options, check)
        outcome = start.start_deployment(live, wanted, options["if_running"], how, check)
    return outcome if check else start.follow_on(live, outcome, options["wait_for"], how)


def _nothing_yet(name: str, options: dict[str, Any]) -> Outcome:
    if options["state"] != "started":
        return Outcome(False, None)
    return Outcome(True, predicted(name, options), {})


def resolved(clients: Clients, wanted: dict[str, Any], check: bool = False) -> dict[str, Any]:
    """`wanted` with its task definition as a full ARN; the container and the port that it names exist there (rule CD-23)."""
    asked = wanted["task_definition"]
    definition = revisions.described(clients["ecs"], asked)
    if not definition:
        if check:
            return wanted
        raise RailyardError(f"task definition {asked} does not exist; task_definition is a family, a family:revision or an ARN")
    container, port = wanted.get("container"), wanted.get("port")
    ports = {
        item["name"]: [entry.get("containerPort") for entry in item.get("portMappings", [])] for item in definition["containerDefinitions"]
    }
    if container and container not in ports:
        raise RailyardError(f"task definition {asked} has no container {container}; it has {', '.join(ports)}")
    if container and port and port not in ports[container]:
        raise RailyardError(f"container {container} of task definition {asked} has no port {port}; it has {_listed(ports[container])}")
    return {**wanted, "task_definition": definition["taskDefinitionArn"]}


def _listed(ports: Iterable[Any]) -> str:
    return ", ".join(str(port) for port in ports) or "none"


def listing(connect: Callable[[], Deployments], limit: int) -> list[Deployment]:
    """The newest deployments of a service and all in flight, newest first; [] where there is no service."""
    try:
        live = connect()
    except RailyardError as error:
        if error.code in ABSENT:
            return []
        raise
    return live.recent(limit)
