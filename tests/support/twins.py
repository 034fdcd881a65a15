"""Images that behave alike with every executor: as a script, and as a program of this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator import process

from . import base_image, fargate
from .emulated import Emulated
from .fargate import Fargate

# What every program begins with: a server on PORT whose answers are `pages`, by path.
SERVER = """
import http.server, os, signal, sys, threading, time
pages, slow = {pages!r}, {slow!r}
{first}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = pages.get(self.path, (200, os.environ.get("NAME", "") + "\\n"))
        if self.path == "/slow":
            print("begun", flush=True)
            time.sleep(slow)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *_): pass
class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False
server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
def stop(*_):
    threading.Thread(target=server.shutdown).start()
signal.signal(signal.SIGTERM, stop)
print("listening", flush=True)
server.serve_forever()
server.server_close()
{last}
"""
# What a script says of lines after they were written, whoever wrote them.
ON_THE_WAY = ("late", "dropped")


@dataclass
class Twins:
    """A stage of ECS on an emulator with both executors; images run with `executor`."""

    stage: Fargate
    executor: str
    folder: Path
    images: list[str] = field(default_factory=list)

    @property
    def emulated(self) -> Emulated:
        return self.stage.emulated

    def image(self, code: str, /, **script: Any) -> str:
        """An image whose containers run a program of Python, or what the script says, which must say the same."""
        name = f"twin:{len(self.images)}"
        self.images.append(name)
        if self.executor == process.SCRIPT:
            self.emulated.script(image=name, **script)
            return name
        if on_the_way := {word: script[word] for word in ON_THE_WAY if word in script}:
            self.emulated.script(image=name, **on_the_way)
        if self.executor == process.CONTAINER:
            inside = {"image": base_image.make(), "command": ["python3", "-u", "-c", code], "patience": 8}
            process.control(self.emulated.state, "programs", **{name: inside})
            return name
        folder = self.folder / name.replace(":", "-")
        folder.mkdir()
        (folder / "program.py").write_text(code)
        program = {"folder": str(folder), "command": [sys.executable, "-u", "program.py"], "patience": 4}
        process.control(self.emulated.state, "programs", **{name: program})
        return name

    def server(
        self, pages: dict[str, tuple[int, str]] | None = None, first: str = "", last: str = "", slow: float = 0.0, **script: Any
    ) -> str:
        """An image that answers requests; `first` is what its program does before it listens, `last` after SIGTERM."""
        said = {"stopped": 0, **({"pages": {**pages, **({"/slow": (*pages["/slow"], slow)} if slow else {})}} if pages else {}), **script}
        return self.image(SERVER.format(pages=pages or {}, slow=slow, first=first, last=last), **said)

    def run(self, image: str, *, container: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """Run a task of the image to its end; the task."""
        return self.stage.ended(self.begin(image, container=container, **changes))

    def begin(self, image: str, *, container: dict[str, Any] | None = None, **changes: Any) -> str:
        self.stage.define(containerDefinitions=[{**fargate.CONTAINER, "image": image, **(container or {})}])
        return self.stage.run(**changes)

    def task(self, arn: str) -> dict[str, Any]:
        return dict(self.stage.ecs.describe_tasks(cluster=fargate.CLUSTER, tasks=[arn])["tasks"][0])

    def until(self, arn: str, status: str) -> dict[str, Any]:
        """Let time pass until a task has a status; the task."""
        for _ in range(300):
            if (task := self.task(arn))["lastStatus"] == status:
                return task
            self.emulated.advance(2)
        raise AssertionError(self.task(arn))

    def stop(self, arn: str) -> dict[str, Any]:
        """Stop a task; it as it is at its end."""
        self.stage.ecs.stop_task(cluster=fargate.CLUSTER, task=arn, reason="enough")
        return self.until(arn, "STOPPED")

    def lines(self, arn: str, container: str = "web") -> list[str]:
        """What is shown of a container's lines."""
        self.emulated.advance(10)
        logs, stream = self.emulated.client("logs"), f"rails/{container}/{arn.rpartition('/')[2]}"
        try:
            events = logs.get_log_events(logGroupName="/shop", logStreamName=stream, startFromHead=True)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]

    def health(self, group: str = "blue") -> list[str]:
        found = self.emulated.client("elbv2").describe_target_health(TargetGroupArn=self.stage.groups[group])
        return sorted(each["TargetHealth"]["State"] for each in found["TargetHealthDescriptions"])

    def eventually(self, holds: Callable[[], bool], seconds: float = 1200.0) -> None:
        """Let time pass until something holds."""
        for _ in range(int(seconds / 5)):
            if holds():
                return
            self.emulated.advance(5)
        raise AssertionError([(self.stage.described()["events"][:5], self.health())])

    @property
    def url(self) -> str:
        return f"http://{self.emulated.client('elbv2').describe_load_balancers()['LoadBalancers'][0]['DNSName']}"
