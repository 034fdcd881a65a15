"""AWS's managed policies, in every account from the beginning."""

from __future__ import annotations

import copy
import json
from functools import cache

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

LINKED_POLICIES = "arn:aws:iam::aws:policy/aws-service-role/"


@cache
def _policies(account: str, partition: str) -> list[AWSManagedPolicy]:
    found = json.loads(aws_managed_policies_data)
    return [AWSManagedPolicy.from_data(name, account, partition, data) for name, data in found.items()]


def _of_aws(backend: IAMBackend) -> list[AWSManagedPolicy]:
    """A backend's own copies: each counts to how many roles it is attached."""
    return [copy.copy(policy) for policy in _policies(backend.account_id, backend.region_name)]


IAMBackend._init_aws_policies = _of_aws  # type: ignore[assignment, method-assign]
