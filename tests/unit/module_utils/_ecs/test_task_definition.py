"""The plan for a task definition: one revision for a difference, none without."""

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import shape
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecs import task_definition
from ansible_collections.railyard.fargate.plugins.module_utils._ecs.normal import normalise

ECS = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web"


def options(containers: list[dict[str, Any]] | None = None, **members: Any) -> dict[str, Any]:
    chosen = {
        "family": "web",
        "state": "present",
        "delete_revisions": False,
        "cpu": "512",
        "memory": "1024",
        "task_role_arn": None,
        "execution_role_arn": "arn:aws:iam::123456789012:role/e",
        "network_mode": "awsvpc",
        "requires_compatibilities": ["FARGATE"],
        "runtime_platform": None,
        "ephemeral_storage": None,
        "volumes": None,
        "proxy_configuration": None,
        "pid_mode": None,
        "enable_fault_injection": False,
        "keep_image": False,
        "keep_image_of": None,
        "tags": None,
        "purge_tags": True,
    }
    return {**chosen, "containers": containers or [web()], **members}


def web(**members: Any) -> dict[str, Any]:
    return {"name": "web", "image": "shop:1", **members}


def live(wanted: dict[str, Any], tags: dict[str, str] | None = None) -> dict[str, Any]:
    params = task_definition.request(ECS, wanted, None)
    normal = normalise(shape.ours(shape.input_shape(ECS, "RegisterTaskDefinition"), params))
    return {**normal, "revision": 7, "task_definition_arn": f"{ARN}:7", "status": "ACTIVE", "tags": tags or {}}


def plan(wanted: dict[str, Any], found: dict[str, Any] | None) -> Any:
    return task_definition.make_plan(ECS, wanted, found)


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        (options(), options(), {}),
        (options(), options(memory="2048"), {"memory": ("1024", "2048")}),
        (options(), options(ephemeral_storage=30), {"ephemeral_storage": (None, 30)}),
        (options(), options(execution_role_arn="arn:f"), {"execution_role_arn": ("arn:aws:iam::123456789012:role/e", "arn:f")}),
        (options([web(environment={"A": "1"})]), options([web(environment={"A": "2"})]), {"containers.web.environment.A": ("1", "2")}),
        (options([web(environment={"A": 1})]), options([web(environment=[{"name": "A", "value": "1"}])]), {}),
        (options([web(secrets={"K": "/k"})]), options(), {"containers.web.secrets": ({"K": "/k"}, None)}),
        (options(), options([web(image="shop:2")]), {"containers.web.image": ("shop:1", "shop:2")}),
        (options(), options([web(image="shop:2")], keep_image=True), {}),
        (options(), options([web(image=None)]), {}),
        (
            options(),
            options([web(image="shop:2")], keep_image=True, cpu="1024", memory="2048"),
            {"cpu": ("512", "1024"), "memory": ("1024", "2048"), "containers.web.image": ("shop:1", "shop:2")},
        ),
        (
            options([web(), {"name": "agent", "image": "agent:1", "essential": False}]),
            options(
                [web(image="shop:2"), {"name": "agent", "image": "agent:2", "essential": False}], keep_image=True, keep_image_of=["web"]
            ),
            {"containers.web.image": ("shop:1", "shop:2"), "containers.agent.image": ("agent:1", "agent:2")},
        ),
    ],
)
def test_differences(before: dict[str, Any], after: dict[str, Any], difference: dict[str, tuple[Any, Any]]) -> None:
    found = plan(after, live(before))
    assert found.notes["difference"] == {path: {"before": old, "after": new} for path, (old, new) in difference.items()}
    assert found.notes["revision_registered"] == bool(difference)
    assert [step.operation for step in found.steps] == (["RegisterTaskDefinition"] if difference else [])


def test_the_first_revision_is_registered_as_declared() -> None:
    container = web(port_mappings=[{"container_port": "3000"}], environment={"B": True, "A": 1})
    found = plan(options([container], tags={"team": 1}), None)
    assert found.steps[0].params["containerDefinitions"] == [
        {
            "name": "web",
            "image": "shop:1",
            "portMappings": [{"containerPort": 3000}],
            "environment": [{"name": "B", "value": "true"}, {"name": "A", "value": "1"}],
        }
    ]
    assert found.steps[0].params["tags"] == [{"key": "team", "value": "1"}]
    assert found.notes == {"revision_registered": True, "difference": {}}


def test_concurrent_registration_is_retried() -> None:
    waited = plan(options(), None).steps[0].propagation[0]
    text = "RegisterTaskDefinition: ClientException: Too many concurrent attempts to create a new revision of the specified family."
    assert waited.code == "ClientException" and waited.fragment in text


@pytest.mark.parametrize(
    ("chosen", "operations", "after"),
    [
        ({"tags": None}, [], {"a": "1"}),
        ({"tags": {"b": "2"}}, ["TagResource", "UntagResource"], {"b": "2"}),
        ({"tags": {"b": "2"}, "purge_tags": False}, ["TagResource"], {"a": "1", "b": "2"}),
    ],
)
def test_tags_need_no_revision(chosen: dict[str, Any], operations: list[str], after: dict[str, str]) -> None:
    found = plan(options(**chosen), live(options(), {"a": "1"}))
    assert [step.operation for step in found.steps] == operations
    assert found.after["tags"] == after and not found.notes["revision_registered"]


def test_a_new_revision_inherits_tags_that_are_not_declared() -> None:
    assert plan(options(memory="2048"), live(options(), {"a": "1"})).steps[0].params["tags"] == [{"key": "a", "value": "1"}]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (options([web(imege="x")]), r"container_definitions\[0\] has no imege"),
        (options([web(image=None)]), "container web has no image"),
        (options([{"image": "x"}]), "a container has no name"),
        (options([web(environment={"A": None})]), "environment: A has no value"),
        (options([web(environment=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}])]), "environment: A is there twice"),
        (options(memory="100"), "task definition web: Fargate has no task with cpu 512 and memory 100"),
    ],
)
def test_what_cannot_be_registered(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(RailyardError, match=said):
        plan(wanted, None)


def test_removal_deregisters_before_it_deletes_ten_at_once() -> None:
    gone = {"family": "web", "revisions": [f"{ARN}:{number}" for number in range(9, 12)], "inactive": [f"{ARN}:{n}" for n in range(1, 9)]}
    wanted = options(state="absent", delete_revisions=True)
    found = plan(wanted, gone)
    assert [step.operation for step in found.steps] == ["DeregisterTaskDefinition"] * 3 + ["DeleteTaskDefinitions"] * 2
    assert [len(step.params["taskDefinitions"]) for step in found.steps[3:]] == [10, 1]
    assert found.after is None
    assert not plan(wanted, None).changed


def test_images() -> None:
    assert task_definition.images({"containers": [{"name": "web", "image": "a"}, {"name": "x"}]}) == {"web": "a"}
    assert task_definition.images(None) == {}
