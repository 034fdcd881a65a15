# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags of what RDS keeps."""

from __future__ import annotations

from typing import Any

from .._core import aws, tags
from .._core.plan import Step


def find(client: Any, arn: str) -> dict[str, str]:
    return tags.as_dict(aws.call(client, "ListTagsForResource", ResourceName=arn)["TagList"])


def steps(arn: str, change: tags.TagChange) -> list[Step]:
    """The calls that carry out a change of tags."""
    put = [Step("AddTagsToResource", {"ResourceName": arn, "Tags": tags.as_pairs(change.put)})] if change.put else []
    gone = [Step("RemoveTagsFromResource", {"ResourceName": arn, "TagKeys": change.remove})] if change.remove else []
    return [*put, *gone]
