"""What playbooks call, for tests/policies/calls.json, from which the policies of the deployer and the developer are made."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from emulator.process import State
from tests.policies import calls

from .emulated import Emulated

_newest: dict[State, int] = {}


@dataclass(frozen=True)
class Watch:
    """The calls of a playbook from its beginning on, when nothing else calls meanwhile."""

    emulated: Emulated
    playbook: str
    since: int

    @classmethod
    def begin(cls, emulated: Emulated, playbook: str) -> Watch:
        return cls(emulated, Path(playbook).stem, _last(emulated) if os.environ.get("RAILYARD_CALLS") else 0)

    def end(self) -> None:
        """With RAILYARD_CALLS=FILE write down the operations, for `python -m tests.policies learn FILE`."""
        if self.playbook not in calls.PLAYBOOKS or not (file := os.environ.get("RAILYARD_CALLS")):
            return
        called = {f"{entry['service']}:{entry['operation']}" for entry in self.emulated.journal(self.since)}
        with Path(file).open("a") as seen:
            seen.writelines(f"{self.playbook} {operation}\n" for operation in sorted(called))


def _last(emulated: Emulated) -> int:
    """The number of the newest call. Only those since the last time are asked for."""
    entries = emulated.journal(_newest.get(emulated.state, 0))
    if entries:
        _newest[emulated.state] = entries[-1]["number"]
    return _newest.get(emulated.state, 0)
