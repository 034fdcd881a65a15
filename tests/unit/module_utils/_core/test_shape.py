"""AWS's shape ⇄ ours, by AWS's model."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import shape
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

ECS = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
CONTAINERS = shape.input_shape(ECS, "RegisterTaskDefinition", "containerDefinitions")


def test_members_are_renamed_and_the_keys_of_maps_are_not() -> None:
    given = [{"name": "web", "log_configuration": {"log_driver": "awslogs", "options": {"awslogs-group": "/shop"}}, "memory": None}]
    converted = [{"name": "web", "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/shop"}}}]
    assert shape.aws(CONTAINERS, given) == converted
    assert shape.ours(CONTAINERS, converted) == [{key: value for key, value in given[0].items() if value is not None}]


def test_ours_leaves_out_what_the_model_does_not_know_and_writes_times_as_text() -> None:
    output = shape.output_shape(ECS, "DescribeTaskDefinition", "taskDefinition")
    found = shape.ours(output, {"registeredAt": datetime(2026, 11, 25, tzinfo=UTC), "surprise": 1})
    assert found == {"registered_at": "2026-11-25T00:00:00+00:00"}
    assert shape.ours(output, None) is None


@pytest.mark.parametrize(
    ("given", "converted"),
    [
        ({"cpu": "256"}, {"cpu": 256}),
        ({"essential": "false"}, {"essential": False}),
        ({"environment": [{"name": "A", "value": True}]}, {"environment": [{"name": "A", "value": "true"}]}),
        ({"command": ["puma", 3000]}, {"command": ["puma", "3000"]}),
        ({"docker_labels": {"version": 1.5}}, {"dockerLabels": {"version": "1.5"}}),
    ],
)
def test_scalars_get_the_type_of_the_model(given: dict[str, Any], converted: dict[str, Any]) -> None:
    assert shape.aws(CONTAINERS, [given]) == [converted]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([{"imege": "x"}], r"\[0\] has no imege; it has command, cpu"),
        ([{"log_configuration": {"driver": "x"}}], r"\[0\]\.log_configuration has no driver; it has log_driver, options, secret_options"),
        ([{"cpu": "much"}], r"\[0\]\.cpu is 'much'; it must be a whole number"),
        ([{"essential": "perhaps"}], "must be true or false"),
        (["web"], r"\[0\] is a str; it must be a dict"),
        ([{"image": {"name": "x"}}], r"\[0\]\.image is a dict; it must be a string"),
        ({"name": "web"}, "must be a list"),
    ],
)
def test_what_aws_does_not_know_is_an_error_that_says_where(given: Any, said: str) -> None:
    with pytest.raises(RailyardError, match=said):
        shape.aws(CONTAINERS, given)
