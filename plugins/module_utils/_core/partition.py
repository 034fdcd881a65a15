# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the partitions of AWS: the beginning of an ARN, the host of the console, and the names of some services in policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-arns.html
"""

from __future__ import annotations

# By the beginning of a Region's name: the partition, and the host of its console after the name of the Region.
PARTITIONS = {
    "cn-": ("aws-cn", "console.amazonaws.cn"),
    "us-gov-": ("aws-us-gov", "console.amazonaws-us-gov.com"),
    "eusc-": ("aws-eusc", "console.amazonaws-eusc.eu"),
}
COMMERCIAL = ("aws", "console.aws.amazon.com")

# Where credentials are good although another Region is not enabled.
HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

# Services that have a name of their own in China. Most have not: ecs-tasks.amazonaws.com is right everywhere.
# https://github.com/aws/aws-cdk/pull/18505, https://github.com/terraform-aws-modules/terraform-aws-ecs/issues/124
OWN_NAMES = {("aws-cn", "codedeploy"): "codedeploy.amazonaws.com.cn"}


def _of(region: str) -> tuple[str, str]:
    return next((found for beginning, found in PARTITIONS.items() if region.startswith(beginning)), COMMERCIAL)


def name(region: str) -> str:
    """The partition of a Region, as ARNs begin with it: aws, aws-cn, aws-us-gov or aws-eusc. Pure."""
    return _of(region)[0]


def console(region: str, path: str) -> str:
    """The address of a page of the console. `path`: what follows the host, without a slash in front. Pure."""
    return f"https://{region}.{_of(region)[1]}/{path}"


def principal(service: str, region: str) -> str:
    """What a policy calls a service: codedeploy.amazonaws.com. `service`: what stands before the first dot. Pure."""
    return OWN_NAMES.get((name(region), service), f"{service}.amazonaws.com")
