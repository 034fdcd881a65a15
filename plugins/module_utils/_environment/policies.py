# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the declared managed policies and permissions boundaries exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Union

from .._core import aws
from .._core.errors import RailyardError
from .._iam.role import ABSENT
from .additions import ARN
from .problem import Problem


def missing(iam: Any, wanted: Mapping[str, Sequence[Union[str, int]]], account_id: str) -> list[Problem]:
    """A problem for each policy that does not exist, or is of another account. `wanted`: path in the inventory by ARN.

    A caller without iam:GetPolicy gets no problem for missing policies. A role can have policies of its own account and of AWS.
    """
    foreign = {arn for arn in wanted if account_id and arn.split(":")[4:5] not in ([account_id], ["aws"])}
    with ThreadPoolExecutor(4) as pool:
        there = dict(zip(wanted, pool.map(lambda arn: arn not in foreign and _is_there(iam, arn), wanted), strict=True))
    whose = f"account {account_id}" if account_id else "IAM"
    return [Problem(f"{whose} has no policy {arn}", tuple(path), ARN) for arn, path in wanted.items() if not there[arn]]


def _is_there(iam: Any, arn: str) -> bool:
    try:
        return aws.find(iam, "GetPolicy", ABSENT, PolicyArn=arn) is not None
    except RailyardError as error:
        if error.code in ("AccessDenied", "AccessDeniedException"):
            return True
        raise
