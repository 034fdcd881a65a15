# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stamps of the files that a server has loaded: they show whether a file has changed since."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from .archive import Source

# By path: modification time and change time in nanoseconds since the epoch, size in bytes, inode; None when the file does not exist.
Stamps = dict[str, tuple[int, int, int, int] | None]
ZONE = "/etc/localtime"


def stamps(paths: Iterable[str]) -> Stamps:
    """The stamp of each path now."""
    return {path: _stamp(path) for path in paths}


def _stamp(path: str) -> tuple[int, int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def latest_change(files: Stamps) -> int:
    """When the file that changed last was changed, in nanoseconds since the epoch."""
    return max(max(found[:2]) for found in files.values() if found)


def loaded_files(core: Path, sources: Iterable[Source]) -> Iterator[str]:
    """Paths of what this process has imported, of the folders that it searched, of `sources`, and of botocore's models.

    `core`: the folder of ansible-core. `sources`: the module_utils of ansible-core and of collections."""
    import botocore.loaders

    from .botocore_caches import SERVICES

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
