"""Tags: a dict in our shape, pairs in AWS's."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import tags


def test_pairs_and_dict() -> None:
    assert tags.as_pairs({"b": 2, "a": "1"}) == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    assert tags.as_dict([{"key": "a"}, {"key": "aws:cloudformation:stack", "value": "x"}], "key", "value") == {"a": ""}
    assert tags.as_dict(None) == {} and tags.as_pairs(None) == []


@pytest.mark.parametrize(
    ("wanted", "purge", "put", "remove", "after"),
    [
        (None, True, {}, [], {"a": "1", "b": "2"}),
        ({}, True, {}, ["a", "b"], {}),
        ({}, False, {}, [], {"a": "1", "b": "2"}),
        ({"a": 1}, True, {}, ["b"], {"a": "1"}),
        ({"a": "9", "c": "3"}, False, {"a": "9", "c": "3"}, [], {"a": "9", "b": "2", "c": "3"}),
    ],
)
def test_change(wanted: Any, purge: bool, put: dict[str, str], remove: list[str], after: dict[str, str]) -> None:
    assert tags.change({"a": "1", "b": "2"}, wanted, purge) == tags.TagChange(put, remove, after)
