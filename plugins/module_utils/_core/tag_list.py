# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags of many resources by one call, where their own services tell those of one.

The list lags behind changes of tags, and knows no roles of IAM. So it is believed only where it says what is declared.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import aws, tags
from .errors import RailyardError

# ARNs that one call takes.
AT_ONCE = 100
Known = Callable[[list[str]], dict[str, dict[str, str]]]


def nothing(_arns: list[str]) -> dict[str, dict[str, str]]:
    """As `as_declared` where nothing is to be asked."""
    return {}


def as_declared(
    connect: Callable[[], Any], arns: list[str], wanted: dict[str, Any] | None, purge: bool | Sequence[str]
) -> dict[str, dict[str, str]]:
    """The tags by ARN of those resources whose tags need no change; {} for one resource, and for a caller who may not ask.

    `connect` makes the client of resourcegroupstaggingapi. `wanted` and `purge`: as tags.change takes them.
    """
    if len(arns) < 2 or not wanted:
        return {}
    try:
        client = connect()
        answers = aws.concurrently(lambda some: aws.call(client, "GetResources", ResourceARNList=some), aws.batches(arns, AT_ONCE))
    except RailyardError:
        return {}
    listed = [item for answer in answers for item in answer["ResourceTagMappingList"]]
    found = {str(item["ResourceARN"]).removesuffix(":*"): tags.as_dict(item["Tags"]) for item in listed}
    changes = {arn: tags.change(labels, wanted, purge) for arn, labels in found.items()}
    return {arn: found[arn] for arn, change in changes.items() if not change.put and not change.remove}
