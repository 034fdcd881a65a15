"""Sessions with nodes: StartSession and what is asked of sessions afterwards. ECS Exec begins its own (services/ecs/exec.py).

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html. What is refused is in rules/ssm/sessions.py; what
happens on the wire is in emulator/sessions/.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, cast

from ... import registry, world
from ...executors import containers, programs
from ...registry import operation
from ...sessions import database, listener, settings
from ...sessions.program import TERM, AtPort, OnTerminal, Program, Unable
from ...wire import Call, Refusal
from ..rds import endpoints
from . import documents, managed_nodes
from .parameter_store import page
from .session import begin, sessions
from .transcripts import Shown

# What a program at a target has in its environment. A finder answers None when no agent is there.
Environment = Callable[[], dict[str, str]]
Finder = Callable[[Call, str], Environment | None]
_finders: dict[str, Finder] = {}
# Where an environment says which image a container has, and its task's address.
IMAGE, ADDRESS = "EMULATED_IMAGE", "EMULATED_ADDRESS"
# Where it says in which folder of this machine a shell is the program, as in builds.
FOLDER = "EMULATED_FOLDER"
REMEMBERED = timedelta(days=30)
FILTERS = {"Target": "Target", "Owner": "Owner", "Status": "Status", "SessionId": "SessionId", "AccessType": "AccessType"}


@operation("ssm", "StartSession")
def start_session(call: Call) -> dict[str, Any]:
    wanted = call.params
    content = documents.session_document(call)
    properties = documents.rendered(content, wanted.get("Parameters", {}))
    environment = _environment(call, wanted["Target"])
    if environment is None:
        raise not_connected(wanted["Target"])
    instead = settings.current().port or _stand_in(call, properties) if content["sessionType"] == "Port" else None

    def make() -> Program:
        if content["sessionType"] == "Port":
            host, port = properties.get("host", ""), int(properties["portNumber"])
            if lost := endpoints.kept_out(call, environment().get(ADDRESS, ""), host, port):
                raise Unable(f"Unable to connect to specified port: dial tcp {lost}:{port}: connect: connection timed out")
            return AtPort(host, port, instead)
        command = properties.get("linux", {}).get("commands", "")
        if not command.strip() and content["sessionType"] != "Standard_Stream":
            raise Unable(f"Commands cannot be empty for session type {content['sessionType']}")
        return program(call, environment(), command)

    shown = cast(Shown, {member: wanted[member] for member in ("Target", "DocumentName", "Reason") if wanted.get(member)})
    return begin(call, shown, content["sessionType"], content.get("inputs", {}), make).answer()


def _stand_in(call: Call, properties: dict[str, Any]) -> int | None:
    """The port of this machine that stands for a database's of the same account; None for what is none."""
    host, port = properties.get("host", ""), int(properties["portNumber"])
    endpoints = [item.get("Endpoint", {}) for item in world.aws(call, "rds", "DescribeDBInstances")["DBInstances"]]
    return database.port(host) if any((each.get("Address"), each.get("Port")) == (host, port) for each in endpoints) else None


def program(call: Call, environment: dict[str, str], command: str) -> Program:
    """What runs on a terminal in a container: the command itself where its image has a program; else a stand-in that knows the command."""
    if folder := environment.pop(FOLDER, ""):
        return OnTerminal(["/usr/bin/env", "bash", *(["-c", command] if command.strip() else [])], environment, folder)
    found, address = programs.find(environment.pop(IMAGE, "")), environment.pop(ADDRESS, "")
    if found is None:
        return OnTerminal(settings.program(), {**environment, "EMULATED_COMMAND": command})
    reaches = partial(endpoints.reaches, call, address)
    if found.image:
        environment = {**environment, "TERM": TERM}
        prepared = containers.prepare(found, ["/bin/sh"], ["-c", command], environment, reaches, "--interactive", "--tty", "--init")
    else:
        prepared = programs.prepare(found, ["/bin/sh", "-c", command], environment, reaches)
    return OnTerminal(prepared.words, prepared.environment, prepared.folder, prepared.end)


def targets(prefix: str) -> Callable[[Finder], Finder]:
    """This function finds the targets that begin like this, where an agent answers."""

    def register(finder: Finder) -> Finder:
        _finders[prefix] = finder
        return finder

    return register


@targets("mi-")
def _node(call: Call, target: str) -> Environment | None:
    node = managed_nodes.nodes(call).get(target)
    found: Environment | None = node["environment"] if node is not None and managed_nodes.connected(node) else None
    return found


def _environment(call: Call, target: str) -> Environment | None:
    finder = next((finder for prefix, finder in _finders.items() if target.startswith(prefix)), None)
    return finder(call, target) if finder else None


def connected(call: Call, target: str) -> bool:
    """Whether an agent answers there."""
    return _environment(call, target) is not None


def not_connected(target: str) -> Refusal:
    return Refusal("TargetNotConnected", f"{target} is not connected.")


def settle(call: Call) -> None:
    """Sessions whose task has gone are over, and nobody tells their clients; so are those of the emulator that this is a copy of."""
    for session in list(sessions(call).values()):
        if session.over:
            session.ended()
        elif not connected(call, session.shown["Target"]):
            session.channel.vanish()


@operation("ssm", "ResumeSession")
def resume_session(call: Call) -> dict[str, Any]:
    """A new token for a session that goes on; none for one that is over."""
    settle(call)
    session = sessions(call).get(call.params["SessionId"])
    if session is None:
        raise Refusal("DoesNotExistException", f"Session with id {call.params['SessionId']} does not exist")
    return {"SessionId": call.params["SessionId"]} if session.over else session.answer()


@operation("ssm", "TerminateSession")
def terminate_session(call: Call) -> dict[str, Any]:
    """It is no error when the session is over, or was never there."""
    session = sessions(call).get(call.params["SessionId"])
    if session is not None:
        session.channel.close()
    return {"SessionId": call.params["SessionId"]}


@operation("ssm", "DescribeSessions")
def describe_sessions(call: Call) -> dict[str, Any]:
    """Newest first. History is what has ended in the last 30 days."""
    settle(call)
    active, oldest = call.params["State"] == "Active", world.clock.utc() - REMEMBERED / world.clock.speed
    found = [each.shown for each in sessions(call).values()]
    found = [each for each in found if (each["Status"] != "Terminated") is active and each.get("EndDate", oldest) >= oldest]
    for wanted in call.params.get("Filters", []):
        found = [each for each in found if _matches(each, wanted["key"], wanted["value"])]
    return page(sorted(found, key=lambda each: each["StartDate"], reverse=True), call.params, 200, "Sessions")


def _matches(shown: Shown, key: str, value: str) -> bool:
    began: str = shown["StartDate"].strftime("%Y-%m-%dT%H:%M:%SZ")
    if key in ("InvokedAfter", "InvokedBefore"):
        return began >= value if key == "InvokedAfter" else began <= value
    return dict(shown).get(FILTERS[key]) == value


@registry.on_reset
def _forget() -> None:
    listener.forget()
