# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python code by module name, held in memory: an importer with the content of a payload's zip."""

from __future__ import annotations

import errno
import functools
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import types
import warnings
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A module's text, and the path that tracebacks shall show."""

    text: bytes
    path: str
    package: bool

    @functools.cached_property
    def digest(self) -> bytes:
        return hashlib.sha256(self.text).digest()


class Noisy(Exception):
    """Compiling this text prints a warning, which a process of its own must do."""


_compiled: dict[tuple[bytes, str], types.CodeType] = {}


def compiled(source: Source) -> types.CodeType:
    """The text compiled, once for the life of the server. Raises SyntaxError or Noisy."""
    key = (source.digest, source.path)
    if key not in _compiled:
        with warnings.catch_warnings(record=True) as caught:
            code = compile(source.text, source.path, "exec", dont_inherit=True)
        if caught:
            raise Noisy(f"{source.path}: {caught[0].message}")
        _compiled[key] = code
    return _compiled[key]


class Archive(importlib.abc.MetaPathFinder, importlib.abc.ExecutionLoader):
    """First on sys.meta_path, as a payload's zip is first on sys.path."""

    def __init__(self, sources: dict[str, Source]) -> None:
        self.sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        source = self.sources.get(fullname)
        if not source:
            return None
        spec = importlib.util.spec_from_loader(fullname, self, origin=source.path, is_package=source.package)
        if spec is None:
            return None
        spec.has_location = True
        if source.package:
            # Not the folder of the text: what the payload does not bring must not be found there.
            spec.submodule_search_locations = [f"/ansiballz/{fullname.replace('.', '/')}"]
        return spec

    def get_code(self, fullname: str) -> types.CodeType:
        source = self._source(fullname)
        try:
            return compiled(source)
        except Noisy:
            return compile(source.text, source.path, "exec", dont_inherit=True)

    def get_source(self, fullname: str) -> str:
        return importlib.util.decode_source(self._source(fullname).text)

    def get_data(self, path: str) -> bytes:
        """The text of a module by the path that its specification names. Raises OSError."""
        for source in self.sources.values():
            if source.path == path:
                return source.text
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    def get_filename(self, fullname: str) -> str:
        return self._source(fullname).path

    def is_package(self, fullname: str) -> bool:
        return self._source(fullname).package

    def _source(self, fullname: str) -> Source:
        try:
            return self.sources[fullname]
        except KeyError:
            raise ImportError(f"no module named {fullname}", name=fullname) from None


def module_name(path: str) -> tuple[str, bool]:
    """Dotted name of a file in a payload, and whether it is a package. Raises ValueError when it is no Python module."""
    stem, extension = os.path.splitext(path)
    if extension != ".py" or path.startswith("/") or ".." in path:
        raise ValueError(f"{path} is not a Python module")
    parts = stem.split("/")
    package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if package else parts), package
