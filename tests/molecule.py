"""Every molecule scenario, against an emulator of their own. `python -m tests.molecule [SCENARIO …]`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from emulator import process

from .support import players

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ROOT / "extensions" / "molecule"


def main(wanted: list[str]) -> int:
    """Run the scenarios that are named, or all. The emulator and what molecule and Ansible remember between steps end with this."""
    names = wanted or sorted(path.parent.name for path in SCENARIOS.glob("*/converge.yml"))
    with tempfile.TemporaryDirectory() as folder, players.at_hand() as environment:
        state = Path(folder) / "state.json"
        environment |= {"RAILYARD_EMULATOR_STATE": str(state), "MOLECULE_EPHEMERAL_DIRECTORY": folder}
        environment["RAILYARD_WARM_STORE"] = str(ROOT / ".cache" / "tests" / "modules")
        process.start(state, speed=600, parent=os.getpid())
        try:
            command = [sys.executable, "-m", "molecule", "test", "--destroy=never", *[f"--scenario-name={name}" for name in names]]
            code = subprocess.run(command, cwd=ROOT / "extensions", env=environment, check=False).returncode
        finally:
            process.stop(state)
    print(f"a scenario failed: molecule ended with {code}" if code else f"passed: {', '.join(names)}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
