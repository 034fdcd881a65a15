# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that the server has imported, and the comparison of their texts with those in a payload."""

from __future__ import annotations

import ast
import base64
import contextlib
import hashlib
import importlib
import io
import os
import select
import sys
import warnings
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .archive import Archive, Noisy, Source, compiled, module_name

ROOTS = ("ansible", "ansible_collections")
COLLECTIONS = (("amazon", "aws"), ("community", "aws"))
CORE = ("ansible.module_utils.basic", "ansible.module_utils._internal._ansiballz._loader")
PROFILES = "ansible.module_utils._internal._json._profiles._module_legacy_"
# A module that starts itself anew needs its zip on disk.
RESPAWN = "ansible.module_utils.common.respawn"
_EXTEND = b"from pkgutil import extend_path\n__path__=extend_path(__path__,__name__)\n"


class Mismatch(Exception):
    """A payload whose modules are not equal to the imported ones; the message names the first difference."""


@dataclass
class LoadedModules:
    """`digests`: SHA-256 of the text of each module that is imported. `noisy`: modules whose import prints something."""

    disk: dict[str, Source]
    digests: dict[str, bytes] = field(default_factory=dict)
    noisy: set[str] = field(default_factory=set)
    verdicts: dict[bytes, dict[str, Source] | Mismatch] = field(default_factory=dict)


def own_collection() -> Path:
    """The folder of the collection that these files are part of."""
    return Path(__file__).resolve().parents[3]


def find_collections(roots: list[str]) -> dict[str, Path]:
    """The folder of each collection whose module_utils are loaded, by dotted name; the first root that has the collection counts."""
    found = {"ansible_collections.railyard.fargate": own_collection()}
    for namespace, name in COLLECTIONS:
        for root in roots:
            folder = Path(root) / "ansible_collections" / namespace / name
            if folder.is_dir():
                found[f"ansible_collections.{namespace}.{name}"] = folder
                break
    return found


def read_disk(core: Path, collections: dict[str, Path]) -> dict[str, Source]:
    """Every module_util by name, as ansible-core would put it into a payload."""
    sources = dict(_synthetic(core, list(collections)))
    sources |= _tree(core / "module_utils", "ansible.module_utils", skip_root=True)
    for collection, folder in collections.items():
        sources |= _tree(folder / "plugins" / "module_utils", f"{collection}.plugins.module_utils", skip_root=True)
    return sources


def _synthetic(core: Path, collections: list[str]) -> dict[str, Source]:
    """The packages whose text ansible-core writes into a payload itself (recursive_finder in module_common.py)."""
    release = _constants((core / "release.py").read_bytes())
    version = f'__version__="{release["__version__"]}"\n__author__="{release["__author__"]}"\n'.encode()
    texts = {"ansible": _EXTEND + version, "ansible.module_utils": _EXTEND, "ansible_collections": b""}
    for collection in collections:
        parts = [*collection.split("."), "plugins", "module_utils"]
        texts |= {".".join(parts[:length]): b"" for length in range(1, len(parts) + 1)}
    return {name: Source(text, f"/ansiballz/{name.replace('.', '/')}/__init__.py", True) for name, text in texts.items()}


def _constants(text: bytes) -> dict[str, Any]:
    """What a file assigns to a name at its top, when it is a literal."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant):
            found[node.targets[0].id] = node.value.value
    return found


def _tree(folder: Path, package: str, skip_root: bool) -> dict[str, Source]:
    sources = {}
    for path in sorted(folder.rglob("*.py")):
        name, is_package = module_name(path.relative_to(folder).as_posix())
        if name or not skip_root:
            sources[f"{package}.{name}"] = Source(path.read_bytes(), str(path), is_package)
    return sources


def preload(archive: Archive, said: int) -> LoadedModules:
    """Import what modules of the known collections import. `said` reads what the server's own output was written to."""
    loaded = LoadedModules(archive.sources)
    wanted = [*CORE, *(name for name in archive.sources if name.startswith((PROFILES, "ansible_collections.")))]
    for name in wanted:
        before = set(sys.modules)
        # Some of them need libraries that are not installed here.
        with warnings.catch_warnings(record=True) as caught, contextlib.suppress(Exception):
            importlib.import_module(name)
        new = {found for found in set(sys.modules) - before if found.split(".")[0] in ROOTS}
        if caught or _printed(said):
            loaded.noisy |= new | {name}
        if _deprecated():
            for found in new:
                _unload(found)
    for name, module in sys.modules.items():
        if getattr(module, "__loader__", None) is archive:
            loaded.digests[name] = archive.sources[name].digest
    return loaded


def _printed(said: int) -> bool:
    sys.stdout.flush()
    sys.stderr.flush()
    found = False
    while select.select([said], [], [], 0)[0]:
        found = bool(os.read(said, 65536))
    return found


def _deprecated() -> bool:
    """Whether an import has left a deprecation for the result of the module that imports it; forgets it."""
    state = sys.modules["ansible.module_utils.common.warnings"]
    left = bool(state._global_warnings or state._global_deprecations)
    state._global_warnings.clear()
    state._global_deprecations.clear()
    return left


def _unload(name: str) -> None:
    del sys.modules[name]
    parent, _dot, attribute = name.rpartition(".")
    if parent in sys.modules:
        vars(sys.modules[parent]).pop(attribute, None)


def verify(loaded: LoadedModules, module: str, archive: bytes) -> dict[str, Source]:
    """The modules of a payload by name. Raises Mismatch. The result is kept for the next request with the same payload."""
    key = hashlib.sha256(archive).digest()
    if key not in loaded.verdicts:
        try:
            loaded.verdicts[key] = _verify(loaded, module, archive)
        except Mismatch as mismatch:
            loaded.verdicts[key] = mismatch
    verdict = loaded.verdicts[key]
    if isinstance(verdict, Mismatch):
        raise Mismatch(str(verdict))
    return verdict


def _verify(loaded: LoadedModules, module: str, archive: bytes) -> dict[str, Source]:
    try:
        sources = dict(_unzip(loaded, module, archive))
    except (ValueError, zipfile.BadZipFile) as error:
        raise Mismatch(str(error)) from error
    if RESPAWN in sources:
        raise Mismatch("the module may start itself anew in another interpreter")
    for name, source in sources.items():
        if name in loaded.noisy:
            raise Mismatch(f"importing {name} prints a warning")
        if loaded.digests.get(name, source.digest) != source.digest:
            raise Mismatch(f"{name} is not what the server has loaded from {loaded.disk[name].path}")
    return sources


def _unzip(loaded: LoadedModules, module: str, archive: bytes):  # type: ignore[no-untyped-def]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(archive, validate=True))) as zipped:
        for entry in zipped.namelist():
            name, package = module_name(entry)
            source = Source(zipped.read(entry), f"/ansible_{module}_payload.zip/{entry}", package)
            known = loaded.disk.get(name)
            if known and known.text == source.text and known.package == package:
                source = known
            if name not in loaded.digests:
                _compile(source)
            yield name, source


def _compile(source: Source) -> None:
    try:
        compiled(source)
    except Noisy as noisy:
        raise Mismatch(str(noisy)) from noisy
    except (SyntaxError, ValueError):
        # The module's own process stumbles over it, and says so.
        return


def forget_others(loaded: LoadedModules, sources: dict[str, Source]) -> None:
    """In the process of a module: remove the imported modules that its payload does not contain."""
    for name in loaded.digests:
        if name not in sources:
            _unload(name)
