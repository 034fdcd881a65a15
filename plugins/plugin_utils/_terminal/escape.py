# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys by which a person leaves a console that does not answer, as ssh has them: Enter, then `~.`. Pure."""

from __future__ import annotations

from dataclasses import dataclass

ESCAPE, LEAVE, HELP = b"~", b".", b"?"
NEW_LINES = b"\r\n"
HELP_TEXT = b"\r\n~.  leave the console from here\r\n~?  this help\r\n~~  a ~\r\n"


@dataclass
class Typed:
    """What has been typed so far: whether a line has just begun, and whether it began with the escape."""

    at_start: bool = True
    escaped: bool = False

    def take(self, data: bytes) -> tuple[bytes, bytes, bool]:
        """(what goes on, what is shown here, whether to leave)."""
        forward, shown = bytearray(), bytearray()
        for number in data:
            key = bytes([number])
            if self.escaped:
                self.escaped = False
                if key == LEAVE:
                    return bytes(forward), bytes(shown), True
                if key == HELP:
                    shown += HELP_TEXT
                    continue
                forward += key if key == ESCAPE else ESCAPE + key
            elif self.at_start and key == ESCAPE:
                self.escaped = True
                continue
            else:
                forward += key
            self.at_start = key in NEW_LINES
        return bytes(forward), bytes(shown), False
