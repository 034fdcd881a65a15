"""cloudwatch_dashboard against the emulated CloudWatch."""

import json
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._cloudwatch.dashboard import marked
from tests.support.emulated import REGION, Emulated
from tests.support.walk import differences

TAGS = {"application": "shop", "environment": "staging", "managed-by": "railyard"}


def body(title: str = "Requests") -> dict[str, Any]:
    metrics = [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/shop/1"]]
    return {"widgets": [{"type": "metric", "width": 12, "properties": {"title": title, "region": REGION, "metrics": metrics}}]}


def run(emulated: Emulated, **changes: Any) -> dict[str, Any]:
    return emulated.run("cloudwatch_dashboard", **{"name": "shop-staging", "body": body(), "tags": TAGS, **changes})


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    assert run(emulated, check=True)["changed"] and not emulated.writes()
    created = run(emulated)
    assert created["changed"] and created["dashboard"]["tags"] == TAGS and differences("cloudwatch_dashboard", created) == []
    assert not run(emulated)["changed"]
    emulated.client("cloudwatch").put_dashboard(DashboardName="shop-staging", DashboardBody=json.dumps(body(), indent=4))
    assert not run(emulated)["changed"]
    changed = run(emulated, body=body("All requests"))
    assert changed["diff"]["before"]["body"] == body() and changed["diff"]["after"]["body"] == body("All requests")
    assert run(emulated, state="absent")["changed"] and not run(emulated, state="absent")["changed"]


def test_lines_of_releases_stay(emulated: Emulated) -> None:
    run(emulated)
    drawn = marked(body(), "release 7", "2026-05-01T10:00:00Z")
    emulated.client("cloudwatch").put_dashboard(DashboardName="shop-staging", DashboardBody=json.dumps(drawn))
    again = run(emulated)
    assert not again["changed"] and again["dashboard"]["body"] == drawn


def test_aws_says_what_is_wrong_with_a_body(emulated: Emulated) -> None:
    failed = run(emulated, body={"widgets": [{**body()["widgets"][0], "width": 99}]})
    assert failed["failed"] and "/widgets/0/width" in failed["msg"]
