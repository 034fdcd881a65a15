"""Staging and production of the inventories, each in its own account of an emulator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .emulated import Emulated
from .playbooks import Played, play

ACCOUNTS = {"staging": "222222222222", "production": "111111111111"}
INVENTORIES = ("inventories/staging", "inventories/prod")


@dataclass(frozen=True)
class Environments:
    """`inventory` are both inventories, and what leads to the emulator with keys of each account."""

    emulated: Emulated
    inventory: tuple[str, ...]

    @classmethod
    def of(cls, emulated: Emulated, keys: Path) -> Environments:
        url = emulated.state.url
        known = {"railyard_secret_key": "nobodys-secret", "railyard_endpoint_url": url, "railyard_http_proxy": url}
        hosts = {f"shop_{name}": {"railyard_access_key": f"AKIA{account}AAAA", **known} for name, account in ACCOUNTS.items()}
        keys.write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
        return cls(emulated, (*INVENTORIES, str(keys)))

    def play(self, playbook: str, *arguments: str) -> Played:
        return play(self.emulated, playbook, *arguments, inventory=self.inventory)

    def client(self, service: str, name: str) -> Any:
        """A client in the account of an environment."""
        return self.emulated.client(service, account=ACCOUNTS[name])
