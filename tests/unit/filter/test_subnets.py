"""The filter that cuts a VPC's range."""

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.railyard.fargate.plugins.filter.subnets import subnets


def test_another_zone_moves_no_subnet() -> None:
    two = subnets("10.20.0.0/16", 2, "shop")
    assert [subnet["cidr"] for subnet in two] == ["10.20.0.0/20", "10.20.16.0/20", "10.20.128.0/20", "10.20.144.0/20"]
    assert two[1] == {"name": "shop-public-2", "cidr": "10.20.16.0/20", "route_table": "shop-public", "zone_index": 1}
    assert [subnet["route_table"] for subnet in two] == ["shop-public"] * 2 + ["shop-private"] * 2
    three = subnets("10.20.0.0/16", 3, "shop")
    assert all(subnet in three for subnet in two)


def test_zones_by_name() -> None:
    named = subnets("10.20.0.0/16", ["eu-west-1b", "eu-west-1c"], "shop")
    assert [subnet["availability_zone"] for subnet in named] == ["eu-west-1b", "eu-west-1c"] * 2
    assert not any("zone_index" in subnet for subnet in named)


@pytest.mark.parametrize(
    ("cidr", "zones", "words"),
    [
        ("10.0.0.1/16", 2, "no address range"),
        ("10.0.0.0/24", 2, "is a /24"),
        ("10.0.0.0/8", 2, "is a /8"),
        ("10.0.0.0/16", 9, "at most eight"),
        ("10.0.0.0/16", list("abcdefghi"), "at most eight"),
        ("10.0.0.0/16", "all", "no availability zones"),
    ],
)
def test_invalid_ranges_and_zones_are_refused(cidr: str, zones: list[str] | int, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        subnets(cidr, zones, "shop")
