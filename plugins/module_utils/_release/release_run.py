# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release at work: what was asked for, what there is, and its record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .._codepipeline.own_execution import Execution, Source
from .._core.clock import REAL, Clock
from .._core.progress import Say
from .._deployment.follow import Following, declared
from .._ecr.image import Image
from .._s3.store import Stored
from . import record
from .environment import Clients, Environment
from .lock import Lock
from .preconditions import Live


@dataclass(frozen=True)
class Order:
    """What the caller asks for. `image`: a tag, a digest or a URI; None is the live one, with the newest configuration.

    `back_to`: the number of the release to which this one rolls back; `image` is then the image of that release, and nothing is migrated.
    `wait_for`: traffic_shifted or old_tasks_stopped. `lock_timeout`: seconds to wait at most for the lock. `execution`: the stage of a
    pipeline that asks, and `source` is what it was started of.
    """

    image: str | None = None
    requested_by: str = ""
    reason: str | None = None
    allow_destructive_migrations: bool = False
    migrate: bool = True
    force: bool = False
    if_running: str = "wait"
    wait_for: str = "traffic_shifted"
    lock_timeout: float = 0
    back_to: int | None = None
    timeouts: dict[str, int] = field(default_factory=dict)
    execution: Execution | None = None
    source: Source | None = None

    @property
    def origin(self) -> dict[str, Any]:
        """Of a pipeline: the members of a record that say what has released it; {} otherwise."""
        if self.execution is None:
            return {}
        known = {name: value for name, value in (self.source or {}).items() if value}
        return {"pipeline": self.execution["pipeline"], "execution_id": self.execution["execution_id"], **known}

    def limits(self, env: Environment) -> dict[str, int]:
        """Seconds that a deployment may stay in a state: as asked for, else derived from the declared traffic. Pure."""
        return {**declared(env.traffic), **self.timeouts}


@dataclass
class Release:
    """`entry` is the record as it was last written; `notes` is what the stages add to the result.

    `ready` is called right before a migration or a deployment is started. It raises RailyardError when nobody wants it any more.
    """

    env: Environment
    clients: Clients
    order: Order
    say: Say
    held: Lock
    live: Live
    image: Image
    entry: Stored[record.Record]
    clock: Clock = REAL
    notes: dict[str, Any] = field(default_factory=dict)
    ready: Callable[[], None] = lambda: None

    @property
    def number(self) -> int:
        return int(self.entry.value["number"])

    @property
    def following(self) -> Following:
        """How its deployments are followed: with output, with a check of the lock at each look, and with the limits of `order`."""
        return Following(self.say, self.order.limits(self.env), self.held.check, self.clock, traffic=self.env.traffic)

    def write(self, **changes: Any) -> None:
        self.entry = record.update(self.clients["s3"], self.env.bucket, self.entry, **changes)

    def enter(self, stage: str, **changes: Any) -> None:
        """Record the next stage, with other `changes` of the record. Raises RailyardError when the lock is lost."""
        self.held.check()
        self.write(**record.entered(self.entry.value, stage), **changes)
        self.say(f"release {self.number}: {stage}")

    def finished(self, stage: str) -> bool:
        """Whether an earlier attempt at this release has finished a stage."""
        return bool((found := self.entry.value["stages"].get(stage)) and found["finished"])
