"""AWS's managed policies are there from the beginning, in every account; they are parsed once for all of them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

LINKED_POLICIES = "arn:aws:iam::aws:policy/aws-service-role/"


@cache
def _policies() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return found


def _of_aws(backend: IAMBackend) -> list[AWSManagedPolicy]:
    return [AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data) for name, data in _policies().items()]


IAMBackend._init_aws_policies = _of_aws  # type: ignore[assignment, method-assign]
