"""One-off tasks that have not ended."""

from __future__ import annotations

import yaml

from ansible_collections.railyard.fargate.plugins.module_utils._one_off import running_tasks
from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, Fargate, build, slowly
from tests.support.names import option
from tests.support.playbooks import ROOT

OWN = {"application": "shop", "environment": "production"}


def run(made: Fargate, environment: str) -> str:
    """A task of the family of one-off tasks, with the tags of an environment."""
    container = {"name": "run", "image": "shop:1", "essential": True}
    size = {"cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"]}
    made.ecs.register_task_definition(family=f"{CLUSTER}-run", executionRoleArn=made.role, containerDefinitions=[container], **size)
    network = {"awsvpcConfiguration": {"subnets": made.subnets[:1], "securityGroups": [made.group], "assignPublicIp": "ENABLED"}}
    labels = [{"key": "application", "value": "shop"}, {"key": "environment", "value": environment}]
    started = made.ecs.run_task(
        cluster=CLUSTER, taskDefinition=f"{CLUSTER}-run", launchType="FARGATE", networkConfiguration=network, tags=labels
    )
    return str(started["tasks"][0]["taskArn"])


def imported(playbook: str) -> list[dict[str, str]]:
    """The roles of a playbook's only play, with their entry points, in order."""
    play = yaml.safe_load((ROOT / f"playbooks/{playbook}.yml").read_text())[0]
    return [{"tasks_from": "main", **task["ansible.builtin.import_role"]} for task in play["tasks"]]


def test_they_are_found_by_their_tags_and_end(emulated: Emulated) -> None:
    made = build(emulated)
    with slowly(emulated):
        mine, _staging = run(made, "production"), run(made, "staging")
        found = running_tasks.find(made.ecs, CLUSTER, OWN)
        assert [task["task_arn"] for task in found] == [mine]
    running_tasks.stop(made.ecs, CLUSTER, found)
    assert running_tasks.find(made.ecs, CLUSTER, OWN) == []
    assert running_tasks.find(made.ecs, "nobodys", OWN) == []


def test_a_task_whose_run_is_gone_does_not_keep_the_cluster(emulated: Emulated) -> None:
    """As destroy.yml goes: it ends them before the role ecs deletes the cluster."""
    made = build(emulated)
    emulated.script(image="shop:1", seconds=None)
    task = run(made, "production")
    assert emulated.refused("ecs", "delete_cluster", cluster=CLUSTER)[0] == "ClusterContainsTasksException"
    ended = emulated.run("ecs_one_off_tasks", state="stopped", names=option("shop", "production", ecs_name=CLUSTER))
    assert [item["task_arn"] for item in ended["tasks"]] == [task]
    assert ended["changed"] and not ended.get("failed"), ended
    assert emulated.run("ecs_cluster", name=CLUSTER, state="absent")["changed"]
    roles = [(role["name"].rpartition(".")[2], role["tasks_from"]) for role in imported("destroy")]
    assert roles.index(("ssm_hybrid", "sweep")) < roles.index(("ecs", "destroy"))


def test_more_than_one_page_of_them_is_found(emulated: Emulated) -> None:
    made = build(emulated)
    emulated.script(image="shop:1", seconds=None)
    with slowly(emulated):
        wanted = {run(made, "production") for _number in range(101)}
        assert {task["task_arn"] for task in running_tasks.find(made.ecs, CLUSTER, OWN)} == wanted
