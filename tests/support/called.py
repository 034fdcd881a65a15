"""What playbooks call, for tests/policies/calls.json, from which the policies of the deployer and the developer are made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.policies import calls

from .emulated import Emulated


@contextmanager
def recorded(emulated: Emulated, playbook: str) -> Iterator[None]:
    """With RAILYARD_CALLS=FILE write down what is called while this lasts, for `python -m tests.policies learn FILE`."""
    file, name = os.environ.get("RAILYARD_CALLS"), Path(playbook).stem
    if not file or name not in calls.PLAYBOOKS:
        yield
        return
    before = max((entry["number"] for entry in emulated.journal()), default=0)
    yield
    called = {f"{entry['service']}:{entry['operation']}" for entry in emulated.journal(before)}
    with Path(file).open("a") as seen:
        seen.writelines(f"{name} {operation}\n" for operation in sorted(called))
