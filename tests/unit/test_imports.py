"""What imports what in `module_utils`: a package knows those on the floors below it, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "plugins" / "module_utils"
# From the ground up. Packages of one floor do not know each other.
FLOORS = (
    ("_core",),
    ("_autoscaling", "_cloudwatch", "_ec2", "_ecr", "_elbv2", "_events", "_iam", "_logs", "_rds", "_s3", "_sns", "_ssm"),
    ("_ecs",),
    ("_codebuild", "_codeconnections", "_codedeploy"),
    ("_codepipeline",),
    ("_environment",),
    ("_deployment", "_diagram", "_drift"),
    ("_one_off",),
    ("_console", "_release"),
    ("_pipeline", "_status"),
    ("_why",),
    ("_module",),
)
FLOOR_OF = {name: number for number, names in enumerate(FLOORS) for name in names}


def imported(code: str, folders: tuple[str, ...]) -> Iterator[str]:
    """The packages of `module_utils` that code in `folders` below it imports, wherever in it an import is."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition("module_utils.")[2].split(".")[0] for alias in node.names if ".railyard." in alias.name)
        elif isinstance(node, ast.ImportFrom):
            yield from _from(node, folders)


def _from(node: ast.ImportFrom, folders: tuple[str, ...]) -> Iterator[str]:
    module = node.module.split(".") if node.module else []
    if node.level:
        path = [*folders[: len(folders) - node.level + 1], *module]
    elif module[:2] == ["ansible_collections", "railyard"] and "module_utils" in module:
        path = module[module.index("module_utils") + 1 :]
    else:
        return
    yield from path[:1] or (alias.name for alias in node.names)


def upwards(code: str, folders: tuple[str, ...], own: str) -> list[str]:
    """The packages that code of the package `own` imports and must not."""
    found = set(imported(code, folders)) - {own}
    return sorted(name for name in found if FLOOR_OF[name] >= FLOOR_OF[own])


def test_each_package_has_a_floor() -> None:
    packages = {path.stem for path in ROOT.iterdir() if path.name.startswith("_") and not path.name.startswith("__")}
    assert packages == set(FLOOR_OF)


def test_no_package_imports_one_of_its_own_floor_or_above() -> None:
    arrows = {}
    for path in ROOT.rglob("*.py"):
        folders = path.relative_to(ROOT).parts[:-1]
        own = folders[0] if folders else path.stem
        if own in FLOOR_OF and (found := upwards(path.read_text(), folders, own)):
            arrows[str(path.relative_to(ROOT))] = found
    assert arrows == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from .._core import aws", []),
        ("from . import task_definition", []),
        ("from .task_definition import images", []),
        ("from .._release import record", ["_release"]),
        ("from .._release.record import Release", ["_release"]),
        ("from .. import _release, _core", ["_release"]),
        ("def later():\n    from .._codedeploy import appspec", ["_codedeploy"]),
        ("import ansible_collections.railyard.fargate.plugins.module_utils._release.record", ["_release"]),
        ("from ansible_collections.railyard.fargate.plugins.module_utils import _console", ["_console"]),
        ("import json\nfrom botocore import exceptions", []),
        ("from ansible_collections.amazon.aws.plugins.module_utils.botocore import boto3_conn", []),
    ],
)
def test_imports_upwards_are_seen(code: str, found: list[str]) -> None:
    assert upwards(code, ("_ecs",), "_ecs") == found
