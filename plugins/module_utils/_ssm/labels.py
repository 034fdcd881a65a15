# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of tags of parameters and documents."""

from __future__ import annotations

from .._core import tags
from .._core.plan import Step


def steps(kind: str, name: str, change: tags.TagChange) -> list[Step]:
    """The calls that carry out a change of tags. `kind`: AWS's ResourceType (Parameter, Document)."""
    resource = {"ResourceType": kind, "ResourceId": name}
    put = [Step("AddTagsToResource", {**resource, "Tags": tags.as_pairs(change.put)})] if change.put else []
    gone = [Step("RemoveTagsFromResource", {**resource, "TagKeys": change.remove})] if change.remove else []
    return [*put, *gone]
