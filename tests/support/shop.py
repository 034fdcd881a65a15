"""examples/shop as `make demo` runs it: converged, released, and with users who count what they get."""

from __future__ import annotations

import http.client
import importlib
import itertools
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any
from urllib.parse import urlsplit

import yaml

from emulator import process

from . import playbooks
from .emulated import Emulated
from .playbooks import ROOT, Played

DECLARED = {
    "railyard_image": "",
    "railyard_processes": {"web": {"port": 3000, "health": "/up"}, "worker": {"command": ["bin/rails", "worker:run"]}},
}


def versions() -> ModuleType:
    """examples/demo/versions.py."""
    sys.path.insert(0, str(ROOT / "examples" / "demo"))
    try:
        return importlib.import_module("versions")
    finally:
        sys.path.pop(0)


@dataclass
class Shop:
    emulated: Emulated
    folder: Path
    key: str
    live: str = ""
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def inventory(self) -> tuple[str, ...]:
        return "inventories/local", str(self.folder / "shop.yml")

    @classmethod
    def converge(cls, emulated: Emulated, folder: Path) -> Shop:
        """The environment, with a first release."""
        shop = cls(emulated, folder, versions().new_key())
        (folder / "shop.yml").write_text(yaml.safe_dump({"local": {"hosts": {"shop_local": DECLARED}}}))
        (folder / "master.key").write_text(shop.key)
        shop.play("site.yml")
        shop.play("playbooks/secret.yml", "-e", "secret=RAILS_MASTER_KEY", "-e", f"value_file={folder / 'master.key'}")
        shop.live = shop.push()
        shop.play("playbooks/deploy.yml", "-e", f"image={shop.live}")
        return shop

    def push(self, **changes: Any) -> str:
        """Push another version; its tag, which is its number."""
        tag = str(next(self.numbers))
        made = versions().make(self.folder / tag, int(tag), key=self.key, **changes)
        command = [sys.executable, "-m", "emulator", "--state", str(self.emulated.path), "push", tag, "--folder", str(made)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return tag

    def play(self, playbook: str, *words: str, code: int = 0) -> Played:
        played = playbooks.play(self.emulated, playbook, *words, inventory=self.inventory)
        assert played.code == code, played.output
        return played

    def begin(self, playbook: str, *words: str) -> playbooks.Playing:
        return playbooks.begin(self.emulated, playbook, *words, inventory=self.inventory)

    def answering(self) -> set[str]:
        """The versions that answer users now."""
        with self.users(20) as users:
            pass
        assert users.failed == []
        return set(users.answers)

    def speed(self, factor: float) -> None:
        process.control(self.emulated.state, "speed", factor=factor)

    def users(self, number: int) -> Users:
        found = process.control(self.emulated.state, "urls")
        return Users(next(url for name, url in found.items() if name.endswith(":80")), number)


class Users:
    """Two users, one request after the other each. At the end there were `number` requests at least.

    `answers` counts by version; `failed` has what was neither 200 nor 201.
    """

    def __init__(self, url: str, number: int) -> None:
        self.answers: Counter[str] = Counter()
        self.failed: list[str] = []
        self._place, self._number, self._asked = urlsplit(url).netloc, number, 0
        self._lock, self._gone = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(2)]

    def __enter__(self) -> Users:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while kind is None and sum(self.answers.values()) < self._number and not self.failed:
            time.sleep(0.05)
        self._gone.set()
        for thread in self._threads:
            thread.join()

    def until(self, holds: Callable[[Users], bool], seconds: float = 120.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds(self):
            assert time.monotonic() < deadline and not self.failed, (self.answers, self.failed)
            time.sleep(0.05)

    def _run(self) -> None:
        while not self._gone.is_set():
            self._ask()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(self._place, timeout=60)
        with self._lock:
            self._asked += 1
            makes = self._asked % 5 == 0
        try:
            if makes:
                body = json.dumps({"order": {"item": "tea", "quantity": 2}})
                connection.request("POST", "/orders", body, {"Content-Type": "application/json"})
            else:
                connection.request("GET", "/orders")
            answer = connection.getresponse()
            text = answer.read()
            with self._lock:
                self.answers[answer.headers.get("X-Version", "?")] += 1
                if answer.status not in (200, 201):
                    self.failed.append(f"{answer.status} {text[:200]!r}")
        except (OSError, http.client.HTTPException) as error:
            self.failed.append(repr(error))
        finally:
            connection.close()
