# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What minutes of builds cost, in USD. Pure.

https://aws.amazon.com/codebuild/pricing/ for us-east-1; the free minutes of an account are not taken off. What has no price here is None.
"""

from __future__ import annotations

import math

# By the beginning of the environment's type, and the size.
PRICES = {
    ("LINUX_CONTAINER", "BUILD_GENERAL1_SMALL"): 0.005,
    ("LINUX_CONTAINER", "BUILD_GENERAL1_MEDIUM"): 0.01,
    ("LINUX_CONTAINER", "BUILD_GENERAL1_LARGE"): 0.02,
    ("ARM_CONTAINER", "BUILD_GENERAL1_SMALL"): 0.0034,
}


def minutes(seconds: float) -> int:
    """What is paid for so many seconds: each begun minute, and one at least."""
    return max(1, math.ceil(seconds / 60))


def of_build(environment_type: str, compute_type: str, seconds: float) -> float | None:
    """The price of a build, None for a size that is not known here."""
    price = PRICES.get((environment_type, compute_type))
    return None if price is None else round(price * minutes(seconds), 4)
