# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The deployments of one service, by either engine: its functions with clients and place bound, so that nobody else asks which it is."""

from __future__ import annotations

from dataclasses import dataclass

from .._codedeploy import deployment as codedeploy
from .._core.clock import Clock
from .._core.errors import RailyardError
from .._ecs import service_deployment as ecs
from . import dying, looks
from .deployment import Clients, Engine, Item


@dataclass(frozen=True)
class Deployments:
    """`name` is codedeploy or ecs. Every method reads or writes once; nothing waits."""

    name: str
    engine: Engine
    clients: Clients
    where: Item

    @property
    def place(self) -> str:
        """For a person: `web in cluster shop-production`."""
        return f"{self.where['service']} in cluster {self.where['cluster']}"

    def running(self) -> list[Item]:
        return self.engine.read_all(self.clients, self.where, self.engine.running(self.clients, self.where))

    def recent(self, limit: int) -> list[Item]:
        return self.engine.read_all(self.clients, self.where, self.engine.recent(self.clients, self.where, limit))

    def read(self, identity: str) -> Item:
        """Raises RailyardError when there is no such deployment."""
        found = self.engine.read_all(self.clients, self.where, [identity])
        if not found:
            raise RailyardError(f"{self.place} has no deployment {identity}")
        return found[0]

    def started_as(self, wanted: Item) -> tuple[Item | None, bool]:
        return self.engine.started_as(self.clients, self.where, wanted)

    def start(self, wanted: Item) -> str:
        return self.engine.start(self.clients, self.where, wanted)

    def proceed(self, identity: str) -> bool:
        return self.engine.proceed(self.clients, self.where, identity)

    def stop(self, identity: str, rollback: bool) -> None:
        self.engine.stop(self.clients, self.where, identity, rollback)

    def death(self, deployment: Item) -> Item | None:
        """The death that shows that the new tasks will never live, or None."""
        dead = dying.find(self.clients, self.where, deployment)
        return dying.doomed(dead, max(task["seen_at"] for task in dead)) if dead else None

    def obituary(self, death: Item, noticed: str | None, clock: Clock) -> str:
        told = dying.told(looks.service(self.clients, self.where), death) or noticed
        return dying.words(death, dying.last_lines(self.clients, death, clock), told)


def of_codedeploy(clients: Clients, application: str, group: str) -> Deployments:
    """The deployments of a deployment group. Raises RailyardError when there is none."""
    return Deployments("codedeploy", codedeploy, clients, codedeploy.locate(clients, application, group))


def of_ecs(clients: Clients, cluster: str, service: str) -> Deployments:
    """The deployments of a service with ECS's own controller. Raises RailyardError when there is none."""
    return Deployments("ecs", ecs, clients, ecs.locate(clients, cluster, service))
