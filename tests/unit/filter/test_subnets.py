"""The filter that cuts a VPC's range."""

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.railyard.fargate.plugins.filter.subnets import subnets


def test_another_zone_moves_nobody() -> None:
    two = subnets("10.20.0.0/16", ["a", "b"])
    assert [subnet["cidr"] for subnet in two] == ["10.20.0.0/20", "10.20.16.0/20", "10.20.128.0/20", "10.20.144.0/20"]
    assert [subnet["kind"] for subnet in two] == ["public", "public", "private", "private"]
    three = subnets("10.20.0.0/16", ["a", "b", "c"])
    assert all(subnet in three for subnet in two)


@pytest.mark.parametrize(("cidr", "words"), [("10.0.0.1/16", "no address range"), ("10.0.0.0/24", "is a /24"), ("10.0.0.0/8", "is a /8")])
def test_ranges_that_do_not_fit(cidr: str, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        subnets(cidr, ["a"])


def test_more_zones_than_blocks() -> None:
    with pytest.raises(AnsibleFilterError, match="at most eight"):
        subnets("10.0.0.0/16", list("abcdefghi"))
