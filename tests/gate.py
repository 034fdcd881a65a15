"""The gate: every part of it, two at a time, the longest first. `python -m tests.gate [PART …]`.

A part is one or more commands, run in order until one fails. What a part printed is shown when it failed. The parts of `soak` are what
is long by nature; the gate has a sample of each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS: dict[str, list[str]] = {
    "site-test": ["pytest tests/site"],
    "molecule": ["python -m tests.molecule"],
    "lint": [
        "ruff check .",
        "ruff format --check .",
        "yamllint --strict .",
        "mypy",
        "ansible-lint --offline",
    ],
    "module": ["pytest tests/module"],
    "warm": ["pytest tests/warm"],
    "emulator": ["pytest tests/emulator"],
    "sanity": ["python -m tests.sanity --skip-test pylint"],
    "docs": ["python -m tests.docs"],
    "console": ["pytest tests/console"],
    "tasks": ["pytest tests/tasks"],
    "package": ["pytest tests/package"],
    "unit": ["pytest tests/unit tests/shop"],
}
SOAK: dict[str, list[str]] = {
    "soak-site": ["pytest tests/site -m ''"],
    "soak-module": ["pytest tests/module -m ''"],
    "soak-sanity": ["python -m tests.sanity"],
    "soak-tasks": ["pytest tests/tasks -m ''"],
    "soak-warm": ["pytest tests/warm -m ''"],
}
LANES = 2


def run(name: str) -> tuple[str, bool, float, str]:
    started = time.monotonic()
    said = []
    for command in (PARTS | SOAK)[name]:
        done = subprocess.run(
            command,
            shell=True,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said.append(f"$ {command}\n{done.stdout}")
        if done.returncode:
            return name, False, time.monotonic() - started, "\n".join(said)
    return name, True, time.monotonic() - started, "\n".join(said)


def closing(output: str) -> str:
    """The last line that says something, a test runner's count for example."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def main(wanted: list[str]) -> int:
    wanted = [name for word in wanted for name in (SOAK if word == "soak" else [word])]
    unknown = set(wanted) - set(PARTS | SOAK)
    if unknown:
        print(f"no part named {', '.join(sorted(unknown))}; there are {', '.join(PARTS | SOAK)}, and soak for all of these")
        return 2
    os.environ["PATH"] = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
    names = [name for name in PARTS | SOAK if (name in wanted if wanted else name in PARTS)]
    started, failed = time.monotonic(), []
    print(f"{len(names)} parts: {', '.join(names)}", flush=True)
    with ThreadPoolExecutor(LANES) as pool:
        for result in as_completed([pool.submit(run, name) for name in names]):
            name, passed, seconds, output = result.result()
            if passed:
                print(f"ok      {name:10} {seconds:5.0f} s  {closing(output)}", flush=True)
            else:
                failed.append(name)
                print(f"FAILED  {name:10} {seconds:5.0f} s\n{output}\n", flush=True)
    print(f"{time.monotonic() - started:.0f} s")
    if failed:
        print(f"failed: {', '.join(failed)}; again with: make test-{failed[0]}")
    print(f"{len(names) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
