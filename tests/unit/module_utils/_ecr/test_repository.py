"""Lifecycle rules of images."""

from ansible_collections.railyard.fargate.plugins.module_utils._ecr import repository


def test_lifecycle_rules_have_an_order_and_no_empty_ones() -> None:
    assert [rule["rulePriority"] for rule in repository.lifecycle_rules(5, 3)] == [1, 2, 3]
    assert repository.lifecycle_rules(0, 0) == []
