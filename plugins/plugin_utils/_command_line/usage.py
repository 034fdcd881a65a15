# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of a playbook's options as text."""

from __future__ import annotations

import textwrap

from .options import Table, example

WIDTH = 112


def text(playbook: str, table: Table, inventory: bool = True) -> str:
    """What `-e help=yes` prints; `inventory`: whether the playbook needs one."""
    rows = [(example(name, option), _about(option)) for name, option in table.items() if "refused" not in option]
    lines = [f"ansible-playbook {playbook}{' -i <inventory>' if inventory else ''}{' [-e <option>=<value> …]' if rows else ''}", ""]
    if not rows:
        return "\n".join([*lines, "It has no options.", ""])
    width = min(44, max(len(left) for left, _unused in rows))
    for left, right in rows:
        first, *rest = textwrap.wrap(right, WIDTH - width - 4)
        if len(left) > width:
            lines.append(f"  {left}")
            left = ""
        lines += [f"  {left:<{width}}  {first}", *(f"  {'':<{width}}  {line}" for line in rest)]
    return "\n".join([*lines, "", "Options are read from the command line only, never from an inventory.", ""])


def _about(option: dict[str, object]) -> str:
    choices, default = option.get("choices"), option.get("default")
    more = [f"One of {', '.join(map(str, choices))}." if isinstance(choices, list) else "", "Required." if option.get("required") else ""]
    if default is not None:
        more.append(f"Default: {('yes' if default else 'no') if isinstance(default, bool) else default}.")
    return " ".join(part for part in (str(option["description"]), *more) if part)
