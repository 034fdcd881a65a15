"""What is live in a service, whoever deploys it."""

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecs import live_services, service

ECS = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
NETWORK = {"awsvpcConfiguration": {"subnets": ["b", "a"], "securityGroups": ["s"], "assignPublicIp": "ENABLED"}}
OTHER = {"awsvpcConfiguration": {"subnets": ["a"]}}


def answer(**members: Any) -> dict[str, Any]:
    """A service as DescribeServices says it."""
    return {
        "serviceName": "web",
        "serviceArn": "arn:web",
        "status": "ACTIVE",
        "desiredCount": 2,
        "taskDefinition": "web:1",
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "networkConfiguration": NETWORK,
        "loadBalancers": [{"targetGroupArn": "blue", "containerName": "web", "containerPort": 80}],
        "events": [{"message": "has reached a steady state"}],
        "tags": [{"key": "application", "value": "shop"}, {"key": "aws:x", "value": "y"}],
        **members,
    }


def run(status: str, **members: Any) -> dict[str, Any]:
    return {"id": f"ecs-svc/{status}", "status": status, **members}


def test_service_without_deployments_is_read_from_the_service() -> None:
    found = service.ours(ECS, answer())
    assert (found["task_definition"], found["live_task_definition"]) == ("web:1", "web:1")
    assert found["network_configuration"] == {"subnets": ["a", "b"], "security_groups": ["s"], "assign_public_ip": True}
    assert found["deployment_controller"] == "ECS" and found["active_target_group_arn"] == "blue"
    assert found["tags"] == {"application": "shop"} and "events" not in found


def test_under_codedeploy_the_primary_task_set_is_live() -> None:
    green = [{"targetGroupArn": "green", "containerName": "web", "containerPort": 80}]
    sets = [
        run("ACTIVE", taskDefinition="web:3", networkConfiguration=NETWORK, loadBalancers=[{"targetGroupArn": "blue"}]),
        run("PRIMARY", taskDefinition="web:2", networkConfiguration=OTHER, platformVersion="1.4.0", loadBalancers=green),
    ]
    found = service.ours(ECS, answer(deploymentController={"type": "CODE_DEPLOY"}, taskSets=sets))
    assert (found["task_definition"], found["active_target_group_arn"], found["platform_version"]) == ("web:2", "green", "1.4.0")
    assert found["network_configuration"] == {"subnets": ["a"], "security_groups": [], "assign_public_ip": False}


def test_under_ecs_the_primary_deployment_is_live() -> None:
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    deployments = [run("PRIMARY", taskDefinition="web:2", capacityProviderStrategy=strategy), run("ACTIVE", taskDefinition="web:1")]
    found = service.ours(ECS, answer(deployments=deployments))
    assert found["task_definition"] == "web:2" and found["capacity_provider_strategy"] == [
        {"capacity_provider": "FARGATE_SPOT", "weight": 1}
    ]
    assert "launch_type" not in found


def test_no_load_balancer_is_no_active_target_group() -> None:
    found = service.ours(ECS, answer(loadBalancers=[], networkConfiguration=None))
    assert found["active_target_group_arn"] is None and "network_configuration" not in found


@pytest.mark.parametrize(
    ("live", "wanted", "same"),
    [
        ("arn:aws:ecs:eu-west-1:1:task-definition/web:7", "web:7", True),
        ("web:7", "arn:aws:ecs:eu-west-1:1:task-definition/web:7", True),
        ("web:7", "web:8", False),
        ("web:7", "web:77", False),
        ("web:7", "web", True),
        ("web:7", "worker", False),
        (None, "web:7", False),
    ],
)
def test_same_revision(live: str | None, wanted: str, same: bool) -> None:
    assert service.same_revision(live, wanted) is same


class Services:
    """Answers DescribeServices with the next of its statuses."""

    def __init__(self, *statuses: str, failures: Any = ()) -> None:
        self.statuses, self.failures, self.meta = list(statuses), list(failures), ECS.meta

    def describe_services(self, **params: Any) -> dict[str, Any]:
        status = self.statuses.pop(0) if self.statuses else None
        return {"services": [answer(status=status)] if status else [], "failures": self.failures}


WANTED = {"cluster": "shop", "name": "web", "state": "present", "wait": True, "wait_timeout": 60}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(service.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(service.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


@pytest.mark.parametrize(
    ("statuses", "state", "patient", "exists", "left"),
    [
        (["ACTIVE"], "present", True, True, 0),
        ([], "present", True, False, 0),
        (["INACTIVE"], "present", True, False, 0),
        (["DRAINING", "DRAINING"], "present", True, False, 1),
        (["DRAINING", "DRAINING", "DRAINING", "INACTIVE"], "absent", True, False, 0),
        (["DRAINING", "DRAINING"], "absent", False, False, 1),
    ],
)
def test_a_service_exists_while_it_is_active(statuses: list[str], state: str, patient: bool, exists: bool, left: int) -> None:
    client = Services(*statuses)
    (found,) = service.find_each(client, [{**WANTED, "state": state}], patient)
    assert (found is not None) is exists and len(client.statuses) == left


def test_the_wait_for_the_end_is_bounded_and_says_what_it_saw() -> None:
    with pytest.raises(RailyardError, match="service web in cluster shop still drains after 60 seconds") as raised:
        service.find_each(Services(*["DRAINING"] * 100), [{**WANTED, "state": "absent"}], True)
    assert raised.value.details["live"]["status"] == "DRAINING"


def test_a_failure_that_is_not_missing_is_an_error() -> None:
    assert service.describe(Services(failures=[{"arn": "web", "reason": "MISSING"}]), "shop", ["web"]) == []
    with pytest.raises(RailyardError, match="web: ACCESS_DENIED"):
        service.describe(Services(failures=[{"arn": "web", "reason": "ACCESS_DENIED"}]), "shop", ["web"])


def test_services_are_read_ten_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def describe(client: Any, cluster: str, names: list[str]) -> list[dict[str, Any]]:
        asked.append(len(names))
        return [{"service_name": name, "status": "ACTIVE" if name != "s03" else "INACTIVE"} for name in names]

    monkeypatch.setattr(service, "_describe", describe)
    names = [f"s{number:02}" for number in range(23)]
    found = live_services.read(ECS, "shop", names[::-1], images=True)
    assert sorted(asked) == [3, 10, 10]
    assert [item["service_name"] for item in found] == [name for name in names if name != "s03"]
    assert found[0]["live_images"] == {}
