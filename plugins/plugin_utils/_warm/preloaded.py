# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server loads before it accepts requests."""

from __future__ import annotations

import gc
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .ahead import pauses
from .archive import Archive
from .loaded_modules import LoadedModules, preload, read_disk


@dataclass(frozen=True)
class Preloaded:
    """Loaded code. `refusal`: why no module can run in it, or "". `began`: when loading began, in nanoseconds since the epoch."""

    archive: Archive
    loaded: LoadedModules
    refusal: str
    began: int


def load(settings: dict[str, Any]) -> Preloaded:
    """Load everything into this process. `settings`: of server_socket.start."""
    began = time.time_ns()
    pauses.notice()
    archive = Archive(read_disk(Path(settings["core"]), {name: Path(folder) for name, folder in settings["collections"].items()}))
    sys.meta_path.insert(0, archive)
    loaded = preload(archive, settings["said"])
    refusal = ""
    try:
        # botocore is imported by what modules import, which takes back what the import changes.
        from . import botocore_caches

        botocore_caches.prepare()
    except Exception as error:
        refusal = f"the caches of botocore cannot be filled: {type(error).__name__}: {error}"
    _discard_output(settings["said"])
    gc.collect()
    gc.freeze()
    gc.disable()
    return Preloaded(archive, loaded, refusal, began)


def _discard_output(said: int) -> None:
    """Send output to /dev/null: the pipe has no reader any more, and a full pipe would block the process that writes to it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    os.close(said)
