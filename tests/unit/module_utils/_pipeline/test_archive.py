"""The program as one file: what is in it, and that its name is the sum of its bytes."""

from __future__ import annotations

import ast
import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._pipeline import archive
from tests.support import pythons

ROOT = Path(__file__).resolve().parents[4] / "plugins" / "module_utils"


@pytest.fixture(scope="module")
def program() -> archive.Program:
    return archive.build(archive.installed)


@pytest.fixture
def file(program: archive.Program, tmp_path: Path) -> Path:
    path = tmp_path / "railyard.pyz"
    path.write_bytes(program.body)
    return path


def run(python: str, file: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, str(file), *words], capture_output=True, text=True, env={"PATH": "/usr/bin", **environment}, check=False)


def parsed(name: str) -> set[str]:
    """The modules that a module imports, by Python's own parser."""
    folders, found = name.split(".")[:-1], set()
    for node in ast.walk(ast.parse((ROOT / f"{name.replace('.', '/')}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            place = [*folders[: len(folders) - node.level + 1], *(node.module.split(".") if node.module else [])]
            whole = ".".join(place)
            found |= {whole} if (ROOT / f"{'/'.join(place)}.py").exists() else {f"{whole}.{alias.name}" for alias in node.names}
    return found


def test_all_that_is_imported_is_in_it_and_nothing_else() -> None:
    found = archive.closure(archive.installed)
    assert {name: set(archive.imported(name, text, archive.installed)) for name, text in found.items()} == {
        name: parsed(name) for name in found
    }
    reached = {archive.ENTRY}.union(*(parsed(name) for name in found))
    assert set(found) == reached
    assert not {"_module", "_core.sessions", "_release.lock_process", "_pipeline.archive"} & set(found)


def test_the_same_bytes_each_time(program: archive.Program) -> None:
    again = archive.build(archive.installed)
    assert again == program and hashlib.sha256(program.body).hexdigest() == program.sha256
    with zipfile.ZipFile(io.BytesIO(program.body)) as opened:
        infos = opened.infolist()
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {(info.date_time, info.compress_type, info.create_system) for info in infos} == {(archive.TIME, zipfile.ZIP_STORED, 3)}


def test_another_source_is_another_program(program: archive.Program) -> None:
    def changed(name: str) -> str | None:
        text = archive.installed(name)
        return f"{text}\n" if name == "_release.flow" else text

    assert archive.build(changed).sha256 != program.sha256


def test_a_module_that_is_missing_is_named() -> None:
    with pytest.raises(RailyardError, match=r"there is no module _release\.flow"):
        archive.build(lambda name: None if name == "_release.flow" else archive.installed(name))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from .._core import aws\n", ["_core.aws"]),
        ("from .._core.errors import RailyardError as Error, Unanswered\n", ["_core.errors"]),
        ("from .._core import (\n    aws,\n    clock as c,\n)\n", ["_core.aws", "_core.clock"]),
        ("def later():\n    from . import record  # a comment\n", ["_release.record"]),
        ("import json\nfrom typing import Any\nfrom botocore import exceptions\n", []),
    ],
)
def test_imports(code: str, found: list[str]) -> None:
    assert list(archive.imported("_release.flow", code, archive.installed)) == found


def test_it_runs_alone_and_says_how(file: Path) -> None:
    said = run(sys.executable, file)
    assert (said.returncode, said.stdout) == (
        2,
        "usage: railyard.pyz built REPOSITORY TAG | artifacts [FOLDER] | fits | migrate | deploy | record\n",
    ), said.stderr
    missing = run(sys.executable, file, "deploy", RAILYARD_BUCKET="b")
    assert missing.returncode == 1
    assert missing.stdout.startswith("deploy failed: RAILYARD_PIPELINE, RAILYARD_EXECUTION: missing in the environment; ")


def test_all_of_it_is_of_the_lowest_python(program: archive.Program, tmp_path: Path) -> None:
    """ruff knows what each version reads; the lowest one itself compiles it where it is installed."""
    with zipfile.ZipFile(io.BytesIO(program.body)) as opened:
        opened.extractall(tmp_path)
    version = f"py{archive.LOWEST[0]}{archive.LOWEST[1]}"
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--quiet", "--select", "E9,F", "--target-version"]
    checked = subprocess.run([*ruff, version, "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    if lowest := pythons.find(archive.LOWEST[1]):
        compiled = subprocess.run([lowest, "-m", "compileall", "-q", "."], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert compiled.returncode == 0, compiled.stdout


def test_the_lowest_python_runs_it(file: Path) -> None:
    lowest = pythons.find(archive.LOWEST[1], code="import boto3")
    if lowest is None:
        pytest.skip("the lowest Python is not here with boto3")
    said = run(lowest, file)
    assert said.returncode == 2, said.stderr


def test_a_python_that_is_too_old_says_so(file: Path) -> None:
    old = pythons.find(10, 9, 8)
    if old is None:
        pytest.skip("no older Python is here")
    said = run(old, file, "migrate")
    assert said.returncode == 1 and "railyard.pyz needs Python 3.11 or newer, and this is 3." in said.stderr, said.stderr


def test_it_is_stored_once_and_counted(program: archive.Program) -> None:
    plan = archive.make_plan("b", program, None)
    (step,) = plan.steps
    assert (step.params["Key"], step.params["IfNoneMatch"]) == (f"steps/{program.sha256}.pyz", "*") and plan.after[
        "sha256"
    ] == program.sha256
    assert not archive.make_plan("b", program, plan.after).changed
    (again,) = archive.make_plan("b", program, {**plan.after, "sha256": None}).steps
    assert "IfNoneMatch" not in again.params and again.params["ChecksumSHA256"] == step.params["ChecksumSHA256"]
