"""What each playbook, and the program of a pipeline's stages, has called in the tests (`calls.json`); and whose playbook it is."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("calls.json")
PERSONS = {
    "deployer": ("destroy", "drift", "parity", "promote", "site"),
    "developer": (
        *("build", "console", "console_history", "deploy", "diagram", "forward", "logs", "migrate", "pipeline", "releases"),
        *("repair", "rollback", "run", "secret", "status", "sweep", "unlock"),
        *("deployment", "maintenance", "restart", "scale", "why"),
    ),
}
# Who has the role that the program of a pipeline's stages runs with, and what it is called in `calls.json`.
PIPELINE, STEP = "pipeline", "step"
PLAYBOOKS = tuple(playbook for playbooks in PERSONS.values() for playbook in playbooks)


@cache
def known() -> dict[str, list[str]]:
    """Operations, `service:Operation` as the emulator's journal names them, by playbook."""
    found: dict[str, list[str]] = json.loads(FILE.read_text())
    return found


def of(person: str) -> set[str]:
    """All that a person's playbooks call, or the program of a pipeline's stages. Promote ends with what deploy does."""
    if person == PIPELINE:
        return set(known()[STEP])
    own = (*PERSONS[person], *(("deploy",) if "promote" in PERSONS[person] else ()))
    return {operation for playbook in own for operation in known().get(playbook, ())}


def learn(file: Path) -> None:
    """Add what a run of tests has seen: lines of `playbook service:Operation`."""
    found = defaultdict(set, {playbook: set(operations) for playbook, operations in known().items()})
    for line in file.read_text().splitlines():
        playbook, operation = line.split()
        found[playbook].add(operation)
    FILE.write_text(json.dumps({playbook: sorted(found[playbook]) for playbook in sorted(found)}, indent=1) + "\n")
    known.cache_clear()
