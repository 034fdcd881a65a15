# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program of a pipeline's stages as one file, `railyard.pyz`: the modules of this collection that it needs, and nothing else.

https://docs.python.org/3/library/zipapp.html. The same sources make the same bytes on every machine: sorted, with one time, and stored, for
compressed bytes depend on the library that compresses. So the sum of the file is its name, and the structure of a pipeline that names
it changes only with the program.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.util
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Optional

from .._core import aws
from .._core.errors import RailyardError
from .._core.plan import Plan, Step
from . import step

PACKAGE = "railyard"
ENTRY = step.__name__.partition("module_utils.")[2]
PREFIX = "steps/"
LOWEST = (3, 11)
# `from ..package.module import name, other`, on one line or in parentheses: a tenth of the time that a parser takes.
IMPORT = re.compile(r"^[ \t]*from (\.+)([\w.]*) import (?:\(([^)]*)\)|([^\n(#]*))", re.MULTILINE)
TIME = (1980, 1, 1, 0, 0, 0)
# Read by every Python 3, so that an old one says why it is not enough.
MAIN = f"""\
import sys

if sys.version_info < {LOWEST}:
    sys.exit("railyard.pyz needs Python {LOWEST[0]}.{LOWEST[1]} or newer, and this is %d.%d" % sys.version_info[:2])

from {PACKAGE}.{ENTRY} import main

sys.exit(main(sys.argv[1:]))
"""
# The source of a module by its name below module_utils, `_release.flow`; None where there is no such module.
Sources = Callable[[str], Optional[str]]


class Program(NamedTuple):
    """The file's bytes, and its SHA-256 in hexadecimal digits."""

    body: bytes
    sha256: str


def build(sources: Sources, entry: str = ENTRY) -> Program:
    """The program with all that `entry` needs. Pure."""
    found = closure(sources, entry)
    files = {"__main__.py": MAIN, f"{PACKAGE}/__init__.py": ""}
    for name, text in found.items():
        files[f"{PACKAGE}/{name.replace('.', '/')}.py"] = text
        folders = name.split(".")[:-1]
        files |= {f"{PACKAGE}/{'/'.join(folders[: number + 1])}/__init__.py": "" for number in range(len(folders))}
    body = _zipped(files)
    return Program(body, hashlib.sha256(body).hexdigest())


def closure(sources: Sources, entry: str = ENTRY) -> dict[str, str]:
    """The sources by name of a module and of all that it imports of this collection, wherever in a file. Pure."""
    found: dict[str, str] = {}
    left, sources = [entry], functools.cache(sources)
    while left:
        name = left.pop()
        if name in found:
            continue
        text = sources(name)
        if text is None:
            raise RailyardError(f"there is no module {name}")
        found[name] = text
        left += imported(name, text, sources)
    return found


def imported(name: str, text: str, sources: Sources) -> Iterator[str]:
    """The modules of this collection that a module imports. Pure; all of them are imported relatively."""
    folders = name.split(".")[:-1]
    for dots, module, several, one in IMPORT.findall(text):
        place = [*folders[: len(folders) - len(dots) + 1], *(module.split(".") if module else [])]
        if place and sources(".".join(place)) is not None:
            yield ".".join(place)
        else:
            yield from (".".join([*place, given.split()[0]]) for given in (several or one).split(",") if given.strip())


def installed(name: str) -> str | None:
    """The source of a module of this collection as it runs, out of a folder or of what Ansible has sent."""
    root = __name__.rpartition(".")[0].rpartition(".")[0]
    try:
        spec = importlib.util.find_spec(f"{root}.{name}")
    except ModuleNotFoundError:
        return None
    loader: Any = spec.loader if spec else None
    if spec is None or loader is None or spec.submodule_search_locations is not None:
        return None
    return bytes(loader.get_data(spec.origin)).decode()


def find(client: Any, bucket: str, program: Program) -> dict[str, Any] | None:
    """The stored program: {bucket, key, sha256, size}; None when it is not there. `sha256` is what S3 has counted, None if it has not."""
    key = key_of(program)
    found = aws.find(client, "HeadObject", {"404", "NoSuchKey", "NoSuchBucket"}, Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    if found is None:
        return None
    counted = found.get("ChecksumSHA256")
    sha256 = base64.b64decode(counted).hex() if counted else None
    return {"bucket": bucket, "key": key, "sha256": sha256, "size": found["ContentLength"]}


def make_plan(bucket: str, program: Program, live: dict[str, Any] | None) -> Plan:
    """Store the program unless it is there, whole. Pure; S3 counts what arrives."""
    after = {"bucket": bucket, "key": key_of(program), "sha256": program.sha256, "size": len(program.body)}
    if live == after:
        return Plan(live, live)
    checksum = base64.b64encode(bytes.fromhex(program.sha256)).decode()
    params = {"Bucket": bucket, "Key": after["key"], "Body": program.body, "ContentType": "application/zip", "ChecksumAlgorithm": "SHA256"}
    params["ChecksumSHA256"] = checksum
    if live is None:
        return Plan(None, after, (Step("PutObject", {**params, "IfNoneMatch": "*"}, already=("PreconditionFailed",)),))
    return Plan(live, after, (Step("PutObject", params),))


def key_of(program: Program) -> str:
    return f"{PREFIX}{program.sha256}.pyz"


def _zipped(files: dict[str, str]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
        for name, text in sorted(files.items()):
            info = zipfile.ZipInfo(name, TIME)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, text)
    return body.getvalue()
