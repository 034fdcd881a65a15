# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes and tags, which everything in elbv2 has. Attributes are a dict by AWS's own names; values are text."""

from __future__ import annotations

from typing import Any

from .._core import aws, tags
from .._core.errors import RailyardError
from .._core.plan import Output, Step


def find_tags(client: Any, arns: list[str]) -> dict[str, dict[str, str]]:
    """The tags of anything in elbv2, by ARN. One call tells those of twenty."""
    answers = aws.concurrently(lambda some: aws.call(client, "DescribeTags", ResourceArns=some), aws.batches(arns, 20))
    found = {item["ResourceArn"]: tags.as_dict(item.get("Tags")) for answer in answers for item in answer["TagDescriptions"]}
    return {arn: found.get(arn, {}) for arn in arns}


def texts(attributes: dict[str, Any] | None) -> dict[str, str]:
    """AWS's text for each value: `true` for True. An attribute that is None is left out, which leaves it as it is."""
    return {key: _text(value) for key, value in (attributes or {}).items() if value is not None}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def changed(live: dict[str, str], wanted: dict[str, Any] | None) -> dict[str, str]:
    """The wanted attributes that are different. Raises RailyardError for one that the live resource does not have (rule ELB-5)."""
    asked = texts(wanted)
    unknown = sorted(set(asked) - set(live))
    if unknown:
        raise RailyardError(f"there is no attribute {', '.join(unknown)}; there are {', '.join(sorted(live))}")
    return {key: text for key, text in asked.items() if live[key] != text}


def tag_steps(arn: str | Output, change: tags.TagChange) -> list[Step]:
    """The calls that carry out a change of tags."""
    steps = []
    if change.put:
        steps.append(Step("AddTags", {"ResourceArns": [arn], "Tags": tags.as_pairs(change.put)}))
    if change.remove:
        steps.append(Step("RemoveTags", {"ResourceArns": [arn], "TagKeys": change.remove}))
    return steps
