"""What runs of a player would work out anew and alike: Jinja's code of a template, and the data of a file of this checkout.

A run takes from what the player had when it forked the run, and writes down what it had to work out itself. Before its next run the
player learns that. Whether a template or a file is the same is told by its whole text.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import os
from collections import deque
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import is_encrypted

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.shared import Shared
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.templates import Templates

ROOT = Path(__file__).resolve().parents[2]
# Whoever is handed the data of a file may change it: one keeps it for the next who asks, the other one gets it.
COPIES = 2

_load = DataLoader.load_from_file
_files: dict[tuple[str, bool, bool], tuple[bytes, deque[Any]]] = {}
_learned: Path
_position = 0


class Codes(Shared):
    """Code of templates, told to the player instead of to the controller of one run."""

    def keep(self, key: tuple[Any, ...], value: Any) -> None:
        self.values[key] = value
        with contextlib.suppress(ValueError):
            _tell("code", (key, value))


_codes = Codes()


def begin(learned: Path) -> None:
    """From now on runs that fork from this process remember; `learned` is the file by which they tell it."""
    global _learned
    _learned = learned
    Templates(_codes).share()
    DataLoader.load_from_file = load_from_file


def learn() -> None:
    """Take up what runs have told since the last time."""
    global _position
    with contextlib.suppress(FileNotFoundError), _learned.open("rb") as told:
        told.seek(_position)
        while line := told.readline():
            kind, size = json.loads(line)
            what = marshal.loads(told.read(size))
            if kind == "code":
                _codes.values.setdefault(what[0], what[1])
            else:
                _files.setdefault(what, (b"", deque()))
        _position = told.tell()
    for which in _files:
        _read(which)


def _tell(kind: str, what: Any) -> None:
    body = marshal.dumps(what)
    told = os.open(_learned, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(told, json.dumps([kind, len(body)]).encode() + b"\n" + body)
    finally:
        os.close(told)


def load_from_file(
    self: Any, file_name: str, cache: str = "all", unsafe: bool = False, json_only: bool = False, trusted_as_template: bool = False
) -> Any:
    path = str(self.path_dwim(file_name))
    which = (path, json_only, trusted_as_template)
    content, copies = _files.get(which, (b"", deque()))
    if cache == "none" or path in self._FILE_CACHE or len(copies) < COPIES or Path(path).read_bytes() != content:
        if which not in _files and Path(path).is_relative_to(ROOT):
            _tell("file", which)
        return _load(self, file_name, cache, unsafe, json_only, trusted_as_template)
    if cache == "all":
        self._FILE_CACHE[path] = copies.popleft()
    return self._FILE_CACHE[path] if unsafe and cache == "all" else copies.popleft()


def _read(which: tuple[str, bool, bool]) -> None:
    """Have the data of a file ready, if nothing in it is encrypted."""
    path, json_only, trusted = which
    content = Path(path).read_bytes() if Path(path).is_file() else b""
    if content != _files[which][0]:
        copies: deque[Any] = deque()
        if not is_encrypted(content) and b"!vault" not in content:
            for _ in range(COPIES):
                copies.append(_load(DataLoader(), path, "none", True, json_only, trusted))
        _files[which] = (content, copies)
