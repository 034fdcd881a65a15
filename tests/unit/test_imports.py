"""What imports what in `module_utils`: a package knows those on the floors below it, and nothing else."""

from __future__ import annotations

import ast
import re
import sys
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


PLUGINS = ROOT.parent
# What a plugin is imported with on a controller; modules and their module_utils have the first of them only.
AT_HAND = ("ansible", "jinja2", "yaml")


def needed(code: str) -> Iterator[str]:
    """What importing this code imports, without what it can do without: an import in `try`, in a condition or in a function."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def missing(code: str, on_controller: bool) -> list[str]:
    """What is needed and may be absent: libraries, and on the machine of a module most of Ansible."""
    found = [name for name in needed(code) if name.split(".")[0] not in sys.stdlib_module_names]
    if on_controller:
        return [name for name in found if name.split(".")[0] not in (*AT_HAND, "ansible_collections")]
    return [name for name in found if not re.match(r"ansible\.module_utils\b|ansible_collections\.\w+\.\w+\.plugins\.module_utils\b", name)]


def test_everything_is_imported_without_libraries() -> None:
    """As ansible-test's `import` has it, which `make soak` runs."""
    absent = {}
    for path in PLUGINS.rglob("*.py"):
        on_controller = path.relative_to(PLUGINS).parts[0] not in ("modules", "module_utils")
        if found := missing(path.read_text(), on_controller):
            absent[str(path.relative_to(PLUGINS))] = found
    assert absent == {}


@pytest.mark.parametrize(
    ("code", "on_controller", "found"),
    [
        ("import json\nfrom ansible.module_utils.basic import AnsibleModule\nfrom .._core import aws", False, []),
        ("import boto3", False, ["boto3"]),
        ("from botocore.exceptions import ClientError", True, ["botocore.exceptions"]),
        ("try:\n    import boto3\nexcept ImportError:\n    pass", False, []),
        ("from ansible.errors import AnsibleError", False, ["ansible.errors"]),
        ("from ansible.errors import AnsibleError\nimport yaml", True, []),
        ("from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule", False, []),
    ],
)
def test_what_is_missing(code: str, on_controller: bool, found: list[str]) -> None:
    assert missing(code, on_controller) == found
