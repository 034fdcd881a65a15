"""rds_parameter_group against the emulated RDS."""

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.walk import differences

SETTINGS = {"rds.force_ssl": 1, "log_lock_waits": True, "max_connections": 200}


def run(emulated: Emulated, **changes: Any) -> dict[str, Any]:
    given = {"name": "Shop-postgres17", "family": "postgres17", "description": "Settings of shop", "parameters": SETTINGS}
    return emulated.run("rds_parameter_group", **{**given, "tags": {"application": "shop"}, **changes})


def modify(emulated: Emulated, name: str, value: str, method: str = "immediate") -> None:
    changed = [{"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}]
    emulated.client("rds").modify_db_parameter_group(DBParameterGroupName="shop-postgres17", Parameters=changed)


def test_check_create_again_change_diff_delete(emulated: Emulated) -> None:
    predicted = run(emulated, check=True)
    assert predicted["changed"] and not emulated.writes()
    assert predicted["parameter_group"]["parameters"] == {"log_lock_waits": "1", "max_connections": "200", "rds.force_ssl": "1"}

    created = run(emulated)
    assert created["changed"] and differences("rds_parameter_group", created) == []
    assert {**created["parameter_group"], "arn": None} == {**predicted["parameter_group"], "arn": None}
    since = len(emulated.journal())
    assert not run(emulated)["changed"]
    reads = [entry["operation"] for entry in emulated.journal()[since:]]
    assert reads == ["DescribeDBParameterGroups", "DescribeDBParameters", "ListTagsForResource"]

    modify(emulated, "log_lock_waits", "0")
    modify(emulated, "log_statement", "ddl")
    seen = run(emulated, check=True, tags={"team": "checkout"})
    before, after = seen["diff"]["before"], seen["diff"]["after"]
    assert seen["changed"] and (before["parameters"]["log_lock_waits"], after["parameters"]["log_lock_waits"]) == ("0", "1")
    assert before["parameters"]["log_statement"] == after["parameters"]["log_statement"] == "ddl"
    assert (before["tags"], after["tags"]) == ({"application": "shop"}, {"team": "checkout"})
    changed = run(emulated, tags={"team": "checkout"})
    assert changed["changed"] and changed["parameter_group"] == after
    assert not run(emulated, tags={"team": "checkout"})["changed"]

    gone = run(emulated, state="absent")
    assert gone["changed"] and not gone["parameter_group"] and not run(emulated, state="absent")["changed"]


def test_a_static_parameter_waits_for_the_restart(emulated: Emulated) -> None:
    run(emulated, parameters={})
    run(emulated)
    set_here = emulated.client("rds").describe_db_parameters(DBParameterGroupName="shop-postgres17", Source="user")["Parameters"]
    assert {one["ParameterName"]: one["ApplyMethod"] for one in set_here} == {
        "log_lock_waits": "immediate",
        "max_connections": "pending-reboot",
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parameters": {"force_ssl": 1}}, "postgres17 has no parameter force_ssl"),
        ({"parameters": {"fsync": 0}}, "nobody change the parameter fsync"),
        ({"parameters": {"log_lock_waits": None}}, "the value of log_lock_waits"),
        ({"family": "postgres16", "name": "other"}, "is for postgres17, which cannot change to postgres16"),
    ],
)
def test_what_cannot_be_is_refused_in_check_mode_too(emulated: Emulated, changes: dict[str, Any], words: str) -> None:
    rds = emulated.client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="other", DBParameterGroupFamily="postgres17", Description="x")
    for check in (True, False):
        failed = run(emulated, check=check, **changes)
        assert failed["failed"] and words in failed["msg"]
    assert emulated.writes() == ["rds:CreateDBParameterGroup"]
