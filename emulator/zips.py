"""Folders as zips and back, with the modes of files and symbolic links. Equal files make equal zips."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

# The least that a zip can say of a file's time.
EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(files: Mapping[str, Path]) -> bytes:
    """Files by their names in the zip."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in sorted(files.items()):
            entry, link = zipfile.ZipInfo(name, EPOCH), path.is_symlink()
            entry.external_attr, entry.compress_type = path.lstat().st_mode << 16, zipfile.ZIP_DEFLATED
            packed.writestr(entry, os.readlink(path).encode() if link else path.read_bytes())
    return kept.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Raises zipfile.BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for entry in packed.infolist():
            mode = entry.external_attr >> 16
            if stat.S_ISLNK(mode):
                _link(packed, entry, folder)
                continue
            path = Path(packed.extract(entry, folder))
            if mode and not entry.is_dir():
                path.chmod(stat.S_IMODE(mode))


def _link(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    if ".." in Path(entry.filename).parts or entry.filename.startswith("/"):
        raise zipfile.BadZipFile(f"{entry.filename} is outside of the folder")
    path = folder / entry.filename
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(packed.read(entry).decode())
