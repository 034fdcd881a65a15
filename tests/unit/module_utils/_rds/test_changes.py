"""What a database is told, and what it can never be told."""

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._rds import changes


@pytest.mark.parametrize(
    ("asked", "has", "same"),
    [
        ("17", "17.4", True),
        ("17.4", "17.4", True),
        ("17.4", "17.6", True),
        ("17.10", "17.9", False),
        ("17.6", "17.4", False),
        ("18", "17.4", False),
    ],
)
def test_versions(asked: str, has: str, same: bool) -> None:
    assert changes.same_version(asked, has) is same


DEFAULTS = dict.fromkeys((*changes.SETTINGS, *changes.FIXED, "kms_key_id", "engine_version", "allocated_storage", "vpc_security_group_ids"))
WANTED = {**DEFAULTS, "db_instance_identifier": "shop", "enable_cloudwatch_logs_exports": None}
LIVE = {
    **DEFAULTS,
    "allocated_storage": 20,
    "vpc_security_group_ids": ["sg-1"],
    "enable_cloudwatch_logs_exports": [],
    "pending_modified_values": {"db_instance_class": "db.t4g.small"},
    "db_instance_class": "db.t4g.micro",
    "engine": "postgres",
    "engine_version": "17.4",
}


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        ({}, {}),
        ({"db_instance_class": "db.t4g.small"}, {}),
        ({"db_instance_class": "db.t4g.micro"}, {"db_instance_class": "db.t4g.micro"}),
        ({"allocated_storage": 30}, {"allocated_storage": 30}),
        ({"allocated_storage": 10, "max_allocated_storage": 100}, {"max_allocated_storage": 100}),
        ({"vpc_security_group_ids": ["sg-1"]}, {}),
        ({"vpc_security_group_ids": ["sg-2"]}, {"vpc_security_group_ids": ["sg-2"]}),
        ({"vpc_security_group_ids": []}, {"vpc_security_group_ids": []}),
        ({"enable_cloudwatch_logs_exports": ["upgrade", "postgresql"]}, {"enable_cloudwatch_logs_exports": ["postgresql", "upgrade"]}),
    ],
)
def test_what_is_pending_counts_as_done(wanted: dict[str, object], changed: dict[str, object]) -> None:
    assert changes.changes({**WANTED, **wanted}, LIVE) == changed


@pytest.mark.parametrize("wanted", [{"allocated_storage": 10}, {"engine_version": "16"}, {"engine": "mysql"}])
def test_what_can_never_change(wanted: dict[str, object]) -> None:
    with pytest.raises(RailyardError):
        changes.changes({**WANTED, **wanted}, LIVE)
