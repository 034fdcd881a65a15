# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role may do, asked of IAM before somebody takes it on.

Its own policies, its boundary and those of the organisation count; the policies of resources (a bucket's, a key's) do not.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._core import aws
from .._core.clock import REAL, Clock, look_until

# Seconds that IAM may take to show a policy that was just written.
APPEARS = 15


def refused(iam: Any, role: str, actions: Sequence[str], resource: str, known: dict[str, str], clock: Clock = REAL) -> list[str]:
    """Which of the actions a role may not do on a resource. What depends on a condition that nothing is `known` of is not among them.

    `role`: its ARN; `known`: values of context keys. Raises RailyardError when the role is not there, or the caller may not ask.
    """
    context = [{"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"} for key, value in known.items()]
    params: dict[str, Any] = {"PolicySourceArn": role, "ActionNames": list(actions), "ResourceArns": [resource], "ContextEntries": context}

    def look() -> list[str]:
        found = aws.pages(iam, "SimulatePrincipalPolicy", "EvaluationResults", **params)
        return [one["EvalActionName"] for one in found if one["EvalDecision"] != "allowed" and not one.get("MissingContextValues")]

    return look_until(look, lambda found: not found, APPEARS, clock)
