"""Elastic Load Balancing: states that take time, shapes that AWS completes, and who uses which target group."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulated import REGION, Emulated
from tests.support.front import Front, build, forward


@pytest.fixture
def front(emulated: Emulated) -> Front:
    return build(emulated)


def test_a_load_balancer_is_provisioned_and_then_active(front: Front) -> None:
    elb = front.emulated.client("elbv2")
    assert front.balancer["State"] == {"Code": "provisioning"} and front.balancer["Scheme"] == "internet-facing"
    assert front.balancer["DNSName"].startswith("shop-") and front.balancer["DNSName"].endswith(f".{REGION}.elb.amazonaws.com")
    assert front.balancer["CanonicalHostedZoneId"] == "Z32O12XQLNTSW2" and len(front.balancer["SecurityGroups"]) == 1
    front.emulated.advance(130)
    assert elb.describe_load_balancers(Names=["shop"])["LoadBalancers"][0]["State"] == {"Code": "active"}
    again = elb.create_load_balancer(Name="shop", Subnets=front.subnets[:2])["LoadBalancers"][0]
    assert again["LoadBalancerArn"] == front.arn
    roles = [role["RoleName"] for role in front.emulated.client("iam").list_roles()["Roles"]]
    assert "AWSServiceRoleForElasticLoadBalancing" in roles


@pytest.mark.usefixtures("slowly")
def test_a_new_target_passes_one_health_check(front: Front) -> None:
    elb = front.emulated.client("elbv2")
    elb.register_targets(TargetGroupArn=front.blue, Targets=[{"Id": "10.0.0.9"}])
    assert front.health() == [("unused", "Target.NotInUse")]
    front.listen()
    assert front.health() == [("initial", "Elb.RegistrationInProgress")]
    front.emulated.advance(130)
    assert front.health() == [("initial", "Elb.InitialHealthChecking")]
    front.emulated.advance(14)
    assert front.health() == [("initial", "Elb.InitialHealthChecking")]
    front.emulated.advance(7)
    assert front.health() == [("healthy", "")]
    elb.deregister_targets(TargetGroupArn=front.blue, Targets=[{"Id": "10.0.0.9", "Port": 3000}])
    assert front.health() == [("draining", "Target.DeregistrationInProgress")]
    front.emulated.advance(310)
    assert front.health() == []
    target = [{"Id": "10.0.0.9", "Port": 3000}]
    described = elb.describe_target_health(TargetGroupArn=front.blue, Targets=target)["TargetHealthDescriptions"][0]
    assert described["TargetHealth"]["Reason"] == "Target.NotRegistered"
    assert front.emulated.refused("elbv2", "deregister_targets", TargetGroupArn=front.blue, Targets=target)[0] == "InvalidTarget"


@pytest.mark.usefixtures("slowly")
def test_a_target_is_reached_only_in_a_zone_of_the_load_balancer(front: Front) -> None:
    elb = front.emulated.client("elbv2")
    front.listen()
    elb.register_targets(TargetGroupArn=front.blue, Targets=[{"Id": "10.0.0.9"}, {"Id": "10.0.2.9"}])
    front.emulated.advance(200)
    assert front.health() == [("healthy", ""), ("unused", "Target.NotInUse")]
    found = elb.describe_target_health(TargetGroupArn=front.blue)["TargetHealthDescriptions"][1]
    assert found["TargetHealth"]["Description"] == "Target is in an Availability Zone that is not enabled for the load balancer"
    elb.set_subnets(LoadBalancerArn=front.arn, Subnets=front.subnets)
    assert front.health() == [("healthy", ""), ("initial", "Elb.InitialHealthChecking")]
    front.emulated.advance(60)
    assert front.health() == [("healthy", ""), ("healthy", "")]
    elb.set_subnets(LoadBalancerArn=front.arn, Subnets=front.subnets[1:])
    assert front.health() == [("unused", "Target.NotInUse"), ("healthy", "")]


@pytest.mark.usefixtures("slowly")
def test_health_is_asked_as_the_group_says(front: Front) -> None:
    elb = front.emulated.client("elbv2")
    elb.modify_target_group(
        TargetGroupArn=front.blue,
        HealthyThresholdCount=2,
        HealthCheckIntervalSeconds=300,
        HealthCheckPath="/up",
        Matcher={"HttpCode": "200,204"},
    )
    elb.modify_target_group_attributes(
        TargetGroupArn=front.blue, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]
    )
    front.listen()
    front.emulated.advance(130)
    elb.register_targets(TargetGroupArn=front.blue, Targets=[{"Id": "10.0.0.9"}])
    front.emulated.advance(290)
    assert front.health()[0][0] == "initial"
    front.emulated.advance(10)
    assert front.health() == [("healthy", "")]
    elb.deregister_targets(TargetGroupArn=front.blue, Targets=[{"Id": "10.0.0.9"}])
    assert front.health() == []


def test_one_group_stands_in_both_places_and_several_only_in_the_configuration(front: Front) -> None:
    elb = front.emulated.client("elbv2")
    listener = front.listen()
    off = {"Enabled": False}
    config = {"TargetGroups": [{"TargetGroupArn": front.blue, "Weight": 1}], "TargetGroupStickinessConfig": off}
    assert listener["DefaultActions"] == [{"Type": "forward", "TargetGroupArn": front.blue, "ForwardConfig": config}]
    two = forward((front.green, 10), (front.blue, 90))
    changed = elb.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=two)["Listeners"][0]["DefaultActions"]
    assert changed == [{"Type": "forward", "ForwardConfig": {**two[0]["ForwardConfig"], "TargetGroupStickinessConfig": off}}]
    (rule,) = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    assert rule["Priority"] == "default" and rule["IsDefault"] and rule["Actions"] == changed


def test_groups_know_who_uses_them(front: Front) -> None:
    elb = front.emulated.client("elbv2")
    assert front.users(front.blue) == []
    listener = front.listen((front.blue, 100), (front.green, 0))["ListenerArn"]
    assert front.users(front.blue) == front.users(front.green) == [front.arn]
    refused = front.emulated.refused("elbv2", "delete_target_group", TargetGroupArn=front.green)
    assert refused == ("ResourceInUse", f"Target group '{front.green}' is currently in use by a listener or a rule")
    elb.modify_listener(ListenerArn=listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": front.blue}])
    assert front.users(front.green) == []
    elb.delete_load_balancer(LoadBalancerArn=front.arn)
    assert front.users(front.blue) == []
    assert front.emulated.refused("elbv2", "describe_listeners", ListenerArns=[listener])[0] == "ListenerNotFound"
    elb.delete_target_group(TargetGroupArn=front.blue)
    elb.delete_load_balancer(LoadBalancerArn=front.arn)


def test_interfaces_stay_a_minute_longer_than_their_load_balancer(front: Front) -> None:
    ec2, elb = front.emulated.client("ec2"), front.emulated.client("elbv2")

    def interfaces() -> list[str]:
        return [item["SubnetId"] for item in ec2.describe_network_interfaces()["NetworkInterfaces"]]

    assert sorted(interfaces()) == sorted(front.subnets[:2])
    elb.set_subnets(LoadBalancerArn=front.arn, Subnets=front.subnets[1:])
    front.emulated.advance(70)
    assert sorted(interfaces()) == sorted(front.subnets[1:])
    elb.delete_load_balancer(LoadBalancerArn=front.arn)
    assert len(interfaces()) == 2
    front.emulated.advance(70)
    assert interfaces() == []


def test_rules_in_the_order_of_their_priorities(front: Front) -> None:
    elb = front.emulated.client("elbv2")
    listener = front.listen()["ListenerArn"]
    to_green = [{"Type": "forward", "TargetGroupArn": front.green}]
    redirect = [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}]
    for priority, path, actions in ((20, "/b", to_green), (10, "/a", redirect)):
        conditions = [{"Field": "path-pattern", "Values": [path]}]
        elb.create_rule(ListenerArn=listener, Priority=priority, Conditions=conditions, Actions=actions, Tags=[{"Key": "k", "Value": path}])
    first, second, default = elb.describe_rules(ListenerArn=listener)["Rules"]
    assert [rule["Priority"] for rule in (first, second, default)] == ["10", "20", "default"]
    assert first["Conditions"] == [{"Field": "path-pattern", "Values": ["/a"], "PathPatternConfig": {"Values": ["/a"]}}]
    whole = {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301"}
    assert first["Actions"][0]["RedirectConfig"] == whole
    elb.set_rule_priorities(RulePriorities=[{"RuleArn": first["RuleArn"], "Priority": 30}])
    assert [rule["Priority"] for rule in elb.describe_rules(ListenerArn=listener)["Rules"]] == ["20", "30", "default"]
    tags = elb.describe_tags(ResourceArns=[first["RuleArn"], listener])["TagDescriptions"]
    assert [entry["Tags"] for entry in tags] == [[{"Key": "k", "Value": "/a"}], []]
    elb.delete_rule(RuleArn=second["RuleArn"])
    assert len(elb.describe_rules(ListenerArn=listener)["Rules"]) == 2


def test_attributes_are_complete(front: Front) -> None:
    elb = front.emulated.client("elbv2")

    def of(answer: dict[str, Any]) -> dict[str, str]:
        return {pair["Key"]: pair["Value"] for pair in answer["Attributes"]}

    balancer = of(elb.describe_load_balancer_attributes(LoadBalancerArn=front.arn))
    expected = {
        "access_logs.s3.enabled": "false",
        "idle_timeout.timeout_seconds": "60",
        "deletion_protection.enabled": "false",
        "routing.http2.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.desync_mitigation_mode": "defensive",
        "load_balancing.cross_zone.enabled": "true",
        "client_keep_alive.seconds": "3600",
        "waf.fail_open.enabled": "false",
    }
    assert expected.items() <= balancer.items()
    changed = elb.modify_load_balancer_attributes(
        LoadBalancerArn=front.arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "90"}]
    )
    assert of(changed) == {**balancer, "idle_timeout.timeout_seconds": "90"}
    group = of(elb.describe_target_group_attributes(TargetGroupArn=front.blue))
    expected = {
        "deregistration_delay.timeout_seconds": "300",
        "slow_start.duration_seconds": "0",
        "stickiness.enabled": "false",
        "stickiness.type": "lb_cookie",
        "stickiness.lb_cookie.duration_seconds": "86400",
        "load_balancing.algorithm.type": "round_robin",
        "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    }
    assert expected.items() <= group.items()


def test_pages(front: Front) -> None:
    elb = front.emulated.client("elbv2")
    first = elb.describe_target_groups(PageSize=1)
    assert [group["TargetGroupName"] for group in first["TargetGroups"]] == ["blue"]
    second = elb.describe_target_groups(PageSize=1, Marker=first["NextMarker"])
    assert [group["TargetGroupName"] for group in second["TargetGroups"]] == ["green"] and "NextMarker" not in second


def test_access_logs_need_a_bucket_that_lets_them_in(front: Front) -> None:
    elb, s3 = front.emulated.client("elbv2"), front.emulated.client("s3")
    s3.create_bucket(Bucket="logs-of-shop", CreateBucketConfiguration={"LocationConstraint": REGION})
    wanted = [{"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "logs-of-shop"}]
    code, text = front.emulated.refused("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=front.arn, Attributes=wanted)
    assert code == "InvalidConfigurationRequest" and text.startswith("Access Denied for bucket: logs-of-shop")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::logs-of-shop/AWSLogs/123456789012/*",
    }
    s3.put_bucket_policy(Bucket="logs-of-shop", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    elb.modify_load_balancer_attributes(LoadBalancerArn=front.arn, Attributes=wanted)


def test_network_load_balancers(front: Front) -> None:
    elb = front.emulated.client("elbv2")
    balancer = elb.create_load_balancer(Name="inner", Subnets=front.subnets[:1], Type="network", Scheme="internal")["LoadBalancers"][0]
    assert ":loadbalancer/net/inner/" in balancer["LoadBalancerArn"] and balancer["CanonicalHostedZoneId"] == "Z2IFOLAFXWLO4F"
    group = elb.create_target_group(Name="tcp", Protocol="TCP", Port=5432, VpcId=front.vpc, TargetType="ip")["TargetGroups"][0]
    assert group["HealthCheckProtocol"] == "TCP" and group["HealthCheckTimeoutSeconds"] == 10 and "Matcher" not in group
    action = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="TCP", Port=5432, DefaultActions=action)
    refused = front.emulated.refused(
        "elbv2", "create_listener", LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=action
    )
    assert refused[0] == "ValidationError"


def test_an_empty_protocol_version_is_none_at_all(front: Front) -> None:
    """Terraform's aws_lb_target_group sends one."""
    elb, common = front.emulated.client("elbv2"), {"Port": 80, "VpcId": front.vpc, "ProtocolVersion": ""}
    assert elb.create_target_group(Name="http", Protocol="HTTP", **common)["TargetGroups"][0]["ProtocolVersion"] == "HTTP1"
    assert "ProtocolVersion" not in elb.create_target_group(Name="tcp", Protocol="TCP", **common)["TargetGroups"][0]
