# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The deployments of one service: the functions of one engine, bound to clients and to the service. Callers do not know the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._codedeploy import deployment as codedeploy
from .._core.clock import Clock
from .._core.errors import RailyardError
from .._ecs import service_deployment as ecs
from .._ecs.deployment import Deployment, find_service
from . import crash_loop
from .crash_loop import CrashLoop
from .deployment import Clients, Engine


@dataclass(frozen=True)
class Deployments:
    """`name` is codedeploy or ecs. Every method reads or writes once; nothing waits."""

    name: str
    engine: Engine
    clients: Clients
    where: dict[str, Any]

    @property
    def place(self) -> str:
        """The service as text: `web in cluster shop-production`."""
        return f"{self.where['service']} in cluster {self.where['cluster']}"

    def running(self) -> list[Deployment]:
        return self.engine.read_all(self.clients, self.where, self.engine.running(self.clients, self.where))

    def recent(self, limit: int) -> list[Deployment]:
        return self.engine.read_all(self.clients, self.where, self.engine.recent(self.clients, self.where, limit))

    def read(self, identity: str) -> Deployment:
        """Raises RailyardError when there is no such deployment."""
        found = self.engine.read_all(self.clients, self.where, [identity])
        if not found:
            raise RailyardError(f"{self.place} has no deployment {identity}")
        return found[0]

    def glance(self, identity: str, status: str) -> Any:
        return self.engine.glance(self.clients, self.where, identity, status)

    def started_as(self, wanted: dict[str, Any]) -> tuple[Deployment | None, bool]:
        return self.engine.started_as(self.clients, self.where, wanted)

    def start(self, wanted: dict[str, Any]) -> str:
        return self.engine.start(self.clients, self.where, wanted)

    def proceed(self, identity: str) -> bool:
        return self.engine.proceed(self.clients, self.where, identity)

    def stop(self, identity: str, rollback: bool) -> None:
        self.engine.stop(self.clients, self.where, identity, rollback)

    def crash(self, deployment: Deployment) -> CrashLoop | None:
        """The newest crash of the new tasks when they are in a crash loop, or None."""
        crashes = crash_loop.find_crashes(self.clients, self.where, deployment)
        return crash_loop.crash_looping(crashes, max(crash["seen_at"] for crash in crashes)) if crashes else None

    def crash_report(self, crash: CrashLoop, noticed: str | None, clock: Clock) -> str:
        """The crash report as text, with the last lines of the container."""
        reason = crash_loop.health_check_reason(find_service(self.clients, self.where), crash) or noticed
        return crash_loop.report(crash, crash_loop.last_lines(self.clients, self.where, crash, clock), reason)


def of_codedeploy(clients: Clients, application: str, group: str) -> Deployments:
    """The deployments of a deployment group. Raises RailyardError when there is none."""
    return Deployments("codedeploy", codedeploy, clients, codedeploy.locate(clients, application, group))


def of_ecs(clients: Clients, cluster: str, service: str) -> Deployments:
    """The deployments of a service with ECS's own controller. Raises RailyardError when there is none."""
    return Deployments("ecs", ecs, clients, ecs.locate(clients, cluster, service))
