# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of an inventory that a release works with, in their shapes."""

from __future__ import annotations

from typing import Literal, TypedDict


class Process(TypedDict):
    """One of `railyard_processes`, with its size: at least so many tasks."""

    min: int


class Traffic(TypedDict, total=False):
    """`railyard_traffic`: percent of a first part (canary) or step (linear); minutes between steps; minutes that old tasks are kept."""

    shift: Literal["all_at_once", "canary", "linear"]
    percent: int
    minutes: int
    keep_old: int


class SmokeTest(TypedDict, total=False):
    """`railyard_smoke`, and the test listener's port. `body`: a regular expression; `pause`, `timeout`: seconds; `sources`: address ranges
    that reach the listener; `https`: whether something answers there."""

    port: int
    path: str
    scheme: Literal["http", "https"]
    host: str | None
    status: int
    body: str | None
    tries: int
    pause: float
    timeout: float
    proxy: str | None
    https: bool | None
    sources: list[str] | None


class SmokeRequest(SmokeTest):
    """A smoke test with the address that it asks."""

    url: str
