# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The value of `requested_by`: the caller's identity in AWS, and the user of this machine. Pure."""

from __future__ import annotations

import re

# What a tag may hold, and what a name may be long there.
OTHERS = re.compile(r"[^\w .:/=+@-]")
MOST = 128


def requested_by(caller_arn: str, user: str) -> str:
    """`assumed-role/deployer/anna by deborah`, for records, the lock and tags. `user`: $USER of the controller, "" without one."""
    identity = caller_arn.split(":", 5)[-1]
    return OTHERS.sub("-", f"{identity} by {user}" if user else identity)[:MOST]
