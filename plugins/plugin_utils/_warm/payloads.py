# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payloads kept between runs. ansible-core builds each anew in every run, 0.1 to 0.2 s of CPU apiece.

A payload is kept under a key of everything that went into it: Python, ansible-core, its module_utils and those of the known
collections with their routing, and the module itself. At the start of a run those that still fit are linked into ansible-core's
own cache of the run; at its end the new ones are kept, after each file in them has been compared with what the key was made of.
A kept file's name ends with the SHA-256 of the module and its own: one that differs is deleted.
They hold code and no parameters. The folder is the user's alone, and is safe to delete.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import os
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from . import server_socket
from .archive import module_name
from .loaded_modules import find_collections, read_disk

# Folders of keys that stay: of this checkout, and of one or two others.
KEPT = 4
CACHE = "ansiballz_cache"


@dataclass(frozen=True)
class Inputs:
    """What payloads are made of: SHA-256 of each module_util by name, the folders of modules, and the key of all."""

    digests: dict[str, bytes]
    modules: dict[str, Path]
    key: str


def inputs(version: str, core: Path, roots: list[str]) -> Inputs:
    """`version`: ansible-core's. `roots`: folders in which `ansible_collections` is looked for."""
    collections = find_collections(roots)
    digests = {name: source.digest for name, source in read_disk(core, collections).items()}
    total = hashlib.sha256(f"{version} {sys.version} {core}".encode())
    for folder in (core / "executor", core / "_internal" / "_ansiballz"):
        for path in sorted(folder.glob("*.py")):
            total.update(hashlib.sha256(path.read_bytes()).digest())
    for routing in (core / "config" / "ansible_builtin_runtime.yml", *(folder / "meta" / "runtime.yml" for folder in collections.values())):
        total.update(routing.read_bytes() if routing.exists() else b"-")
    for name in sorted(digests):
        total.update(name.encode() + digests[name])
    modules = {f"{name}.plugins.modules": folder / "plugins" / "modules" for name, folder in collections.items()}
    return Inputs(digests, {**modules, "ansible.modules": core / "modules"}, total.hexdigest()[:32])


def private(folder: Path) -> Path:
    """Make a folder that is the user's alone. Raises server_socket.Unsafe when it is there and is not."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    server_socket.check(folder)
    return folder


def module_digest(inputs: Inputs, cached: str) -> str:
    """Hex SHA-256 of the module that a file of ansible-core's cache (`<fqn>-<compression>-<extensions>`) is about; "" when unknown."""
    fqn = cached.partition("-")[0]
    package, _dot, module = fqn.rpartition(".")
    folder = inputs.modules.get(package)
    try:
        return hashlib.sha256((folder / f"{module}.py").read_bytes()).hexdigest() if folder else ""
    except OSError:
        return ""


def offer(store: Path, inputs: Inputs, run: Path) -> int:
    """Link the payloads that fit into the run's cache; how many."""
    server_socket.check(store)
    kept = store / inputs.key
    if not kept.is_dir():
        return 0
    server_socket.check(kept)
    os.utime(kept)
    cache = run / CACHE
    cache.mkdir(exist_ok=True)
    count = 0
    for path in kept.iterdir():
        cached, module, whole = [*path.name.rsplit(".", 2), "", ""][:3]
        if not whole or module != module_digest(inputs, cached) or whole != hashlib.sha256(path.read_bytes()).hexdigest():
            path.unlink()
            continue
        with contextlib.suppress(FileExistsError):
            os.symlink(path, cache / cached)
            count += 1
    return count


def keep(store: Path, inputs: Inputs, run: Path) -> int:
    """Keep the payloads that this run has built and that the key tells all about; how many."""
    count = 0
    for path in (run / CACHE).glob("*-*-none"):
        digest = module_digest(inputs, path.name)
        if path.is_symlink() or not digest or not _proven(path, digest, inputs):
            continue
        kept = private(store / inputs.key)
        text = path.read_bytes()
        new = store / f"new.{os.getpid()}"
        new.write_bytes(text)
        os.replace(new, kept / f"{path.name}.{digest}.{hashlib.sha256(text).hexdigest()}")
        count += 1
    if count:
        _forget(store)
    return count


def _proven(path: Path, digest: str, inputs: Inputs) -> bool:
    """Whether each file in a payload has the text that the key, or the module's digest, was made of."""
    from ansible.executor.module_common import _CachedModule

    module = path.name.partition("-")[0]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(_CachedModule.load(str(path)).zip_data))) as zipped:
        for entry in zipped.namelist():
            text = zipped.read(entry)
            found = hashlib.sha256(text)
            try:
                name, package = module_name(entry)
            except ValueError:
                return False
            if name == module:
                fits = found.hexdigest() == digest
            elif package and not text:
                fits = inputs.digests.get(name, found.digest()) == found.digest()
            else:
                fits = inputs.digests.get(name) == found.digest()
            if not fits:
                return False
    return True


def _forget(store: Path) -> None:
    """All but the newest few keys."""
    keys = sorted((path for path in store.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in keys[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
