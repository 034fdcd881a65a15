"""Run a module of the collection as a process: its main(), its own stdout, its exit. Its pauses are short, as AWS's time is."""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import runpy
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
QUICKER = 20
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.support.preload"])


def run(name: str, params: dict[str, Any], check: bool = False) -> dict[str, Any]:
    """The result of a module, as ansible would read it from its standard output."""
    given = {**params, "_ansible_check_mode": check, "_ansible_diff": True}
    here, there = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_child, args=(there, name, os.environ["PATH"], given))
    process.start()
    there.close()
    try:
        output: str = here.recv()
    except EOFError:
        output = ""
    process.join()
    if not output.strip().startswith("{"):
        raise AssertionError(f"{name} ended with {process.exitcode} and said: {output}")
    result: dict[str, Any] = json.loads(output)
    return result


def _hurry() -> None:
    """Make pauses shorter by QUICKER, those of botocore between two tries too."""
    from ansible_collections.railyard.fargate.plugins.module_utils._core import interruption

    sleep, monotonic = time.sleep, time.monotonic
    time.sleep = lambda seconds: sleep(float(seconds) / QUICKER)
    interruption.time = SimpleNamespace(sleep=time.sleep, monotonic=lambda: monotonic() * QUICKER)


def _child(pipe: Connection, name: str, path: str, params: dict[str, Any]) -> None:
    from ansible.module_utils.testing import patch_module_args

    for variable in [key for key in os.environ if key.startswith("AWS_")]:
        del os.environ[variable]
    # The server that it is a copy of has the environment of its own start.
    os.environ["PATH"] = path
    _hurry()
    output = io.StringIO()
    with patch_module_args(params), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        runpy.run_module(f"ansible_collections.railyard.fargate.plugins.modules.{name}", run_name="__main__")
    pipe.send(output.getvalue())
    sys.exit(0)
