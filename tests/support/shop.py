"""examples/shop as `make demo` runs it: converged, released, and with users who count what they get."""

from __future__ import annotations

import importlib
import itertools
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from emulator import process

from . import playbooks
from .emulated import Emulated
from .playbooks import ROOT, Played

# Requests, and seconds between two of a user.
FEW, REST = 500, 0.05
DECLARED = {
    "railyard_image": "",
    "railyard_processes": {"web": {"port": 3000, "health": "/up"}, "worker": {"command": ["bin/rails", "worker:run"]}},
}
# Files of a checkout that neither git nor an image may have, and what stands in each.
SECRETS = (
    *("config/master.key", "config/credentials/production.key", "config/secrets.yml.key", ".env", ".env.production.local"),
    *(".bundle/config", ".netrc", ".npmrc", ".aws/credentials", ".ssh/id_ed25519"),
)
SECRET = "hunter2hunter2hunter2"


def secrets_of_a_checkout(folder: Path) -> None:
    for name in SECRETS:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{SECRET}\n")


def demo(name: str) -> ModuleType:
    """A file of examples/demo."""
    sys.path.insert(0, str(ROOT / "examples" / "demo"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


def versions() -> ModuleType:
    return demo("versions")


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

    def users(self, number: int) -> Any:
        """Two of examples/demo/users.py, for a `with`. Those who are few rest, and leave the processor to what is tested."""
        found = process.control(self.emulated.state, "urls")
        return demo("users").Users(
            next(url for name, url in found.items() if name.endswith(":80")), number, 2, pause=REST if number <= FEW else 0.0
        )
