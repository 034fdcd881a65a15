"""Where services and rules say what they answer and refuse."""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .wire import Call, Refusal

Handler = Callable[[Call], dict[str, Any]]
Check = Callable[[Call], Refusal | None]


@dataclass(frozen=True)
class Rule:
    """One thing that AWS refuses. `number` is its number in the table of rules, `source` where AWS says so."""

    number: str
    source: str
    check: Check
    operations: tuple[str, ...]

    @property
    def why(self) -> str:
        return (self.check.__doc__ or "").strip().split("\n")[0]


handlers: dict[tuple[str, str], Handler] = {}
rules: dict[tuple[str, str], list[Rule]] = defaultdict(list)
resets: list[Callable[[], None]] = []


def operation(service: str, *names: str) -> Callable[[Handler], Handler]:
    """This function answers these operations. `world.forward(call)` inside it asks moto."""

    def register(handler: Handler) -> Handler:
        for name in names:
            handlers[service, name] = handler
        return handler

    return register


def rule(number: str, service: str, *names: str, source: str) -> Callable[[Check], Check]:
    """This pure function refuses some calls of these operations: it returns the Refusal, or None."""

    def register(check: Check) -> Check:
        entry = Rule(number, source, check, tuple(f"{service}:{name}" for name in names))
        for name in names:
            rules[service, name].append(entry)
        return check

    return register


def on_reset(forget: Callable[[], None]) -> Callable[[], None]:
    resets.append(forget)
    return forget


def load() -> None:
    """Import every file of services/ and rules/, so that each registers itself. Rules are asked in the order in which they are imported:
    by name, after those that a package has in `FIRST`.
    """
    for room in ("emulator.services", "emulator.rules"):
        for package in _modules(room):
            for name in getattr(package, "FIRST", ()):
                importlib.import_module(f"{package.__name__}.{name}")
            list(_modules(package.__name__))


def _modules(package: str) -> Iterator[ModuleType]:
    """The modules in a package, each imported when it is its turn."""
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
        yield importlib.import_module(f"{package}.{found.name}")
