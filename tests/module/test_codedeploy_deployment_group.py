"""codedeploy_deployment_group against the emulated CodeDeploy, and what listeners say about a real service."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import one, roles
from tests.support.emulated import Emulated
from tests.support.walk import differences

PAIR = ["shop-blue", "shop-green"]
OPTIONS = {
    "deployment_config_name": "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "auto_rollback": ["DEPLOYMENT_FAILURE"],
    "alarms": ["shop-5xx"],
    "terminate_after_minutes": 5,
    "tags": {"application": "shop"},
}


@dataclass
class Site:
    """A service behind a load balancer with a production and a test listener, made as another program would."""

    emulated: Emulated
    groups: list[str]
    listeners: list[str]
    role: str
    topic: str

    def run(self, **params: Any) -> dict[str, Any]:
        declared = {
            "application_name": "shop",
            "name": "web",
            "service_role_arn": self.role,
            "ecs": {"cluster": "shop", "service": "web"},
            "target_group_pair": PAIR,
            "production_listener_arn": self.listeners[0],
            "test_listener_arn": self.listeners[1],
            **OPTIONS,
            **params,
        }
        return self.emulated.run("codedeploy_deployment_group", **{key: value for key, value in declared.items() if value is not None})

    def listener(self, port: int = 80, **params: Any) -> dict[str, Any]:
        declared = {"load_balancer_name": "shop", "port": port, "target_group_pair": PAIR, "ecs": {"cluster": "shop", "service": "web"}}
        return one.run(self.emulated, "elbv2_listener", **{**declared, **params})

    def point(self, *weights: tuple[str, int]) -> None:
        groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights]
        actions = [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
        self.emulated.client("elbv2").modify_listener(ListenerArn=self.listeners[0], DefaultActions=actions)


def network(emulated: Emulated) -> tuple[str, list[str]]:
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    zones = [("10.0.0.0/24", "eu-west-1a"), ("10.0.1.0/24", "eu-west-1b")]
    return vpc, [ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"] for cidr, zone in zones]


def service(emulated: Emulated, subnets: list[str], group: str) -> None:
    iam, ecs = emulated.client("iam"), emulated.client("ecs")
    iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    ecs.create_cluster(clusterName="shop")
    container = {"name": "web", "image": "shop", "essential": True, "portMappings": [{"containerPort": 3000}], "memory": 512}
    shape = {"networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}
    ecs.register_task_definition(
        family="web", executionRoleArn=roles.make(emulated, "execution"), containerDefinitions=[container], **shape
    )
    ecs.create_service(
        cluster="shop",
        serviceName="web",
        taskDefinition="web",
        desiredCount=0,
        launchType="FARGATE",
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 3000}],
        networkConfiguration={"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [], "assignPublicIp": "ENABLED"}},
    )


def release(emulated: Emulated) -> str:
    """Start a deployment of the newest task definition; its id."""
    arn = emulated.client("ecs").describe_task_definition(taskDefinition="web")["taskDefinition"]["taskDefinitionArn"]
    balancer = {"ContainerName": "web", "ContainerPort": 3000}
    target = {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": arn, "LoadBalancerInfo": balancer}}
    content = json.dumps({"version": 0.0, "Resources": [{"TargetService": target}]})
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
    answer = emulated.client("codedeploy").create_deployment(applicationName="shop", deploymentGroupName="web", revision=revision)
    return str(answer["deploymentId"])


@pytest.fixture
def site(emulated: Emulated) -> Site:
    elbv2 = emulated.client("elbv2")
    vpc, subnets = network(emulated)
    balancer = elbv2.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    groups = [
        elbv2.create_target_group(Name=name, Protocol="HTTP", Port=3000, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
        for name in PAIR
    ]
    actions = [{"Type": "forward", "TargetGroupArn": groups[0]}]
    listeners = [
        elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=actions)["Listeners"][0]["ListenerArn"]
        for port in (80, 8080)
    ]
    service(emulated, subnets, groups[0])
    emulated.client("codedeploy").create_application(applicationName="shop", computePlatform="ECS")
    topic = emulated.client("sns").create_topic(Name="releases")["TopicArn"]
    return Site(emulated, groups, listeners, roles.make(emulated, "codedeploy"), topic)


def test_check_create_again_change_delete(site: Site) -> None:
    before = site.emulated.writes()
    predicted = site.run(check=True)
    assert predicted["changed"] and site.emulated.writes() == before
    assert differences("codedeploy_deployment_group", predicted) == []

    created = site.run()
    assert created["changed"] and differences("codedeploy_deployment_group", created) == []
    group = created["deployment_group"]
    assert group["arn"] == predicted["deployment_group"]["arn"] and group["tags"] == {"application": "shop"}
    assert group["load_balancer_info"] == predicted["deployment_group"]["load_balancer_info"]
    assert not site.run()["changed"]
    assert not site.run(target_group_pair=PAIR[::-1])["changed"]
    assert not site.run(**dict.fromkeys([*OPTIONS, "test_listener_arn"]))["changed"]

    change = {"terminate_after_minutes": 30, "ready": {"action": "STOP_DEPLOYMENT", "wait_minutes": 60}, "tags": {"team": "web"}}
    change |= {"triggers": [{"name": "chat", "topic_arn": site.topic, "events": ["DeploymentFailure"]}], "test_listener_arn": ""}
    checked = site.run(check=True, **change)
    changed = site.run(**change)
    assert checked["diff"] == changed["diff"] and changed["changed"]
    section = "blue_green_deployment_configuration"
    kept = "terminate_blue_instances_on_deployment_success"
    assert changed["diff"]["before"][section][kept]["termination_wait_time_in_minutes"] == 5
    assert changed["diff"]["after"][section][kept]["termination_wait_time_in_minutes"] == 30
    assert changed["deployment_group"] == checked["deployment_group"]
    assert not site.run(**change)["changed"]

    off = {"alarms": [], "auto_rollback": [], "triggers": []}
    assert site.run(**{**change, **off})["changed"]
    assert not site.run(**{**change, **off})["changed"]

    assert site.run(state="absent", check=True)["changed"]
    assert site.run(state="absent")["changed"]
    code, _ = site.emulated.refused("codedeploy", "get_deployment_group", applicationName="shop", deploymentGroupName="web")
    assert code == "DeploymentGroupDoesNotExistException"
    assert not site.run(state="absent")["changed"]


def test_a_change_is_one_call_with_only_what_differs(site: Site) -> None:
    site.run()
    before = len(site.emulated.writes())
    site.run(alarms=["shop-5xx", "shop-slow"])
    assert site.emulated.writes()[before:] == ["codedeploy:UpdateDeploymentGroup"]


def test_an_empty_account_is_predicted(emulated: Emulated) -> None:
    declared = {"application_name": "shop", "name": "web", "service_role_arn": "arn:aws:iam::123456789012:role/codedeploy"}
    declared |= {"ecs": {"cluster": "shop", "service": "web"}, "target_group_pair": PAIR, "production_listener_arn": ""}
    predicted = emulated.run("codedeploy_deployment_group", check=True, **declared)
    assert predicted["changed"] and differences("codedeploy_deployment_group", predicted) == []
    assert "must be the ARN of a listener" in emulated.run("codedeploy_deployment_group", **declared)["msg"]
    assert not emulated.run("codedeploy_deployment_group", application_name="shop", name="web", state="absent")["changed"]
    assert not emulated.writes()


def test_the_service_must_be_codedeploys(site: Site) -> None:
    failed = site.run(ecs={"cluster": "shop", "service": "absent"})
    assert failed["failed"] and failed["error_code"] == "InvalidECSServiceException"


def test_info(site: Site) -> None:
    site.run()
    found = site.emulated.run("codedeploy_deployment_group_info", application_name="shop")
    assert not found["changed"] and differences("codedeploy_deployment_group_info", found) == []
    assert [(one["deployment_group_name"], one["tags"]) for one in found["deployment_groups"]] == [("web", {"application": "shop"})]
    some = site.emulated.run("codedeploy_deployment_group_info", application_name="shop", names=["absent", "web"])
    assert some["deployment_groups"] == found["deployment_groups"]
    assert site.emulated.run("codedeploy_deployment_group_info", application_name="absent")["deployment_groups"] == []


def test_the_task_set_says_who_is_active_and_force_follows_it(site: Site) -> None:
    blue, green = site.groups
    assert site.listener()["active_target_group_arn"] == blue
    site.point((blue, 10), (green, 90))
    shifting = site.listener()
    assert not shifting["changed"] and shifting["shifting"] and shifting["active_target_group_arn"] == blue

    site.point((green, 100), (blue, 0))
    wrong = site.listener()
    assert not wrong["changed"] and "Primary taskset target group must be behind listener" in wrong["problem"]
    assert (wrong["active_target_group_arn"], wrong["idle_target_group_arn"]) == (blue, green)
    repaired = site.listener(force_forward=True)
    assert repaired["changed"] and repaired["problem"] is None and repaired["weights"] == {blue: 100, green: 0}
    assert not site.listener(force_forward=True)["changed"]


def test_nothing_changes_during_and_after_two_deployments(site: Site) -> None:
    slow = {"type": "canary", "percentage": 10, "interval": 2880}
    site.emulated.run("codedeploy_deployment_config", name="slow", traffic_routing=slow)
    group = {"deployment_config_name": "slow", "alarms": None}
    site.run(**group)
    site.emulated.client("ecs").update_service(cluster="shop", service="web", desiredCount=1)
    site.emulated.advance(600)
    blue, green = site.groups
    for old, new in ((blue, green), (green, blue)):
        deployment = release(site.emulated)
        site.emulated.advance(900)
        shifting = site.listener()
        assert not shifting["changed"] and shifting["shifting"] and shifting["weights"] == {old: 90, new: 10}
        assert shifting["active_target_group_arn"] == old and shifting["problem"] is None
        assert not site.listener(8080)["changed"] and not site.run(**group)["changed"]

        site.emulated.advance(2880 * 60)
        site.emulated.advance(900)
        status = site.emulated.client("codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]["status"]
        assert status == "Succeeded"
        for port in (80, 8080):
            settled = site.listener(port)
            assert not settled["changed"] and settled["problem"] is None and settled["weights"] == {old: 0, new: 100}
            assert (settled["active_target_group_arn"], settled["idle_target_group_arn"]) == (new, old)
        assert not site.run(**group)["changed"]


def test_a_new_listener_starts_at_the_live_group(site: Site) -> None:
    made = site.listener(9090, initial="shop-green")
    assert made["changed"] and made["active_target_group_arn"] == site.groups[0]
