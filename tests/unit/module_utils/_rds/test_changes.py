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
        ({"engine_version": "16", "db_parameter_group_name": "shop-postgres16"}, {}),
        ({"engine_version": "16.4", "db_parameter_group_name": "shop-postgres16"}, {}),
        ({"engine_version": "17", "db_parameter_group_name": "shop-postgres17"}, {"db_parameter_group_name": "shop-postgres17"}),
        ({"engine_lifecycle_support": "open-source-rds-extended-support"}, {}),
        ({"enable_cloudwatch_logs_exports": ["upgrade", "postgresql"]}, {"enable_cloudwatch_logs_exports": ["postgresql", "upgrade"]}),
    ],
)
def test_what_is_pending_counts_as_done(wanted: dict[str, object], changed: dict[str, object]) -> None:
    assert changes.changes({**WANTED, **wanted}, LIVE) == changed


@pytest.mark.parametrize("wanted", [{"allocated_storage": 10}, {"engine_version": "18"}, {"engine": "mysql"}])
def test_immutable_settings_are_refused(wanted: dict[str, object]) -> None:
    with pytest.raises(RailyardError):
        changes.changes({**WANTED, **wanted}, LIVE)


def test_exports_that_are_pending_count_as_done() -> None:
    pending = {"pending_cloudwatch_logs_exports": {"log_types_to_enable": ["upgrade"], "log_types_to_disable": ["postgresql"]}}
    live = {**LIVE, "enable_cloudwatch_logs_exports": ["postgresql"], "pending_modified_values": pending}
    assert changes.changes({**WANTED, "enable_cloudwatch_logs_exports": ["upgrade"]}, live) == {}
    assert changes.changes({**WANTED, "enable_cloudwatch_logs_exports": ["postgresql"]}, live) != {}


@pytest.mark.parametrize(
    ("asked", "has", "most", "pending", "refused"),
    [
        (20, 20, None, None, ""),
        (20, 26, 100, None, ""),
        (20, 26, None, None, "declare 26"),
        (20, 26, 25, None, "declare 26"),
        (21, 20, None, None, "declare 20, or 22 or more"),
        (22, 20, None, None, ""),
        (40, 20, None, 40, ""),
        (41, 20, None, 40, ""),
        (20, 20, None, 40, "declare 40"),
        (100, 91, None, None, "declare 91, or 101 or more"),
    ],
)
def test_storage(asked: int, has: int, most: int | None, pending: int | None, refused: str) -> None:
    waiting = {"allocated_storage": pending} if pending else {}
    live = {**LIVE, "allocated_storage": has, "max_allocated_storage": most, "pending_modified_values": waiting}
    found = list(changes.refusals({"db_instance_identifier": "shop", "allocated_storage": asked}, live))
    assert [option for option, _ in found] == (["allocated_storage"] if refused else []) and refused in "".join(what for _, what in found)


@pytest.mark.parametrize(
    ("size", "kind", "has", "speed"),
    [
        (30, "gp3", 20, {}),
        (500, "gp2", 100, {}),
        (400, "gp3", 100, {"iops": 12000, "storage_throughput": 500}),
        (600, "gp3", 400, {"iops": 14000, "storage_throughput": 600}),
        (600, "io1", 400, {"iops": 14000}),
    ],
)
def test_storage_grows_with_its_speed(size: int, kind: str, has: int, speed: dict[str, int]) -> None:
    live = {"allocated_storage": has, "storage_type": kind, "iops": 14000, "storage_throughput": 600}
    assert changes.speed({"allocated_storage": size}, live) == speed


@pytest.mark.parametrize(("asked", "kept"), [("16", True), ("16.4", True), ("17", False), ("17.2", True), ("17.4", False), ("18", False)])
def test_a_later_version_is_kept_and_named(asked: str, kept: bool) -> None:
    found = changes.kept({**WANTED, "engine_version": asked}, LIVE)
    assert found == ({"engine_version": {"declared": asked, "live": "17.4"}} if kept else {})


def test_extended_support_changes_in_place() -> None:
    enrolled, disabled = "open-source-rds-extended-support", "open-source-rds-extended-support-disabled"
    wanted = {**WANTED, "engine_lifecycle_support": disabled}
    assert changes.changes(wanted, {**LIVE, "engine_lifecycle_support": enrolled}) == {"engine_lifecycle_support": disabled}
    assert changes.changes(wanted, {**LIVE, "engine_lifecycle_support": disabled}) == {}
