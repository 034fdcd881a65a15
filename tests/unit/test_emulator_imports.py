"""What imports what in `emulator/`: a module knows those on the floors below it, nothing is imported in a circle, and one folder alone
knows the product.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "emulator"
# From the ground up. Those of one floor do not know each other; the packages in services/ and in rules/ may, but not in a circle.
FLOORS = (
    # programs that builds run: they ask this AWS from outside
    ("stand_ins",),
    # the core: how requests are read and answered, time, and what goes wrong
    ("accounts", "authority", "clock", "journal", "latency", "patterns", "process", "refusal", "rules_numbers", "zips"),
    ("json_types",),
    ("wire",),
    ("model_codes", "pages", "registry"),
    ("certificates", "images", "models", "scripts", "sessions", "world"),
    # what containers do
    ("executors",),
    ("quotas", "stale_reads", "vanishing"),
    ("faults",),
    # what AWS answers; what it refuses because of what is there, and whom it lets through
    ("services",),
    ("callers", "docker_registry", "router", "rules"),
    # what is known of this collection
    ("product",),
    # what puts them together
    ("control", "rules_table"),
    ("app",),
    ("server",),
    ("__main__",),
)
FLOOR_OF = {name: number for number, names in enumerate(FLOORS) for name in names}
PRODUCT = ("RAILYARD_CONSOLE", "RAILYARD_MIGRATE", "RAILYARD_DIRECTORY", "RAILS_", "db:migrate", "console-node", "shop-local", "/shop/")


def modules() -> dict[str, Path]:
    """Every module and package, by its name without `emulator.`."""
    found = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.rglob("*.py")}
    return {name.removesuffix("__init__").rstrip("."): path for name, path in found.items()}


def imports(code: str, package: str, known: set[str]) -> set[str]:
    """The modules of the emulator that code in `package` imports, wherever in it an import is."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("emulator.") for alias in node.names if alias.name.startswith("emulator.")}
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            if base is not None:
                names = {f"{base}.{alias.name}".lstrip(".") for alias in node.names}
                found |= {name if name in known else base for name in names}
    return found & known - {""}


def _base(node: ast.ImportFrom, package: str) -> str | None:
    module = node.module or ""
    if node.level:
        parents = package.split(".") if package else []
        return ".".join([*parents[: len(parents) - node.level + 1], *([module] if module else [])])
    return module.partition("emulator")[2].lstrip(".") if module.split(".")[0] == "emulator" else None


def graph() -> dict[str, set[str]]:
    found = modules()
    known = set(found)
    return {
        name: imports(path.read_text(), name if path.name == "__init__.py" else name.rpartition(".")[0], known) - {name}
        for name, path in found.items()
    }


def room(module: str) -> str:
    """A service's package in services/ or rules/; else the first part of a module's name."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] in ("services", "rules") else parts[0]


def upwards(modules: dict[str, set[str]]) -> list[str]:
    """The imports from a floor above, or from something else on the same floor."""
    arrows = [(name, other, name.split(".")[0], other.split(".")[0]) for name, others in modules.items() if name for other in others]
    return sorted(f"{name} imports {other}" for name, other, own, its in arrows if own != its and FLOOR_OF[own] <= FLOOR_OF[its])


def circle(nodes: dict[str, set[str]]) -> list[str]:
    """The nodes of a circle, the first one again at its end; [] when there is none."""
    try:
        TopologicalSorter(nodes).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def rooms(modules: dict[str, set[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, others in modules.items():
        found[room(name)] |= {room(other) for other in others} - {room(name)}
    return found


def test_everything_has_a_floor() -> None:
    assert {name.split(".")[0] for name in modules() if name} == set(FLOOR_OF)


def test_nothing_imports_from_its_own_floor_or_above() -> None:
    assert upwards(graph()) == []


def test_no_modules_and_no_packages_import_each_other() -> None:
    assert circle(graph()) == []
    assert circle(rooms(graph())) == []


def test_only_one_folder_knows_the_product() -> None:
    others = [path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] != "product"]
    assert [f"{path.relative_to(ROOT)}: {word}" for path in others for word in PRODUCT if word in path.read_text()] == []


@pytest.mark.parametrize(
    ("package", "code", "found"),
    [
        ("services.ecs", "from . import state as ecs", {"services.ecs.state"}),
        ("services.ecs", "from .shapes import Task", {"services.ecs.shapes"}),
        ("services.ecs", "from ..ssm import sessions, session", {"services.ssm.sessions", "services.ssm.session"}),
        ("services.ecs", "from ... import world", {"world"}),
        ("services.ecs", "from ...registry import operation", {"registry"}),
        ("", "from . import app, control", {"app", "control"}),
        ("", "from .rules.iam.roles import taken", {"rules.iam.roles"}),
        ("", "def later():\n    from . import server", {"server"}),
        ("", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .models import problems", {"models"}),
        ("product", "from emulator.services.ecs import lifecycle\nimport emulator.app", {"services.ecs.lifecycle", "app"}),
        ("product", "from emulator import process", {"process"}),
        ("services.ecs", "import json\nfrom moto.core import models", set()),
    ],
)
def test_imports_are_seen(package: str, code: str, found: set[str]) -> None:
    assert imports(code, package, set(modules())) == found


def test_arrows_upwards_and_circles_are_seen() -> None:
    assert upwards({"wire": {"services.ecs.state"}, "services.ecs.state": {"wire"}}) == ["wire imports services.ecs.state"]
    assert upwards({"router": {"rules.ecs.tasks", "services.ecs.state"}}) == ["router imports rules.ecs.tasks"]
    assert set(circle({"app": {"control"}, "control": {"server"}, "server": {"app"}})) == {"app", "control", "server"}
    through = {"services.ecs.exec": {"services.ssm.sessions"}, "services.ssm.store": {"services.ecs.state"}}
    assert circle(through) == []
    assert set(circle(rooms(through))) == {"services.ecs", "services.ssm"}
