"""Our own site, `inventories/local`: with the connection local, warm, and warm with reads ahead."""

from __future__ import annotations

from pathlib import Path

from .runs import Stack, Way, environment

WARM = "railyard.fargate.warm"
LOCAL: dict[str, str] = {}
SERVER = {"ANSIBLE_CALLBACKS_ENABLED": WARM, "RAILYARD_READ_AHEAD": "0"}
AHEAD = {**SERVER, "RAILYARD_READ_AHEAD": "1"}


def ways(folder: Path) -> list[Way]:
    stack = Stack(folder, "site.yml")

    def way(name: str, connection: str, settings: dict[str, str], first: bool = True, warms: bool = True, usual: bool = False) -> Way:
        command = ("ansible-playbook", "site.yml", "-i", "inventories/local", "-e", f"ansible_connection={connection}")
        own = environment(folder / name, RAILYARD_EMULATOR_STATE=str(stack.path), **settings)
        return Way(f"{stack.name}, {name}", stack, command, own, first, warms, usual)

    return [
        way("local", "local", LOCAL, warms=False),
        way("warm", WARM, SERVER, first=False),
        way("warm, reads ahead", WARM, AHEAD, usual=True),
    ]
