# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one error that this collection raises, and the kind of it after which somebody has to look."""

from __future__ import annotations

from typing import Any


class RailyardError(Exception):
    """What went wrong, for a person, and what is known besides.

    `code` is AWS's error code, "" when AWS did not speak. `details` (plain JSON values, no secrets) goes into the result: the last
    state seen, the difference, the command that repairs.
    """

    def __init__(self, message: str, code: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = details


class Unanswered(RailyardError):
    """AWS was asked to change something and nobody knows whether it did: the answer never came, or was that AWS failed."""
