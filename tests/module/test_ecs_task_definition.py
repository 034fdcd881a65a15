"""ecs_task_definition and ecs_task_definition_info against the emulated ECS."""

import pytest

from tests.support import one
from tests.support.emulated import Emulated
from tests.support.walk import differences

FAMILY = "shop-production-web"
ROLE = "arn:aws:iam::123456789012:role/shop"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:" + "1" * 64
OTHER = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:" + "2" * 64
LOGS = {"awslogs-group": "/shop/production/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}
WEB = {
    "name": "web",
    "image": IMAGE,
    "port_mappings": [{"container_port": 3000}],
    "environment": {"RAILS_ENV": "production", "WEB_CONCURRENCY": 2},
    "secrets": {"RAILS_MASTER_KEY": "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/production/RAILS_MASTER_KEY"},
    "log_configuration": {"log_driver": "awslogs", "options": LOGS},
    "health_check": {"command": ["CMD-SHELL", "curl -f localhost:3000/up"]},
}
WANTED = {
    "family": FAMILY,
    "cpu": "0.5 vCPU",
    "memory": "1024",
    "task_role_arn": ROLE,
    "execution_role_arn": ROLE,
    "ephemeral_storage": 30,
    "volumes": [{"name": "tmp"}],
    "containers": [{**WEB, "mount_points": [{"source_volume": "tmp", "container_path": "/app/tmp"}]}],
    "tags": {"application": "shop"},
}


def run(emulated: Emulated, **params):
    return one.run(emulated, "ecs_task_definition", **{**WANTED, **params})


def web(**changes):
    return [{**WANTED["containers"][0], **changes}]


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    predicted = run(emulated, check=True)
    assert predicted["changed"] and predicted["revision_registered"] and not emulated.writes()

    created = run(emulated)
    assert created["changed"] and differences("ecs_task_definition", created) == []
    assert predicted["task_definition"].items() <= created["task_definition"].items()
    assert created["task_definition"]["revision"] == 1
    assert created["task_definition"]["cpu"] == "512"

    again = run(emulated)
    assert not again["changed"] and again["difference"] == {}
    assert again["task_definition"] == created["task_definition"]

    changed = run(emulated, memory="2048", containers=web(environment={"RAILS_ENV": "production"}))
    assert changed["difference"] == {
        "memory": {"before": "1024", "after": "2048"},
        "containers.web.environment.WEB_CONCURRENCY": {"before": "2", "after": None},
    }
    assert changed["diff"]["before"]["memory"] == "1024" and changed["diff"]["after"]["memory"] == "2048"
    assert changed["task_definition"]["revision"] == 2

    read = emulated.run("ecs_task_definition_info", names=[FAMILY, "nobody", f"{FAMILY}:1"])
    assert read["task_definitions"] == [changed["task_definition"], created["task_definition"]]

    gone = {"state": "absent", "delete_revisions": True}
    assert run(emulated, check=True, **gone)["changed"]
    removed = run(emulated, **gone)
    assert removed["changed"] and removed["task_definition"] is None
    assert not run(emulated, **gone)["changed"]
    assert emulated.refused("ecs", "describe_task_definition", taskDefinition=FAMILY)[0] == "ClientException"


def test_an_older_revision_is_no_match(emulated: Emulated) -> None:
    run(emulated)
    run(emulated, memory="2048")
    back = run(emulated)
    assert back["changed"] and back["task_definition"]["revision"] == 3


def test_tags_change_without_a_revision(emulated: Emulated) -> None:
    run(emulated)
    changed = run(emulated, tags={"team": "checkout"})
    assert changed["changed"] and not changed["revision_registered"]
    assert (changed["task_definition"]["tags"], changed["task_definition"]["revision"]) == ({"team": "checkout"}, 1)
    kept = run(emulated, tags=None, memory="2048")
    assert kept["task_definition"]["tags"] == {"team": "checkout"}


def test_the_image_belongs_to_the_deployer(emulated: Emulated) -> None:
    run(emulated)
    assert not run(emulated, containers=web(image=OTHER), keep_image=True)["changed"]
    assert not run(emulated, containers=web(image=None), keep_image=True)["changed"]

    renewed = run(emulated, containers=web(image=OTHER), keep_image=True, memory="2048")
    assert renewed["task_definition"]["containers"][0]["image"] == OTHER
    unnamed = run(emulated, containers=web(image=None), keep_image=True)
    assert unnamed["task_definition"]["containers"][0]["image"] == OTHER

    assert run(emulated, containers=web(image=IMAGE), keep_image=True, keep_image_of=["worker"], check=True)["changed"]
    assert run(emulated, containers=web(image=IMAGE), check=True)["changed"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cpu": 512, "memory": 512}, "with cpu 512 memory is one of 1024, 2048, 3072, 4096"),
        ({"containers": web(environment={"RAILS_MASTER_KEY": "x"})}, "RAILS_MASTER_KEY cannot be in environment and in secrets"),
        ({"containers": web(imege="x")}, "has no imege; it has"),
        ({"containers": web(image=None)}, "container web has no image"),
    ],
)
def test_what_fargate_refuses_is_refused_before_the_first_call(emulated: Emulated, change, said) -> None:
    for check in (True, False):
        failed = run(emulated, check=check, **change)
        assert failed["failed"] and said in failed["msg"]
    assert not emulated.writes()
