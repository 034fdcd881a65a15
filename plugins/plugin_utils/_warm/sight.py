# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the files that a server has loaded are still what they were."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from .archive import Source

# Time of the last change of text and of attributes, size, number; None for what is not there.
Files = dict[str, tuple[int, int, int, int] | None]
ZONE = "/etc/localtime"


def look(paths: Iterable[str]) -> Files:
    return {path: _one(path) for path in paths}


def _one(path: str) -> tuple[int, int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def newest(files: Files) -> int:
    """When the last of them was changed, in nanoseconds since the epoch."""
    return max(max(found[:2]) for found in files.values() if found)


def loaded(core: Path, sources: Iterable[Source]) -> Iterator[str]:
    """What this process has imported and where it looked for it, with `sources` of ansible-core in `core` and of collections, and
    botocore's models."""
    import botocore.loaders

    from .ready import SERVICES

    yield from (sys.executable, os.path.realpath(sys.executable), ZONE, str(core / "release.py"))
    yield from (source.path for source in sources)
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and os.path.isabs(path):
            yield path
    for folder in sys.path:
        yield folder
        yield from map(str, Path(folder).glob("*.pth"))
    shipped, own = Path(botocore.loaders.Loader.BUILTIN_DATA_PATH), Path(botocore.loaders.Loader.CUSTOMER_DATA_PATH)
    for models in (own, *(shipped / service for service in SERVICES)):
        yield str(models)
        yield from map(str, models.rglob("*"))
