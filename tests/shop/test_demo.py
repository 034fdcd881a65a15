"""`make demo` as far as it goes without an environment; what it does with one is in tests/tasks/test_shop.py."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
import time

from tests.support import shop
from tests.support.playbooks import ROOT


def test_another_engine_is_named_before_anything_is_done() -> None:
    command = [sys.executable, "examples/demo/demo.py"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "ENGINE": "fargate"}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "ENGINE is fargate; it must be codedeploy or ecs\n")


def test_whoever_awaits_an_answer_is_told_when_it_came() -> None:
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(503 if len(asked) < 3 else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with shop.demo("users").Awaiting(f"http://127.0.0.1:{server.server_port}/") as awaiting:
            while not awaiting.seconds:
                time.sleep(0.05)
        server.shutdown()
    assert len(asked) >= 3 and set(asked) == {"/up"}


def test_the_picture_leaves_out_what_says_little() -> None:
    lines = ["\x1b[1mtitle\x1b[0m", "", "", "  => Booting Puma", "  04:18 Build succeeded"]
    assert shop.demo("picture").shown(lines) == ["\x1b[1mtitle\x1b[0m", "", "  04:18 Build succeeded"]
