"""Security groups decide what reaches what: load balancer and task, task and database."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import bluegreen, fargate, groups
from tests.support.bluegreen import Stage
from tests.support.emulated import Emulated
from tests.support.fargate import CONTAINER
from tests.support.users import get

pytestmark = pytest.mark.usefixtures("slowly")


@pytest.fixture
def stage(emulated: Emulated) -> Stage:
    return bluegreen.build(emulated)


def health(stage: Stage, group: str) -> set[tuple[str, str, str]]:
    found = stage.emulated.client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    shown = [entry["TargetHealth"] for entry in found if entry["TargetHealth"]["State"] != "draining"]
    return {(one["State"], one.get("Reason", ""), one.get("Description", "")) for one in shown}


def url(stage: Stage) -> str:
    (balancer,) = stage.emulated.client("elbv2").describe_load_balancers(LoadBalancerArns=[stage.load_balancer])["LoadBalancers"]
    return f"http://{balancer['DNSName']}/"


HEALTHY = {("healthy", "", "")}
TIMED_OUT = {("unhealthy", "Target.Timeout", "Request timed out")}


def test_a_closed_group_lets_no_health_check_in(stage: Stage) -> None:
    """The state of a target follows after as many checks as the threshold says."""
    emulated, elb, ecs = stage.emulated, stage.emulated.client("elbv2"), stage.emulated.client("ecs")
    emulated.script(image="shop:9")
    network = {"subnets": stage.subnets, "securityGroups": [stage.security_group], "assignPublicIp": "ENABLED"}
    wanted = {"taskDefinition": stage.define("shop:9"), "launchType": "FARGATE", "networkConfiguration": {"awsvpcConfiguration": network}}
    arn = ecs.run_task(cluster="shop", **wanted)["tasks"][0]["taskArn"]
    emulated.advance(60)
    (container,) = ecs.describe_tasks(cluster="shop", tasks=[arn])["tasks"][0]["containers"]
    elb.modify_listener(ListenerArn=stage.test_listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": stage.green}])
    target = {"Id": container["networkInterfaces"][0]["privateIpv4Address"], "Port": 3000}
    elb.register_targets(TargetGroupArn=stage.green, Targets=[target])
    emulated.advance(120)
    assert health(stage, stage.green) == HEALTHY
    groups.close(emulated, stage.security_group)
    emulated.advance(50)
    assert health(stage, stage.green) == HEALTHY and get(emulated, url(stage))[0] == 504
    emulated.advance(20)
    assert health(stage, stage.green) == TIMED_OUT
    groups.admit(emulated, stage.security_group, stage.security_group, 3000)
    emulated.advance(600)
    assert health(stage, stage.green) == HEALTHY


def test_a_service_replaces_tasks_that_no_health_check_reaches(stage: Stage) -> None:
    """The service was steady, and nobody asked for anything meanwhile."""
    emulated, ecs = stage.emulated, stage.emulated.client("ecs")
    groups.close(emulated, stage.security_group)
    emulated.advance(100)
    events = [event["message"] for event in ecs.describe_services(cluster="shop", services=["web"])["services"][0]["events"]]
    assert any("is unhealthy in (target-group " in each and each.endswith("due to (reason Request timed out).") for each in events), events
    groups.admit(emulated, stage.security_group, stage.security_group, 3000)
    emulated.advance(900)
    assert health(stage, stage.blue) == HEALTHY and get(emulated, url(stage))[0] == 200


@pytest.mark.parametrize(
    ("rule", "arrives"),
    [
        ({"IpProtocol": "tcp", "FromPort": 3000, "ToPort": 3000}, True),
        ({"IpProtocol": "tcp", "FromPort": 2000, "ToPort": 4000}, True),
        ({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}, False),
        ({"IpProtocol": "udp", "FromPort": 3000, "ToPort": 3000}, False),
    ],
)
@pytest.mark.parametrize("cidr", ["", "10.0.0.0/16"])
def test_a_rule_names_protocol_port_and_peer(stage: Stage, rule: dict[str, Any], arrives: bool, cidr: str) -> None:
    peer = {"IpRanges": [{"CidrIp": cidr}]} if cidr else {"UserIdGroupPairs": [{"GroupId": stage.security_group}]}
    groups.close(stage.emulated, stage.security_group)
    stage.emulated.client("ec2").authorize_security_group_ingress(GroupId=stage.security_group, IpPermissions=[{**rule, **peer}])
    assert get(stage.emulated, url(stage))[0] == (200 if arrives else 504)


def test_a_range_names_all_of_the_load_balancers_addresses(stage: Stage) -> None:
    groups.close(stage.emulated, stage.security_group)
    one = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/24"}]}]
    stage.emulated.client("ec2").authorize_security_group_ingress(GroupId=stage.security_group, IpPermissions=one)
    assert get(stage.emulated, url(stage))[0] == 504


def test_a_load_balancer_must_be_let_out(stage: Stage) -> None:
    """Its own group has a rule for what leaves, too."""
    emulated, ec2, elb = stage.emulated, stage.emulated.client("ec2"), stage.emulated.client("elbv2")
    front = groups.make(emulated, stage.vpc, "front")
    elb.set_security_groups(LoadBalancerArn=stage.load_balancer, SecurityGroups=[front])
    assert get(emulated, url(stage))[0] == 504
    groups.admit(emulated, stage.security_group, front)
    assert get(emulated, url(stage))[0] == 200
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=front, IpPermissions=everything)
    assert get(emulated, url(stage))[0] == 504
    only = [{"IpProtocol": "tcp", "FromPort": 3000, "ToPort": 3000, "UserIdGroupPairs": [{"GroupId": stage.security_group}]}]
    ec2.authorize_security_group_egress(GroupId=front, IpPermissions=only)
    assert get(emulated, url(stage))[0] == 200


def test_a_deployment_waits_for_tasks_that_no_health_check_reaches(stage: Stage) -> None:
    groups.close(stage.emulated, stage.security_group)
    stage.create_group()
    info = stage.until(stage.deploy(stage.define("shop:2")), "Failed", seconds=7200, step=60)
    assert info["errorInformation"]["code"] == "TIMEOUT"


def test_a_default_group_lets_its_members_reach_each_other(emulated: Emulated) -> None:
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert rule["IpProtocol"] == "-1" and [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [group["GroupId"]]


def test_a_migration_that_does_not_reach_its_database(emulated: Emulated) -> None:
    """Rails waits as long as TCP does. The same task migrates once the database's group admits it."""
    made = fargate.build(emulated)
    database = groups.make(emulated, made.vpc, "database")
    rds = emulated.client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="shop", DBSubnetGroupDescription="shop", SubnetIds=made.subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="shop", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20, DBSubnetGroupName="shop",
        MasterUsername="rails", MasterUserPassword="secret-secret", VpcSecurityGroupIds=[database],
    )  # fmt: skip
    emulated.advance(3600)
    host = rds.describe_db_instances()["DBInstances"][0]["Endpoint"]["Address"]
    emulated.script(image="shop:1", migrations=[{"version": "20260101000000", "name": "CreateOrders"}])
    environment = [{"name": "DATABASE_URL", "value": f"postgres://rails:secret-secret@{host}:5432/shop"}]
    made.define(containerDefinitions=[{**CONTAINER, "environment": environment, "command": ["bin/rails", "db:migrate"]}])

    def migrate() -> tuple[int, list[str]]:
        arn = made.run()
        emulated.advance(400)
        task = made.ecs.describe_tasks(cluster=fargate.CLUSTER, tasks=[arn])["tasks"][0]
        stream = f"rails/web/{arn.rpartition('/')[2]}"
        events = emulated.client("logs").get_log_events(logGroupName="/shop", logStreamName=stream, startFromHead=True)["events"]
        return task["containers"][0]["exitCode"], [event["message"] for event in events]

    code, lines = migrate()
    assert code == 1 and lines[0] == "bin/rails aborted!"
    told = f'ActiveRecord::ConnectionNotEstablished: connection to server at "{host}" ('
    assert lines[1].startswith(told) and lines[1].endswith("), port 5432 failed: Connection timed out")
    groups.admit(emulated, database, made.group, 5432)
    code, lines = migrate()
    assert code == 0 and "CreateOrders: migrated" in lines[1]
