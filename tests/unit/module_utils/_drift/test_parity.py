"""Two environments without what is each one's own."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._drift import parity
from ansible_collections.railyard.fargate.plugins.module_utils._drift.collected import Collected
from ansible_collections.railyard.fargate.plugins.module_utils._drift.normal import SIZE, Place, resources

ACCOUNTS = {"staging": ("222222222222", "10.10.0.0/16"), "production": ("111111111111", "10.20.0.0/16")}


def place(name: str) -> Place:
    account, cidr = ACCOUNTS[name]
    return Place(environment_name=f"shop-{name}", application="shop", environment=name, account_id=account, region="eu-west-1", cidr=cidr)


def one(kind: str, name: str, live: Any, declared: Any = ...) -> Collected:
    wanted = live if declared is ... else declared
    return Collected(kind=kind, name=name, live=live, declared=wanted, changed=live != wanted, operations=[], awaited={})


def compared(staging: list[Collected], production: list[Collected], *allowed: dict[str, str]) -> dict[str, Any]:
    both = {"staging": staging, "production": production}
    return parity.compare({name: {"place": place(name), "resources": some} for name, some in both.items()}, allowed)


def environment(name: str) -> list[Collected]:
    """Resources that are alike, in words of an environment's own."""
    account, cidr = ACCOUNTS[name]
    start, base = cidr.removesuffix(".0.0/16"), f"shop-{name}"
    vpc, group = f"vpc-{account}0", f"sg-{account}1"
    return [
        one("ec2 vpc", base, {"id": vpc, "name": base, "cidr": cidr}),
        one("ec2 security group", f"{base}-app", {"group_id": group, "name": f"{base}-app", "ingress": [{"peer": f"{start}.4.0/24"}]}),
        one(
            "rds instance", base, {"db_instance_identifier": base, "vpc_security_group_ids": [group], "backup_retention_period": len(name)}
        ),
        one(
            "iam role",
            f"{base}-task",
            {"name": f"{base}-task", "policies": {"read": [f"arn:aws:ssm:eu-west-1:{account}:parameter/shop/{name}/KEY"]}},
        ),
        one(
            "ecs service",
            "web",
            {"service_name": "web", "desired_count": len(name), "vpc": vpc, "tags": {"environment": name}, "mode": "production"},
        ),
        one("logs group", f"/shop/{name}/web", {"name": f"/shop/{name}/web", "retention_days": 7}),
        one(
            "ecs task definition",
            f"{base}-web",
            {"family": f"{base}-web", "cpu": str(len(name)), "image": f"{base}@sha256:{name[0].encode().hex() * 32}"},
        ),
    ]


def test_what_is_an_environments_own_is_no_difference() -> None:
    found = compared(environment("staging"), environment("production"))
    assert (found["result"], found["differences"], found["compared"]) == ("equal", [], 7), found["differences"]


def test_sizes_are_none_where_they_are_as_declared() -> None:
    resized = one("rds instance", "shop-staging", {"backup_retention_period": 9}, {"backup_retention_period": 1})
    normal = resources([resized], place("staging"))["rds instance <environment>"]
    assert (normal.live, normal.declared) == ({"backup_retention_period": (9, 9)}, {"backup_retention_period": (1, 1)})
    same = resources([one("rds instance", "shop-staging", {"backup_retention_period": 9})], place("staging"))
    assert same["rds instance <environment>"].live == {"backup_retention_period": (SIZE, SIZE)}


@pytest.mark.parametrize(
    ("staging", "production", "field"),
    [
        (
            one("logs group", "/shop/staging/web", {"retention_days": 7}),
            one("logs group", "/shop/production/web", {"retention_days": 9}),
            "retention_days",
        ),
        (one("logs group", "/shop/staging/web", {"a": 1}), None, ""),
        (one("ec2 vpc", "shop-staging", {"cidr": "10.10.0.0/16"}), one("ec2 vpc", "shop-production", {"cidr": "10.20.0.0/17"}), "cidr"),
        (one("logs group", "x", {"a": 1}), one("logs group", "x", None, {"a": 1}), ""),
    ],
)
def test_what_differs(staging: Collected, production: Collected | None, field: str) -> None:
    (found,) = compared([staging], [production] if production else [])["differences"]
    assert found["field"] == field and set(found["live"]) == {"staging", "production"}


def test_allowed_differences_have_a_reason_and_those_that_nothing_fits_are_told() -> None:
    sides = [one("logs group", f"/shop/{name}/web", {"retention_days": len(name)}) for name in ACCOUNTS]
    allowed = {"difference": "logs group * retention_days", "reason": "kept for a year"}
    found = compared([sides[0]], [sides[1]], allowed, {"difference": "s3 bucket *", "reason": "old"})
    assert (found["result"], found["differences"], found["unused"]) == ("equal", [], ["s3 bucket *"])
    assert [one["reason"] for one in found["allowed"]] == ["kept for a year"]
    with pytest.raises(RailyardError, match="reason"):
        compared([sides[0]], [sides[1]], {"difference": "*", "reason": " "})
    with pytest.raises(RailyardError, match="two environments"):
        parity.compare({}, [])
