"""ecs_cluster against the emulated ECS."""

from tests.support.emulated import Emulated
from tests.support.walk import differences

WANTED = {
    "name": "shop-production",
    "capacity_providers": ["FARGATE_SPOT", "FARGATE"],
    "default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}],
    "tags": {"application": "shop"},
}


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    predicted = emulated.run("ecs_cluster", check=True, **WANTED)
    assert predicted["changed"] and not emulated.writes()

    created = emulated.run("ecs_cluster", **WANTED)
    assert created["changed"] and differences("ecs_cluster", created) == []
    assert predicted["cluster"].items() <= created["cluster"].items()

    assert not emulated.run("ecs_cluster", **WANTED)["changed"]
    assert not emulated.run("ecs_cluster", name=WANTED["name"])["changed"]

    changed = emulated.run("ecs_cluster", **{**WANTED, "settings": {"containerInsights": "enhanced"}, "tags": {"team": "checkout"}})
    assert changed["changed"] and changed["cluster"]["tags"] == {"team": "checkout"}
    live = emulated.client("ecs").describe_clusters(clusters=[WANTED["name"]], include=["SETTINGS"])["clusters"][0]
    assert {"name": "containerInsights", "value": "enhanced"} in live["settings"]

    assert emulated.run("ecs_cluster", **{**WANTED, "state": "absent"})["changed"]
    assert not emulated.run("ecs_cluster", **{**WANTED, "state": "absent"})["changed"]
