"""Where services, rules and the product say what they answer and refuse, and which control endpoints they have."""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .wire import Call, Refusal

Handler = Callable[[Call], dict[str, Any]]
Check = Callable[[Call], Refusal | None]
ControlEndpoint = Callable[[dict[str, Any]], Any]


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
control_endpoints: dict[str, ControlEndpoint] = {}


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


def control_endpoint(name: str) -> Callable[[ControlEndpoint], ControlEndpoint]:
    """This function answers `/_emulator/<name>` (control.py): it takes the request's query and body as a dict, and returns JSON values."""

    def register(answer: ControlEndpoint) -> ControlEndpoint:
        control_endpoints[name] = answer
        return answer

    return register


def load(*packages: str) -> None:
    """Import everything in packages, so that each file registers itself. Rules are asked in the order in which they are imported: by name,
    after those files that a package has in `FIRST`.
    """
    for package in packages:
        module = importlib.import_module(package)
        found = [each.name for each in pkgutil.iter_modules(getattr(module, "__path__", ()))]
        load(*(f"{package}.{name}" for name in (*getattr(module, "FIRST", ()), *found)))
