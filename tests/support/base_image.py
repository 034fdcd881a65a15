"""An image of podman or docker that has Python and a shell of this machine, made without a registry."""

from __future__ import annotations

import re
import subprocess
import tarfile
from functools import cache
from pathlib import Path

from emulator.executors import engine

NAME = "railyard-twins:1"
PYTHON = "/usr/bin/python3"
# What no test imports.
LEFT_OUT = re.compile(r"/(__pycache__|test|idlelib|ensurepip|config-[^/]*|dist-packages)(/|$)")


@cache
def missing() -> str:
    """Why containers cannot run here; "" when they can."""
    try:
        engine.path()
    except ValueError as error:
        return str(error)
    return "" if Path(PYTHON).exists() else f"{PYTHON} is missing"


@cache
def make() -> str:
    """The image's name."""
    if engine.has(NAME):
        return NAME
    asked = [PYTHON, "-c", "import os, sys; print(os.__file__.rpartition('/')[0])"]
    library = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    programs = [PYTHON, "/bin/sh", "/bin/sleep"]
    loaded = subprocess.run(
        ["ldd", *programs, *map(str, Path(library).glob("lib-dynload/*.so"))], capture_output=True, text=True, check=True
    )
    libraries = set(re.findall(r"/\S+\.so\S*(?= \()", loaded.stdout))
    with subprocess.Popen([engine.path(), "import", "-", NAME], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as importing:
        with tarfile.open(fileobj=importing.stdin, mode="w|", dereference=True) as archive:
            for path in (*programs, *sorted(libraries), library):
                archive.add(path, filter=lambda entry: None if LEFT_OUT.search(f"/{entry.name}") else entry)
        assert importing.stdin is not None
        importing.stdin.close()
    assert importing.returncode == 0
    return NAME


def of(root: Path, *changes: str) -> str:
    """The name of an image that has what is below a folder; `changes` are lines of a Dockerfile."""
    name = f"railyard-{root.name}:1".lower()
    words = [engine.path(), "import", *(word for change in changes for word in ("--change", change)), "-", name]
    with subprocess.Popen(["tar", "-C", str(root), "--one-file-system", "-c", "."], stdout=subprocess.PIPE) as packing:
        subprocess.run(words, stdin=packing.stdout, stdout=subprocess.DEVNULL, check=True)
    return name
