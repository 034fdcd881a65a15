"""Staging and production of the inventories, each in its own account of an emulator."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from . import persons_of_iam
from .emulated import Emulated
from .playbooks import Played, converge, play

ACCOUNTS = {"staging": "222222222222", "production": "111111111111"}
INVENTORIES = ("inventories/staging", "inventories/prod")
# What holds where nothing is said.
USUAL = ("-e", "railyard_engine=codedeploy")


def converged(*words: str) -> Emulated:
    """The emulator on which the deployer has run `site.yml` of inventories/local once with these words. It is all workers': take copies."""
    said = words[:-2] if words[-2:] == USUAL else words

    def fill(emulated: Emulated) -> None:
        deployer = persons_of_iam.make(emulated, "deployer")
        with persons_of_iam.judged(emulated):
            converge(emulated, *said, *deployer.words)

    return Emulated.shared(f"converged-{hashlib.sha256(' '.join(said).encode()).hexdigest()[:8]}", fill)


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
