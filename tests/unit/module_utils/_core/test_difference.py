"""What is different, by path."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.difference import differences


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a.c": (2, 3)}),
        ({"a": 1}, {"b": 2}, {"a": (1, None), "b": (None, 2)}),
        ({"list": [1, 2]}, {"list": [2, 1]}, {"list": ([1, 2], [2, 1])}),
        ({"c": [{"name": "web", "cpu": 1}]}, {"c": [{"name": "web", "cpu": 2}]}, {"c.web.cpu": (1, 2)}),
        ({"c": [{"name": "a"}, {"name": "b"}]}, {"c": [{"name": "b"}, {"name": "a"}]}, {}),
        ({"c": [{"name": "a", "x": 1}]}, {"c": [{"name": "a", "x": 1}, {"name": "b"}]}, {"c.b": (None, {"name": "b"})}),
        (
            {"c": [{"name": "a"}, {"name": "a", "x": 1}]},
            {"c": [{"name": "a"}]},
            {"c": ([{"name": "a"}, {"name": "a", "x": 1}], [{"name": "a"}])},
        ),
    ],
)
def test_differences(before: Any, after: Any, found: dict[str, tuple[Any, Any]]) -> None:
    assert differences(before, after) == {path: {"before": old, "after": new} for path, (old, new) in found.items()}
