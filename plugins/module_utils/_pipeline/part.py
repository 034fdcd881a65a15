# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a stage of a pipeline works with, and what it asks CodePipeline of its own execution."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from .._codepipeline import own_execution
from .._codepipeline.own_execution import Execution, Source
from .._core.clock import REAL, Clock
from .._core.errors import RailyardError
from .._core.progress import Say
from .._release.environment import Clients, Environment
from .._release.release_run import Order

# Seconds to wait at most for the execution before, or for somebody who converges or releases by hand: a stage has 55 minutes.
LOCK_TIMEOUT = 2400
LONGEST = {"author": own_execution.LONGEST, "subject": own_execution.LONGEST, "link": own_execution.LONGEST_LINK}


@dataclass
class Part:
    """A stage that works. `image`: what the stage Build has pushed, a digest. `commit`: of which it was built. `told`: author,
    subject and link of a promoted commit."""

    env: Environment
    clients: Clients
    execution: Execution
    say: Say
    image: str | None = None
    commit: str | None = None
    told: dict[str, str] = field(default_factory=dict)
    clock: Clock = REAL
    lock_timeout: float = LOCK_TIMEOUT
    timeouts: dict[str, int] = field(default_factory=dict)

    @cached_property
    def itself(self) -> dict[str, Any]:
        """The execution in AWS's shape. Raises RailyardError when there is none."""
        found = own_execution.read(self.clients["codepipeline"], self.execution)
        if not found:
            raise RailyardError(f"there is no execution {self.execution['execution_id']} of a pipeline {self.execution['pipeline']}")
        return found

    @cached_property
    def actions(self) -> list[dict[str, Any]]:
        return own_execution.actions(self.clients["codepipeline"], self.execution)

    @property
    def source(self) -> Source:
        found = own_execution.source(self.itself, self.actions)
        told = cast(Source, {name: own_execution.plain(text, LONGEST[name]) for name, text in self.told.items()})
        return {**found, **told, "commit": self.commit or found["commit"]}

    def order(self, **more: Any) -> Order:
        who = f"pipeline {self.execution['pipeline']}"
        known = {"lock_timeout": self.lock_timeout, "timeouts": self.timeouts, "execution": self.execution, "source": self.source}
        return Order(requested_by=who, **{**known, **more})

    def ready(self) -> None:
        """Raises RailyardError once the execution is being stopped, or is over: CodePipeline does not end what it has abandoned."""
        status = own_execution.status(self.clients["codepipeline"], self.execution)
        if status != own_execution.RUNS:
            message = (
                f"execution {self.execution['execution_id']} of pipeline {self.execution['pipeline']} is {status}: nothing more is begun"
            )
            raise RailyardError(message, kind="stopped")
