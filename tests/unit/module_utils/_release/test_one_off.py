"""The revision of a one-off task, and whose its family is."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import ownership, tags
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import one_off

ECS = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
OURS = ownership.of("shop", "production")
REQUEST = {"family": "shop-production-run", "containerDefinitions": [{"name": "run", "image": "shop:1"}]}
ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-production-run:14"


def live(labels: dict[str, str]) -> dict[str, Any]:
    return {"task_definition_arn": ARN, "family": REQUEST["family"], "containers": [], "tags": labels}


def test_a_family_of_somebody_else_is_refused() -> None:
    request = {**REQUEST, "tags": tags.as_pairs(OURS, "key", "value")}
    with pytest.raises(RailyardError, match=r"shop-production-run is there already and is not ours; .*owner: team-billing"):
        one_off.make_plan(ECS, request, live({"owner": "team-billing"}))
    assert one_off.make_plan(ECS, request, live({**OURS, "CreatedBy": "anna"})).changed


def test_where_nothing_says_whose_it_is_its_name_is_enough() -> None:
    assert one_off.make_plan(ECS, REQUEST, live({"owner": "team-billing"})).changed


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (None, None),
        ("bin/rails runner 'puts 1'", ["bin/rails", "runner", "puts 1"]),
        (["bin/rails", 1], ["bin/rails", "1"]),
        ('["bin/rails", "runner", "puts 1"]', ["bin/rails", "runner", "puts 1"]),
        ("[ -f config/master.key ]", ["[", "-f", "config/master.key", "]"]),
    ],
)
def test_a_command_word_by_word(command: Any, expected: list[str] | None) -> None:
    assert one_off.words(command) == expected


@pytest.mark.parametrize("command", ["[bin/rails, db:seed]", "['bin/rails', 'db:seed']", "[[1]]", "", [], "a 'b"])
def test_what_is_neither_a_line_nor_a_list(command: Any) -> None:
    with pytest.raises(RailyardError, match=r"a list of words|cannot be split"):
        one_off.words(command)
