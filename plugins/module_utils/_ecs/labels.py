# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of tags of clusters, services and task definitions."""

from __future__ import annotations

from .._core import tags
from .._core.plan import Step


def steps(arn: str, change: tags.TagChange) -> list[Step]:
    """The calls that carry out a change of tags."""
    put = [Step("TagResource", {"resourceArn": arn, "tags": tags.as_pairs(change.put, "key", "value")})] if change.put else []
    gone = [Step("UntagResource", {"resourceArn": arn, "tagKeys": change.remove})] if change.remove else []
    return [*put, *gone]
