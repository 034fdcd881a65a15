"""S3's times are the emulator's, as the `Date` of its answers is (emulator/server.py): a lock's age is told by the two."""

from __future__ import annotations

from datetime import datetime

import moto.s3.models

from .. import world


def _utcnow() -> datetime:
    """moto's times have no zone."""
    return world.clock.utc().replace(tzinfo=None)


moto.s3.models.utcnow = _utcnow  # type: ignore[attr-defined]
