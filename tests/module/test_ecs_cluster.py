"""ecs_cluster against the emulated ECS."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, build, slowly
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


def test_a_cluster_whose_last_task_still_ends_is_deleted_once_it_has(emulated: Emulated) -> None:
    made = build(emulated)
    with slowly(emulated, speed=0.001), ThreadPoolExecutor(1) as pool:
        made.ecs.stop_task(cluster=CLUSTER, task=made.run())
        deleting = pool.submit(emulated.run, "ecs_cluster", name=CLUSTER, state="absent")
        while not (refused := [entry for entry in emulated.journal() if entry["operation"] == "DeleteCluster"]) and not deleting.done():
            time.sleep(0.05)
        assert [entry["error"] for entry in refused][:1] == ["ClusterContainsTasksException"], "AWS refuses as long as the task ends"
        emulated.advance(120)
        gone = deleting.result()
    assert gone["changed"] and not gone.get("failed"), gone
