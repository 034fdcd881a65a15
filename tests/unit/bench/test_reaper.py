"""What a command costs, with all that it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

REAPER = Path(__file__).resolve().parents[3] / "bench" / "reaper.py"
BURN = "import time\nwhile time.process_time() < 0.5: pass"
LEAVE = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BURN!r}], start_new_session=True); print('left')"


KEEP = f"open('/proc/self/comm', 'w').write('railyard-keeper')\n{BURN}\nprint(__import__('os').getpid(), flush=True)\ntime.sleep(60)"
LEAVE_KEEPER = f"""
import subprocess, sys
kept = subprocess.Popen([sys.executable, '-c', {KEEP!r}, sys.argv[1]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
print(kept.stdout.readline().decode(), end='')
"""


def reaped(*command: str, **environment: str) -> dict[str, Any]:
    own = {**os.environ, **environment}
    done = subprocess.run([sys.executable, str(REAPER), *command], capture_output=True, text=True, timeout=120, check=True, env=own)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_what_a_command_leaves_behind_is_counted() -> None:
    told = reaped(sys.executable, "-c", LEAVE)
    assert told["code"] == 0 and told["whole"]
    assert told["cpu"] >= 0.5
    assert [line for _, line in told["lines"]] == ["left"]
    assert told["began"] <= told["lines"][0][0]


def test_a_keeper_is_counted_and_not_waited_for(tmp_path: Path) -> None:
    told = reaped(sys.executable, "-c", LEAVE_KEEPER, f"{tmp_path}/railyard.fargate/keepers/key", ANSIBLE_HOME=str(tmp_path))
    ((_, keeper),) = told["lines"]
    os.kill(int(keeper), signal.SIGKILL)
    assert told["whole"] and told["cpu"] >= 0.5


def test_a_failure_is_told() -> None:
    assert reaped("sh", "-c", "echo why >&2; exit 3")["code"] == 3
