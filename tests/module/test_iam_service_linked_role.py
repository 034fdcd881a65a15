"""iam_service_linked_role against the emulated IAM."""

from tests.support.emulated import Emulated
from tests.support.walk import differences

SERVICES = [
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "rds.amazonaws.com",
]


def run(emulated: Emulated, services: list[str] = SERVICES, **params):
    return emulated.run("iam_service_linked_role", services=services, **params)


def test_check_create_again(emulated: Emulated) -> None:
    emulated.client("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    predicted = run(emulated, check=True)
    assert predicted["changed"] and [role["service"] for role in predicted["roles"]] == SERVICES
    assert emulated.writes() == ["iam:CreateServiceLinkedRole"]

    created = run(emulated)
    assert created["changed"] and differences("iam_service_linked_role", created) == []
    assert [role["role_name"] for role in created["roles"]] == [
        "AWSServiceRoleForECS",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
        "AWSServiceRoleForElasticLoadBalancing",
        "AWSServiceRoleForRDS",
    ]
    assert emulated.writes() == ["iam:CreateServiceLinkedRole"] * 4

    assert not run(emulated)["changed"] and not run(emulated, SERVICES[:1])["changed"]


def test_unknown_services_are_refused(emulated: Emulated) -> None:
    assert "rds is no service principal" in run(emulated, ["rds"])["msg"]
