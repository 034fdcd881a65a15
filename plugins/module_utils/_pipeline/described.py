# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment as `site` declares it, kept in its bucket for the stages of a pipeline, which have no inventory.

So a change of the inventory changes this object, and not the structure of the pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import RailyardError
from .._environment import naming
from .._release import environment_options
from .._release.environment import Environment
from .._s3 import kept

KEY = "pipeline/environment.json"
# Beside the options of an environment.
LOCK_TIMEOUT = "lock_timeout"


def wanted(given: Mapping[str, Any], names: naming.Names) -> dict[str, Any]:
    """The object of what is declared (`given`: the options of the module release_environment). Pure."""
    known = {name: _given(given[name]) for name in (*environment_options.MEMBERS, "timeouts", LOCK_TIMEOUT)}
    return {"names": names.as_dict(), **{name: value for name, value in known.items() if value is not None}}


def _given(value: Any) -> Any:
    """A value without the members that nobody has given."""
    return {name: item for name, item in value.items() if item is not None} if isinstance(value, dict) else value


def read(client: Any, bucket: str) -> tuple[Environment, dict[str, Any]]:
    """The environment, and what its stages need to know besides ({timeouts, lock_timeout}). Raises RailyardError without it."""
    found = kept.read(client, bucket, KEY)
    if found is None:
        raise RailyardError(f"there is no s3://{bucket}/{KEY}; site.yml writes it")
    given = found["names"]
    if lacks := naming.missing(given):
        raise RailyardError(f"s3://{bucket}/{KEY} names no {', '.join(lacks)}; site.yml writes it anew")
    how = {"timeouts": environment_options.timeouts(found), **{name: found[name] for name in (LOCK_TIMEOUT,) if name in found}}
    return environment_options.environment(naming.of_option(given), found), how
