# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shape and the states of a deployment, the same for both engines, and the decision what to do about deployments in flight. Pure."""

from __future__ import annotations

from typing import Any, Protocol

from .._core.errors import RailyardError
from .._ecs.deployment import Deployment, shape

Clients = dict[str, Any]

# In the order in which a deployment that goes well comes through them.
PHASES = ("preparing", "ready", "shifting", "waiting", "succeeded")
ENDED = ("succeeded", "failed", "stopped", "superseded", "rolled_back")
WAIT_FOR = ("started", "ready", "traffic_shifted", "old_tasks_stopped")
ARRIVED = {"started": PHASES, "ready": PHASES[1:], "traffic_shifted": PHASES[3:], "old_tasks_stopped": PHASES[4:]}
IF_RUNNING = ("wait", "refuse", "supersede")


class Engine(Protocol):
    """What `_codedeploy/deployment.py` and `_ecs/service_deployment.py` both offer.

    `clients` are boto3 clients by service (codedeploy, ecs, elbv2, logs). `where` is what the engine's `locate` returns: it has
    `cluster` and `service`, and what the engine needs besides. `wanted` is what is to be deployed: `task_definition` (ARN), and as
    far as the engine knows them container, port, platform_version, network, description, token, force, supersedes and options.
    """

    def running(self, clients: Clients, where: dict[str, Any]) -> list[str]:
        """Ids of the deployments in flight, newest first."""

    def recent(self, clients: Clients, where: dict[str, Any], limit: int) -> list[str]:
        """Ids of the newest deployments, newest first, whatever became of them."""

    def read_all(self, clients: Clients, where: dict[str, Any], ids: list[str]) -> list[Deployment]:
        """These deployments in our shape, in this order; those that do not exist are left out."""

    def glance(self, clients: Clients, where: dict[str, Any], identity: str, status: str) -> Any:
        """A value that differs once a deployment has left its `status` (ours), or more of the traffic is on its tasks; by one call."""

    def started_as(self, clients: Clients, where: dict[str, Any], wanted: dict[str, Any]) -> tuple[Deployment | None, bool]:
        """The deployment that this very request has started before, whatever became of it, and True: its token says so.

        Else the one whose result is what is wanted and live, or None, and False.
        """

    def start(self, clients: Clients, where: dict[str, Any], wanted: dict[str, Any]) -> str:
        """Start it; the id. One that is in flight for the same request is returned instead of a second one."""

    def proceed(self, clients: Clients, where: dict[str, Any], identity: str) -> bool:
        """Let a deployment go on that waits for a person, or end the wait before the old tasks go. False: that cannot be done."""

    def stop(self, clients: Clients, where: dict[str, Any], identity: str, rollback: bool) -> None:
        """Stop it, with or without the way back; one that has ended or already stops is left alone."""


def identity_of(deployment: Deployment | None) -> str:
    """The id of a deployment. Only one that check mode predicts has none."""
    if deployment is None or deployment["deployment_id"] is None:
        raise RailyardError("the deployment was not started")
    return deployment["deployment_id"]


def predicted(engine: str, wanted: dict[str, Any], previous: str | None = None) -> Deployment:
    """The deployment that check mode predicts."""
    return shape(engine, status="preparing", task_definition=wanted["task_definition"], previous_task_definition=previous)


def arrived(deployment: Deployment, wait_for: str) -> bool:
    """Whether the deployment has reached the state `wait_for`, or a later one."""
    return deployment["status"] in ARRIVED[wait_for]


def lost(deployment: Deployment) -> bool:
    """Whether the deployment has ended without success."""
    return deployment["status"] in ENDED and deployment["status"] != "succeeded"


def percent(deployment: Deployment) -> int | None:
    """The share of the production traffic on the new tasks."""
    weights = list(deployment["weights"].values())
    total = sum(weights)
    return round(100 * weights[0] / total) if total else None


def progress(deployment: Deployment) -> str:
    """One line of progress: `shifting: 10 % on the new tasks, 2 of 2 healthy`."""
    tasks, share, said = deployment["tasks"], percent(deployment), []
    status = deployment["status"]
    if status in ("shifting", "waiting") and share is not None:
        said.append(f"{share} % on the new tasks")
    if status in PHASES[:4] and tasks["desired"] is not None:
        known = tasks["healthy"] is not None
        said.append(f"{tasks['healthy'] if known else tasks['running']} of {tasks['desired']} {'healthy' if known else 'running'}")
    if status != "succeeded" and deployment["status_reason"]:
        said.append(deployment["status_reason"])
    return f"{status}: {', '.join(said)}" if said else str(status)


def live_now(deployment: Deployment) -> str:
    """A sentence that says which task definitions serve users now."""
    groups = [f"{arn.split('/')[1] if '/' in arn else arn} {weight} %" for arn, weight in deployment["weights"].items() if weight]
    on_new = percent(deployment) == 100
    definition = deployment["task_definition"] if on_new else deployment["previous_task_definition"]
    named = f"{name(definition)} behind " if definition and percent(deployment) in (0, 100) else ""
    return f"live now: {named}{', '.join(groups)}" if groups else "what is live now cannot be told"


def name(definition: str | None) -> str:
    """family:revision of a task definition."""
    return str(definition).rpartition("/")[2]


def label(identity: str | None) -> str:
    """A short id: CodeDeploy's own, or the last part of the ARN that ECS uses."""
    return str(identity).rpartition("/")[2]


def decide(
    running: list[Deployment], if_running: str, wanted: dict[str, Any], done: Deployment | None = None, own: bool = False
) -> list[tuple[str, str | None]]:
    """What to do, in order, before and to start what is wanted: (verb, id of the deployment that it is done to).

    `running`: what is in flight, newest first. `done`: the deployment that has brought what is wanted before, if any; `own`: this very
    request has started it.
    Verbs: adopt (it is what is wanted, nothing else to do), end_wait, follow, stop (and roll back), refuse, start.
    """
    if done is not None and (own or not running):
        return [("adopt", done["deployment_id"])]
    mine = next((item for item in running if _same(item, wanted)), None)
    if mine is not None:
        return [("adopt", mine["deployment_id"])]
    steps = [step for item in reversed(running) for step in _make_way(item, if_running)]
    return steps if any(verb == "refuse" for verb, _id in steps) else [*steps, ("start", None)]


def _same(deployment: Deployment, wanted: dict[str, Any]) -> bool:
    """Whether a deployment in flight is what is wanted. With force, one that has moved all traffic is not."""
    if deployment["task_definition"] != wanted["task_definition"] or deployment["status"] not in PHASES:
        return False
    return not wanted.get("force") or deployment["status"] != "waiting"


def _make_way(deployment: Deployment, if_running: str) -> list[tuple[str, str | None]]:
    identity = deployment["deployment_id"]
    if deployment["status"] == "waiting":
        # All traffic is on its tasks; only the old ones are still kept, which helps nobody who has something newer.
        return [("end_wait", identity)]
    if if_running == "refuse":
        return [("refuse", identity)]
    if if_running == "wait" or deployment["status"] == "rolling_back":
        return [("follow", identity)]
    return [("stop", identity)]
