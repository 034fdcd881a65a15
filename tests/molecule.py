"""Every molecule scenario, against an emulator of their own. `python -m tests.molecule [SCENARIO …]`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from emulator import process

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ROOT / "extensions" / "molecule"


def main(wanted: list[str]) -> int:
    names = wanted or sorted(path.parent.name for path in SCENARIOS.glob("*/converge.yml"))
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state.json"
        os.environ["RAILYARD_EMULATOR_STATE"] = str(state)
        process.start(state, speed=600, parent=os.getpid())
        try:
            return subprocess.run(["molecule", "test", *[f"--scenario-name={name}" for name in names]], cwd=ROOT, check=False).returncode
        finally:
            process.stop(state)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
