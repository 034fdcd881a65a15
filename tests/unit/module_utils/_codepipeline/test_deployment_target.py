"""Whether an appspec names what the load balancer sends to."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline.deployment_target import (
    balanced,
    compared,
    container_problems,
)

from .test_cause import Service

WEB = [{"containerName": "web", "containerPort": 3000}]


@pytest.mark.parametrize(
    ("listed", "container", "port", "said"),
    [
        (WEB, "web", 3000, ""),
        (WEB, "web", None, ""),
        ([], "web", 3000, ""),
        (
            WEB,
            "web",
            80,
            "stage Deploy: the appspec names the container web:80, and the load balancer of the service shop sends to web:3000",
        ),
        (WEB, "app", None, "the container app, and the load balancer of the service shop sends to web:3000"),
    ],
)
def test_container_and_port(listed: list[dict[str, Any]], container: str, port: int | None, said: str) -> None:
    found = compared("stage Deploy", "shop", listed, container, port)
    assert (found == []) if not said else said in found[0]


def test_task_sets_have_their_own_balancers() -> None:
    assert balanced({"loadBalancers": WEB}) == WEB
    assert balanced({"loadBalancers": [], "taskSets": [{"loadBalancers": WEB}, {"loadBalancers": WEB}]}) == WEB * 2


def test_a_group_that_is_not_there_and_one_that_sends_elsewhere() -> None:
    action = {"name": "Deploy", "configuration": {"ApplicationName": "shop", "DeploymentGroupName": "web"}}
    group = {"deploymentGroupInfo": {"ecsServices": [{"clusterName": "shop", "serviceName": "web"}]}}
    codedeploy, ecs = Service(get_deployment_group=group), Service(describe_services={"services": [{"loadBalancers": WEB}]})
    extra = {"container_name": "app", "container_port": 3000}
    assert "names the container app:3000" in container_problems(codedeploy, ecs, "stage Deploy", action, extra)[0]
    assert container_problems(codedeploy, ecs, "stage Deploy", action, {"container_name": "web", "container_port": 3000}) == []
    assert ecs.asked[0] == {"cluster": "shop", "services": ["web"]}

    class Absent(Service):
        def get_deployment_group(self, **_params: Any) -> Any:
            raise ClientError({"Error": {"Code": "DeploymentGroupDoesNotExistException", "Message": "none"}}, "GetDeploymentGroup")

    said = container_problems(Absent(), ecs, "stage Deploy", action, extra)
    assert said == ["stage Deploy, configuration.DeploymentGroupName: shop/web does not exist"]
    assert container_problems(Absent(), ecs, "stage Deploy", action, extra, predicted=True) == []
