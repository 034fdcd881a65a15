# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags of what EC2 keeps. `Name` is one among them."""

from __future__ import annotations

from typing import Any

from .._core import tags
from .._core.plan import Output, Step


def named(name: str, live: dict[str, str], wanted: dict[str, Any]) -> dict[str, str]:
    """All tags that `live` becomes under a name, by the options `tags` and `purge_tags` in `wanted`."""
    purge = wanted["purge_tags"] if wanted["tags"] is not None else False
    return tags.change(live, {**(wanted["tags"] or {}), "Name": name}, purge).after


def specification(kind: str, labels: dict[str, str]) -> list[dict[str, Any]]:
    """The tags with which something is made; `kind` is AWS's name of its kind."""
    return [{"ResourceType": kind, "Tags": tags.as_pairs(labels)}]


def steps(identifier: str | Output, now: dict[str, str], then: dict[str, str]) -> list[Step]:
    """What leads from the tags `now` to exactly the tags `then`."""
    change = tags.change(now, then, True)
    put = [Step("CreateTags", {"Resources": [identifier], "Tags": tags.as_pairs(change.put)})] if change.put else []
    gone = [Step("DeleteTags", {"Resources": [identifier], "Tags": [{"Key": key} for key in change.remove]})] if change.remove else []
    return [*put, *gone]
