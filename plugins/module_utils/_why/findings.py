# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One thing that does not go as it should, and what repairs it. Pure."""

from __future__ import annotations

import re
from typing import TypedDict

PLAYBOOK = re.compile(r"(?:playbooks/[a-z_]+|\bsite)\.yml(?: -e [a-z_]+=\S+)*")


class Finding(TypedDict):
    """`about`: task, target, deployment or scaling. `what`: a sentence. `words`: AWS's own. `lines`: the last ones of the container that
    failed. `hint`: what helps, "" where nothing is known. `next`: the command that repairs it or tells more, "" without one."""

    about: str
    process: str
    what: str
    words: list[str]
    lines: list[str]
    hint: str
    next: str


def finding(about: str, process: str, what: str, words: list[str], hint: str = "", following: str = "") -> Finding:
    """A finding without lines. The command is the one that the hint names, unless another is given."""
    named = PLAYBOOK.search(hint)
    command = following or (named[0] if named else "")
    return {"about": about, "process": process, "what": what, "words": words, "lines": [], "hint": hint, "next": command}
