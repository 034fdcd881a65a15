"""How containers behave of images that builds have made of source (stand_ins/): the files of a Rails application tell it.

With programs of this machine an image stands for a copy of its files; else its migrations are those in db/migrate. What holds of an image
holds by its digest.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import scripts
from ..executors import keeper, programs
from ..process import PROCESS, EmulatorError
from ..services.ecr import images
from ..services.ecr.store import Image, Repository, parsed
from ..stand_ins.image import CRASH as CRASHES
from ..stand_ins.image import SOURCE
from . import push

MIGRATION = re.compile(r"(?:.*/)?db/migrate/(?P<version>\d{14})_\w+\.rb")
CLASS = re.compile(r"class\s+(?P<name>\w+)\s*<\s*ActiveRecord::Migration")
# What may break code that runs. https://github.com/ankane/strong_migrations
DESTRUCTIVE = re.compile(
    r"^\s*(remove_column|remove_columns|drop_table|drop_join_table|rename_column|rename_table|remove_reference)\b", re.M
)
# A migration that fails, and with what.
RAISES = re.compile(r"^\s*raise\b[^\"'\n]*[\"']([^\"'\n]*)[\"']", re.M)
# How a migration that is undone is none that drops something.
DOWN = re.compile(r"^\s*def down\b.*?^\s{2}end\b", re.M | re.S)


def migrations(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The migrations among an application's files, as scripts are told them. Pure."""
    found = []
    for path, data in sorted(files.items()):
        if (named := MIGRATION.fullmatch(path)) is None:
            continue
        text = data.decode(errors="replace")
        name = CLASS.search(text)
        up = DOWN.sub("", text)
        calls, raised = sorted(set(DESTRUCTIVE.findall(up))), RAISES.search(up)
        told = {"version": named["version"], "name": name["name"] if name else Path(path).stem[15:], "destructive": calls}
        found.append({**told, **({"fails": True, "error": f"StandardError: {raised[1]}"} if raised else {})})
    return found


def _layer(repository: Repository, image: Image) -> tuple[dict[str, str], bytes] | None:
    """Labels and files of an image that a stand-in has made; None for another, of whatever form it is."""
    try:
        content = parsed(image.manifest) or {}
        labels: dict[str, str] = json.loads(repository.layers[content["config"]["digest"]])["config"]["Labels"]
        layer = repository.layers[content["layers"][-1]["digest"]]
        return (labels, layer) if SOURCE in labels else None
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _told(repository: Repository, image: Image) -> None:
    found = _layer(repository, image)
    if found is None:
        return
    labels, layer = found
    pattern = f"*@{image.digest}"
    if labels.get(CRASHES):
        scripts.script(image=pattern, **push.CRASH)
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        if not labels.get(CRASHES) and programs.executor() == PROCESS and _stands(pattern, archive, image.digest):
            return
        files = {entry.name: archive.extractfile(entry) for entry in archive if entry.isfile() and MIGRATION.fullmatch(entry.name)}
        scripts.script(image=pattern, migrations=migrations({name: file.read() for name, file in files.items() if file is not None}))


def _stands(pattern: str, archive: tarfile.TarFile, digest: str) -> bool:
    """Let the image stand for a copy of its files; False for files that are no Rails application."""
    folder = keeper.folder() / "images" / digest.partition(":")[2]
    if not folder.exists():
        folder.mkdir(parents=True)
        archive.extractall(folder, filter="tar")
    try:
        programs.add({pattern: push.program(folder)})
    except EmulatorError:
        return False
    return True


images.pushed.append(_told)
