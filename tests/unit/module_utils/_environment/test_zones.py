"""Zones in which an environment is to be: Fargate and the class of the database are not in every one."""

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import aws
from ansible_collections.railyard.fargate.plugins.module_utils._ec2 import subnets
from ansible_collections.railyard.fargate.plugins.module_utils._environment import zones
from ansible_collections.railyard.fargate.plugins.module_utils._environment.problem import dotted

# As an account may see them: names are shuffled, IDs are not.
TOKYO = {"ap-northeast-1a": "apne1-az3", "ap-northeast-1b": "apne1-az4", "ap-northeast-1c": "apne1-az1", "ap-northeast-1d": "apne1-az2"}
IRELAND = {"eu-west-1a": "euw1-az1", "eu-west-1b": "euw1-az2", "eu-west-1c": "euw1-az3"}
WANTED: dict[str, Any] = {"zones": [], "region": "here", "db_instance_class": "db.t4g.small", "multi_az": False}


def told(region: dict[str, str], offered: str, **wanted: Any) -> list[tuple[str, str, str]]:
    zone = next(iter(region))[:-1]
    found = zones.problems({**WANTED, **wanted}, region, {f"{zone}{letter}" for letter in offered})
    return [(problem.what, dotted(problem.path), problem.right) for problem in found]


def test_zones_that_have_all_are_no_problem() -> None:
    assert told(IRELAND, "abc") == told(IRELAND, "a") == told(IRELAND, "") == told(IRELAND, "ab", multi_az=True) == []
    assert told(IRELAND, "bc", zones=["eu-west-1b", "eu-west-1c"], multi_az=True) == told(TOKYO, "b") == []


@pytest.mark.parametrize(
    ("region", "offered", "wanted", "what", "where", "right"),
    [
        (IRELAND, "c", {}, "in eu-west-1c, and the subnets are to be in eu-west-1a, eu-west-1b", "vpc_zones", "[eu-west-1a, eu-west-1c]"),
        (IRELAND, "bc", {"multi_az": True}, "a standby needs two of them", "vpc_zones", "vpc_zones: [eu-west-1b, eu-west-1c]"),
        (IRELAND, "c", {"zones": ["eu-west-1a", "eu-west-1b"]}, "eu-west-1c, and", "vpc_zones", "vpc_zones: [eu-west-1a, eu-west-1c]"),
        (TOKYO, "a", {}, "RDS offers db.t4g.small in ap-northeast-1a", "railyard_database.class", "another class"),
        (
            TOKYO,
            "abcd",
            {"zones": ["ap-northeast-1a", "ap-northeast-1b"]},
            "Fargate is not in ap-northeast-1a (apne1-az3)",
            "vpc_zones[0]",
            "ap-northeast-1b, ap-northeast-1c or ap-northeast-1d",
        ),
        (TOKYO, "abcd", {"zone_count": 4}, "here has 3 zones with Fargate", "vpc_zone_count", "vpc_zones"),
    ],
)
def test_zones_without_what_is_needed_are_told_with_vpc_zones(
    region: dict[str, str], offered: str, wanted: dict[str, Any], what: str, where: str, right: str
) -> None:
    ((said, path, advice),) = told(region, offered, **wanted)
    assert what in said and path == where and right in advice


def test_new_subnets_take_zones_with_fargate(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [{"ZoneName": name, "ZoneId": zone_id} for name, zone_id in reversed(TOKYO.items())]
    monkeypatch.setattr(aws, "pages", lambda *_given, **_filters: listed)
    wanted = {"state": "present", "subnets": [{"cidr": "10.0.0.0/20", "zone_index": 0}]}
    assert subnets.numbered_zones(SimpleNamespace(), wanted, {"subnets": []}) == sorted(TOKYO)[1:]
