"""logs_groups against the emulated CloudWatch Logs."""

from typing import Any

from tests.support.emulated import Emulated
from tests.support.walk import differences

NAMES = ["/shop/staging/worker", "/shop/staging/web"]


def run(emulated: Emulated, **changes: Any) -> dict[str, Any]:
    return emulated.run("logs_groups", **{"names": NAMES, "retention_days": 30, "tags": {"application": "shop"}, **changes})


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="/shop/staging/web-of-another")
    predicted = run(emulated, check=True)
    assert predicted["changed"] and emulated.writes() == ["logs:CreateLogGroup"]

    created = run(emulated)
    assert created["changed"] and differences("logs_groups", created) == []
    assert [group["name"] for group in created["groups"]] == NAMES
    assert not run(emulated)["changed"]

    logs.put_retention_policy(logGroupName="/shop/staging/web", retentionInDays=1)
    seen = run(emulated, check=True)
    assert [group["retention_days"] for group in seen["diff"]["before"]["groups"]] == [30, 1]
    assert [group["retention_days"] for group in seen["diff"]["after"]["groups"]] == [30, 30]

    changed = run(emulated, retention_days=0, tags={"team": "checkout"})
    assert [(group["retention_days"], group["tags"]) for group in changed["groups"]] == [(0, {"team": "checkout"})] * 2
    assert run(emulated, state="absent")["changed"] and not run(emulated, state="absent")["changed"]
    left = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    assert left == ["/shop/staging/web-of-another"]


def test_days_that_aws_does_not_take_are_refused_before_anything_is_written(emulated: Emulated) -> None:
    failed = run(emulated, retention_days=31)
    assert failed["failed"] and "31" in failed["msg"] and "30" in failed["msg"] and not emulated.writes()
