"""The filters that turn processes, or names, into the lists that modules take."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.railyard.fargate.plugins.filter.each import each
from ansible_collections.railyard.fargate.plugins.filter.scalable_targets import scalable_targets
from ansible_collections.railyard.fargate.plugins.filter.services import services
from ansible_collections.railyard.fargate.plugins.filter.task_definitions import task_definitions
from tests.support.names import option

PROCESSES: dict[str, dict[str, Any]] = {
    "web": {"port": 3000, "cpu": 512, "memory": 1024, "min": 2, "max": 10, "scale": {"cpu": 60}},
    "worker": {"command": ["bundle", "exec", "sidekiq"], "cpu": 256, "memory": 512, "min": 1, "max": 4},
}
NAMES = option()


def test_each_name_becomes_an_item() -> None:
    assert each(["a", "b"], "name") == [{"name": "a"}, {"name": "b"}]
    assert each({"x": "a"}.values(), "resource_id", {"suspended": False}) == [{"suspended": False, "resource_id": "a"}]
    for wrong in ("web", {"web": {}}):
        with pytest.raises(AnsibleFilterError, match="each takes a list of names"):
            each(wrong, "name")


def test_task_definitions_share_all_but_what_is_a_processs_own() -> None:
    common, container = {"keep_image": True}, {"image": "shop:1", "log_options": {"mode": "blocking"}}
    web, worker = task_definitions(PROCESSES, NAMES, common, container)
    assert (web["family"], web["cpu"], web["memory"], web["keep_image"]) == (NAMES["families"]["web"], 512, 1024, True)
    (of_web,), (of_worker,) = web["containers"], worker["containers"]
    assert (of_web["name"], of_web["image"], of_web["port_mappings"], of_web["command"]) == (
        "web",
        "shop:1",
        [{"container_port": 3000}],
        [],
    )
    assert (of_worker["port_mappings"], of_worker["command"]) == ([], ["bundle", "exec", "sidekiq"])
    assert of_worker["log_configuration"] == {
        "log_driver": "awslogs",
        "options": {
            "awslogs-group": NAMES["log_groups"]["worker"],
            "awslogs-region": NAMES["region"],
            "awslogs-stream-prefix": "worker",
            "mode": "blocking",
        },
    }
    assert "log_options" not in of_worker


def test_services_have_tasks_once_there_is_an_image() -> None:
    registered = [{"family": "shop-web", "task_definition_arn": "arn:web:1"}, {"family": "shop-worker"}]
    own = {"web": {"load_balancers": ["x"]}}
    web, worker = services(PROCESSES, registered, common={"load_balancers": []}, own=own)
    assert (web["task_definition"], worker["task_definition"]) == ("arn:web:1", "shop-worker")
    assert (web["load_balancers"], worker["load_balancers"]) == (["x"], [])
    assert [(one["desired_count"], one["desired_count_min"], one["desired_count_max"]) for one in (web, worker)] == [(2, 2, 10), (1, 1, 4)]
    waiting = services(PROCESSES, registered, released=False)
    assert [(one["desired_count"], one["desired_count_min"]) for one in waiting] == [(0, None), (0, None)]
    with pytest.raises(AnsibleFilterError, match="one for each"):
        services(PROCESSES, registered[:1])


def test_scalable_targets_have_the_policies_of_their_process() -> None:
    balancer = {"load_balancer_arn": None, "target_group_arns": ["blue", "green"]}
    web, worker = scalable_targets(PROCESSES, NAMES, balancer, scale_in_cooldown=300)
    assert (web["resource_id"], web["min_capacity"], web["max_capacity"]) == (NAMES["scalable_targets"]["web"], 2, 10)
    assert [policy["name"] for policy in web["policies"]] == ["cpu"] and web["policies"][0]["scale_in_cooldown"] == 300
    assert worker["policies"] == []
    assert [one["min_capacity"] for one in scalable_targets(PROCESSES, NAMES, balancer, released=False)] == [0, 0]
