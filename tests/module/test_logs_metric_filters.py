"""logs_metric_filters against the emulated CloudWatch Logs."""

from typing import Any

from tests.support.emulated import Emulated
from tests.support.walk import differences

ERRORS = {
    **{"log_group": "/shop/web", "name": "errors", "pattern": '{ $.level = "ERROR" }'},
    **{"metric_namespace": "shop-staging", "metric_name": "Errors"},
}


def run(emulated: Emulated, *filters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return emulated.run("logs_metric_filters", **{"filters": list(filters), **changes})


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    for name in ("/shop/web", "/shop/worker"):
        emulated.client("logs").create_log_group(logGroupName=name)
    before = len(emulated.writes())
    assert run(emulated, ERRORS, check=True)["changed"] and len(emulated.writes()) == before
    created = run(emulated, ERRORS, {**ERRORS, "log_group": "/shop/worker"})
    assert created["changed"] and len(created["filters"]) == 2 and differences("logs_metric_filters", created) == []
    assert not run(emulated, ERRORS, {**ERRORS, "log_group": "/shop/worker"})["changed"]
    changed = run(emulated, {**ERRORS, "pattern": '{ $.level = "FATAL" }'})
    assert [one["log_group"] for one in changed["filters"]] == ["/shop/web"]
    assert [one["pattern"] for one in changed["diff"]["before"]["filters"]] == [ERRORS["pattern"]] * 2
    assert run(emulated, ERRORS, state="absent")["changed"] and not run(emulated, ERRORS, state="absent")["changed"]
