"""The table of what AWS refuses and what of it the emulator refuses: docs/emulator-rules.md, made by `python -m emulator rules`."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from . import registry
from .rules_numbers import numbers

ROOT = Path(__file__).resolve().parent
TABLE = ROOT.parent / "docs" / "emulator-rules.md"
MENTION = re.compile(r"\b((?:W|[A-Z][A-Z0-9]{1,3}-[A-Z]?))(\d+)(?: to [A-Z]?(\d+))?\b")
OTHERWISE = {
    "client": "what a client has to do",
    "audit": "judged on what is there in the end",
    "model": "AWS's own model, `models.py`",
    "moto": "moto",
    "wire": "how requests are read, `wire.py`",
    "later": "not yet: belongs to something that the emulator does not have",
    "open": "**no**",
}
HEAD = """# What the emulator refuses

Made by `python -m emulator rules`; do not edit. Every request is first held against AWS's own service model (enums, patterns, lengths,
ranges, required members), which no number stands for. {enforced} of {all} numbered rules are enforced, {told} are for clients or audits.

| number | what AWS demands | in the emulator |
| --- | --- | --- |
"""


def enforced() -> dict[str, list[str]]:
    """Number → where a rule or a service says that it enforces it."""
    registry.load("emulator.services", "emulator.rules")
    found: dict[str, set[str]] = defaultdict(set)
    for checks in registry.rules.values():
        for rule in checks:
            found[rule.number].add(f"`{rule.check.__module__.removeprefix('emulator.')}.{rule.check.__name__}`")
    for path in sorted(ROOT.glob("services/*/*.py")) + sorted(ROOT.glob("rules/*/*.py")):
        for name, number in _mentions(path):
            if number in numbers() and name:
                found[number].add(f"`{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}.{name}`")
    return {number: sorted(places) for number, places in found.items()}


def _mentions(path: Path) -> set[tuple[str, str]]:
    """(function, number) for each number that a function of a file names, in its docstring or in a comment."""
    text = path.read_text()
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            found |= {(node.name, number) for number in mentioned(ast.get_source_segment(text, node) or "")}
    return found


def mentioned(text: str) -> set[str]:
    """The numbers in a text; `ECS-U1 to U4` is four."""
    found = set()
    for prefix, first, last in MENTION.findall(text):
        found |= {f"{prefix}{number}" for number in range(int(first), int(last or first) + 1)}
    return found


def unknown() -> list[str]:
    """Numbers of rules that are neither in the table nor named `SERVICE-own-…`."""
    known = numbers()
    used = {rule.number for checks in registry.rules.values() for rule in checks}
    return sorted(number for number in used if number not in known and not re.fullmatch(r"[A-Z0-9]+-own-[a-z0-9-]+", number))


def table() -> str:
    known, places = numbers(), enforced()
    lines = []
    for number, (otherwise, title) in known.items():
        where = ", ".join(places.get(number, []))
        lines.append(f"| {number} | {title} | {where or OTHERWISE[otherwise]} |")
    for number in sorted(set(places) - set(known)):
        lines.append(f"| {number} | {_why(number)} | {', '.join(places[number])} |")
    done = [number for number, (otherwise, _) in known.items() if number in places or otherwise in ("model", "moto", "wire")]
    told = [number for number, (otherwise, _) in known.items() if number not in places and otherwise in ("client", "audit")]
    return HEAD.format(enforced=len(done), all=len(known), told=len(told)) + "\n".join(lines) + "\n"


def _why(number: str) -> str:
    words = [rule.why for checks in registry.rules.values() for rule in checks if rule.number == number]
    return words[0].rstrip(".").replace("|", "\\|")


def write() -> None:
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(table())
