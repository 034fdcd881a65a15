"""Which of a list of resources are ours."""

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.railyard.fargate.plugins.filter.owned import owned

OURS = {"application": "shop", "environment": "local", "managed-by": "railyard"}
LIST = [{"key": key, "value": value} for key, value in OURS.items()]


@pytest.mark.parametrize(
    ("resource", "kept"),
    [
        ({"tags": {**OURS, "CreatedBy": "anna"}}, True),
        ({"tags": {}, "tag_list": LIST}, True),
        ({"tags": {**OURS, "environment": "local-two"}}, False),
        ({"tags": {**OURS, "managed-by": "terraform"}}, False),
        ({"tag_list": LIST[:2]}, False),
        ({"tags": None}, False),
        ({}, False),
    ],
)
def test_resources_with_all_three_tags_are_owned(resource: dict[str, Any], kept: bool) -> None:
    assert owned([resource], {**OURS, "cost": "7"}) == ([resource] if kept else [])
    assert owned([resource], {"cost": "7"}) == [resource]


def test_input_that_is_no_list_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="list of resources"):
        owned({}, OURS)  # type: ignore[arg-type]
