"""The newest configuration with the image of a release."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecs import revisions

URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-production"
OLD, NEW = f"{URI}@sha256:{'a' * 64}", f"{URI}@sha256:{'b' * 64}"
ARN = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-production-web:7"


def found(*images: str, tags: Any = ()) -> dict[str, Any]:
    containers = [{"name": f"c{number}", "image": image, "environment": []} for number, image in enumerate(images)]
    told = {"taskDefinitionArn": ARN, "revision": 7, "status": "ACTIVE", "registeredAt": "now", "requiresAttributes": [], "volumes": []}
    return {"definition": {"family": "shop-production-web", "cpu": "256", "containerDefinitions": containers, **told}, "tags": list(tags)}


def test_the_image_goes_into_the_containers_of_the_repository_alone() -> None:
    plan = revisions.make_plan(found(OLD, "public.ecr.aws/otel:1", f"{URI}:tag", tags=[{"key": "a", "value": "b"}]), URI, NEW)
    (step,) = plan.steps
    assert [item["image"] for item in step.params["containerDefinitions"]] == [NEW, "public.ecr.aws/otel:1", NEW]
    assert set(step.params) == {"family", "cpu", "containerDefinitions", "tags"}
    assert (plan.before, plan.after) == (ARN, None)


def test_a_revision_that_is_there_is_taken() -> None:
    plan = revisions.make_plan(found(NEW), URI, NEW)
    assert (plan.changed, plan.after) == (False, ARN)


@pytest.mark.parametrize("image", ["nginx", f"{URI}-other@sha256:{'a' * 64}"])
def test_a_task_definition_without_the_repository_is_not_ours(image: str) -> None:
    with pytest.raises(RailyardError, match="has no container with an image of"):
        revisions.make_plan(found(image), URI, NEW)


def test_the_image_of_a_task_definition() -> None:
    assert revisions.image_of(found("nginx", OLD)["definition"], URI) == OLD
    assert revisions.image_of(found("nginx")["definition"], URI) is None


def test_what_runs_is_taken_when_it_is_the_same() -> None:
    running = found(OLD)
    running["definition"] = {**running["definition"], "taskDefinitionArn": ARN.replace(":7", ":5"), "revision": 5}
    assert revisions.make_plan(found(NEW), URI, OLD, running).after == ARN.replace(":7", ":5")
    running["definition"]["cpu"] = "512"
    assert revisions.make_plan(found(NEW), URI, OLD, running).changed
