"""The revision of a one-off task, and whose its family is."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import ownership, tags
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._one_off import families

ECS = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
OURS = ownership.of("shop", "production")
REQUEST = {"family": "shop-production-run", "containerDefinitions": [{"name": "run", "image": "shop:1"}]}
ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-production-run:14"


def live(labels: dict[str, str]) -> dict[str, Any]:
    return {"task_definition_arn": ARN, "family": REQUEST["family"], "containers": [], "tags": labels}


def test_a_family_of_somebody_else_is_refused() -> None:
    request = {**REQUEST, "tags": tags.as_pairs(OURS, "key", "value")}
    with pytest.raises(RailyardError, match=r"shop-production-run is there already and is not ours; .*owner: team-billing"):
        families.make_plan(ECS, request, live({"owner": "team-billing"}))
    assert families.make_plan(ECS, request, live({**OURS, "CreatedBy": "anna"})).changed


def test_where_nothing_says_whose_it_is_its_name_is_enough() -> None:
    assert families.make_plan(ECS, REQUEST, live({"owner": "team-billing"})).changed
