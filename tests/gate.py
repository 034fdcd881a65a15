"""The gate: all tests and checks, on all processors, the longest first. `python -m tests.gate [PART …]`.

The parts of `soak` are what is long by nature; the gate has a sample of each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS: dict[str, tuple[str, ...]] = {
    "site-test": ("tests/site",),
    "molecule": ("tests/checks/test_molecule.py",),
    "lint": ("tests/checks/test_lint.py",),
    "module": ("tests/module",),
    "warm": ("tests/warm",),
    "emulator": ("tests/emulator",),
    "sanity": ("tests/checks/test_sanity.py",),
    "docs": ("tests/checks/test_docs.py",),
    "console": ("tests/console",),
    "tasks": ("tests/tasks",),
    "package": ("tests/package",),
    "unit": ("tests/unit", "tests/shop"),
}
SOAK = ("site-test", "module", "sanity", "tasks", "warm")
# One more than processors, because tests wait, too. More than these would use more memory than most machines have.
LANES = min(max(os.cpu_count() or 2, 2) + 1, 8)


def main(wanted: list[str]) -> int:
    soak = "soak" in wanted
    names = [name for name in wanted if name != "soak"] or list(SOAK if soak else PARTS)
    if unknown := set(names) - set(PARTS):
        print(f"no part named {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}, and soak for all that takes long by nature")
        return 2
    os.environ["PATH"] = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
    say_what_is_missing([name for name in names if soak or name == "site-test"])
    command = [sys.executable, "-m", "pytest", "-n", str(LANES), "--account", *(["-m", ""] if soak else [])]
    return subprocess.run([*command, *(path for name in names for path in PARTS[name])], cwd=ROOT, check=False).returncode


def say_what_is_missing(names: list[str]) -> None:
    """What the parts of these names leave out on this machine."""
    from tests.support import base_image, buildah

    if "tasks" in names and (why := base_image.missing()):
        print(f"NO CONTAINER IS TRIED: {why}", flush=True)
    if "site-test" in names and (why := buildah.missing()):
        print(f"NO IMAGE IS BUILT FOR REAL: {why}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
