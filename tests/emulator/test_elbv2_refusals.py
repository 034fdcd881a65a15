"""What Elastic Load Balancing refuses, in tables."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import REGION, Emulated
from tests.support.front import Front, build, forward

GONE = "0123456789abcdef"
CONFIGURATION = "InvalidConfigurationRequest"


@pytest.fixture
def front(emulated: Emulated) -> Front:
    return build(emulated)


def check(front: Front, cases: list[tuple[str, str, dict[str, Any], str, str]]) -> None:
    for number, operation, params, code, text in cases:
        found = front.emulated.refused("elbv2", operation, **params)
        assert found[0] == code and text in found[1], (number, operation, params, found)


def test_load_balancers(front: Front) -> None:
    a, b, _ = front.subnets
    ec2 = front.emulated.client("ec2")
    twin = ec2.create_subnet(VpcId=front.vpc, CidrBlock="10.0.9.0/24", AvailabilityZone=f"{REGION}a")["Subnet"]["SubnetId"]
    small = ec2.create_subnet(VpcId=front.vpc, CidrBlock="10.0.10.0/28", AvailabilityZone=f"{REGION}b")["Subnet"]["SubnetId"]
    closed = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    inner = [
        ec2.create_subnet(VpcId=closed, CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    foreign = ec2.create_security_group(GroupName="x", Description="x", VpcId=closed)["GroupId"]
    create, absent = "create_load_balancer", front.arn.replace("shop", "gone")
    check(
        front,
        [
            ("ELB-1", create, {"Name": "x", "Subnets": [a]}, "ValidationError", "At least two subnets in two different"),
            ("ELB-1", create, {"Name": "x", "Subnets": [a, twin]}, "InvalidConfigurationRequest", "in the same Availability Zone"),
            ("ELB-1", create, {"Name": "x", "Subnets": [a, "subnet-gone"]}, "SubnetNotFound", ""),
            ("ELB-1", create, {"Name": "x"}, "ValidationError", ""),
            ("ELB-1", create, {"Name": "x", "Subnets": [a, inner[1]]}, "InvalidConfigurationRequest", "VPC"),
            ("ELB-1", "set_subnets", {"LoadBalancerArn": front.arn, "Subnets": [a]}, "ValidationError", ""),
            ("ELB-2", create, {"Name": "internal-x", "Subnets": [a, b]}, "ValidationError", "cannot begin with 'internal-'"),
            ("ELB-2", create, {"Name": "x" * 33, "Subnets": [a, b]}, "ValidationError", "cannot be longer than '32'"),
            ("ELB-2", create, {"Name": "a_b", "Subnets": [a, b]}, "ValidationError", "alphanumeric"),
            ("ELB-2", create, {"Name": "-ab", "Subnets": [a, b]}, "ValidationError", "cannot begin or end"),
            ("ELB-2", create, {"Name": "x", "Subnets": [a, small]}, "InvalidSubnet", "8 free IP addresses"),
            ("ELB-2", create, {"Name": "x", "Subnets": inner}, "InvalidSubnet", "has no internet gateway"),
            ("ELB-2", create, {"Name": "x", "Subnets": [a, b], "SecurityGroups": ["sg-gone"]}, "InvalidSecurityGroup", ""),
            ("ELB-2", create, {"Name": "x", "Subnets": [a, b], "SecurityGroups": [foreign]}, "InvalidConfigurationRequest", ""),
            ("ELB-2", create, {"Name": "shop", "Subnets": [a, b], "Scheme": "internal"}, "DuplicateLoadBalancerName", ""),
            ("ELB-2", create, {"Name": "x", "Subnets": [a, b], "Scheme": "outside"}, "ValidationError", ""),
            ("", "describe_load_balancers", {"LoadBalancerArns": [absent]}, "LoadBalancerNotFound", ""),
            ("", "describe_load_balancers", {"Names": ["gone"]}, "LoadBalancerNotFound", ""),
            ("", "describe_load_balancers", {"Names": ["shop"], "LoadBalancerArns": [front.arn]}, "ValidationError", ""),
            ("", "describe_load_balancer_attributes", {"LoadBalancerArn": absent}, "LoadBalancerNotFound", ""),
            (
                "",
                "describe_load_balancer_attributes",
                {"LoadBalancerArn": "nonsense"},
                "ValidationError",
                "is not a valid load balancer ARN",
            ),
            ("", "describe_tags", {"ResourceArns": [absent]}, "LoadBalancerNotFound", ""),
            ("", "describe_tags", {"ResourceArns": [front.arn] * 21}, "ValidationError", ""),
            ("", "add_tags", {"ResourceArns": [front.arn], "Tags": [{"Key": "a", "Value": "1"}] * 2}, "DuplicateTagKeys", ""),
            (
                "",
                "add_tags",
                {"ResourceArns": [front.arn], "Tags": [{"Key": str(n), "Value": ""} for n in range(51)]},
                "TooManyTags",
                "",
            ),
            ("", "describe_ssl_policies", {"Names": ["gone"]}, "SSLPolicyNotFound", ""),
            ("", "describe_listeners", {}, "ValidationError", "You must specify either listener ARNs or a load balancer ARN"),
            ("", "describe_rules", {}, "ValidationError", ""),
        ],
    )


def test_attributes(front: Front) -> None:
    def balancer(key: str, value: str) -> tuple[str, dict[str, Any]]:
        return "modify_load_balancer_attributes", {"LoadBalancerArn": front.arn, "Attributes": [{"Key": key, "Value": value}]}

    def group(key: str, value: str) -> tuple[str, dict[str, Any]]:
        return "modify_target_group_attributes", {"TargetGroupArn": front.blue, "Attributes": [{"Key": key, "Value": value}]}

    check(
        front,
        [
            ("ELB-5", *balancer("nonsense", "1"), "ValidationError", "is not recognized"),
            ("ELB-5", *balancer("idle_timeout.timeout_seconds", "4001"), "ValidationError", "must be between '1-4000' inclusive"),
            ("ELB-5", *balancer("deletion_protection.enabled", "yes"), "ValidationError", ""),
            ("ELB-5", *balancer("dns_record.client_routing_policy", "any_availability_zone"), "ValidationError", "is not recognized"),
            ("ELB-5", *balancer("load_balancing.cross_zone.enabled", "false"), "InvalidConfigurationRequest", "must always be 'true'"),
            ("ELB-10", *balancer("access_logs.s3.enabled", "true"), "InvalidConfigurationRequest", "access_logs.s3.bucket"),
            ("ELB-5", *group("nonsense", "1"), "ValidationError", "Target group attribute key 'nonsense' is not recognized"),
            ("ELB-5", *group("deregistration_delay.timeout_seconds", "3601"), "ValidationError", "must be between '0-3600' inclusive"),
            ("ELB-5", *group("slow_start.duration_seconds", "20"), "ValidationError", ""),
            ("ELB-5", *group("stickiness.type", "source_ip"), "InvalidConfigurationRequest", ""),
            ("ELB-5", *group("proxy_protocol_v2.enabled", "true"), "ValidationError", "is not recognized"),
        ],
    )
    elb = front.emulated.client("elbv2")
    elb.modify_load_balancer_attributes(LoadBalancerArn=front.arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}])
    check(front, [("ELB-9", "delete_load_balancer", {"LoadBalancerArn": front.arn}, "OperationNotPermitted", "deletion protection")])


def test_target_groups(front: Front) -> None:
    good = {"Name": "x", "Protocol": "HTTP", "Port": 80, "VpcId": front.vpc, "TargetType": "ip"}

    def create(**changes: Any) -> tuple[str, dict[str, Any]]:
        return "create_target_group", {name: value for name, value in {**good, **changes}.items() if value is not None}

    def change(*pairs: str) -> tuple[str, dict[str, Any]]:
        attributes = [dict(zip(("Key", "Value"), pair.split("="), strict=True)) for pair in pairs]
        return "modify_target_group_attributes", {"TargetGroupArn": front.blue, "Attributes": attributes}

    gone = front.blue.replace("blue", "gone")
    elsewhere = {"Id": "10.0.0.9", "AvailabilityZone": "eu-west-9z"}
    check(
        front,
        [
            ("ELB-3", *create(Protocol=None), "ValidationError", "A protocol must be specified"),
            ("ELB-3", *create(Port=None), "ValidationError", "A port must be specified"),
            ("ELB-3", *create(VpcId=None), "ValidationError", "A VPC ID must be specified"),
            ("ELB-3", *create(VpcId="vpc-gone"), "ValidationError", "The VPC ID 'vpc-gone' is not found"),
            ("ELB-3", *create(Name="x" * 33), "ValidationError", "cannot be longer than '32' characters"),
            ("ELB-3", *create(Name="a_b"), "ValidationError", ""),
            ("ELB-3", *create(Name="blue"), "DuplicateTargetGroupName", ""),
            ("ELB-3", *create(TargetType="lambda"), "ValidationError", ""),
            ("ELB-3", *create(ProtocolVersion="HTTP9"), "ValidationError", "must be one of"),
            ("ELB-5", *change("slow_start.duration_seconds=30", "load_balancing.algorithm.type=weighted_random"), CONFIGURATION, ""),
            ("ELB-5", *change("stickiness.enabled=true", "stickiness.type=app_cookie"), CONFIGURATION, "cookie name"),
            ("", "delete_target_group", {"TargetGroupArn": "nonsense"}, "ValidationError", ""),
            ("", "delete_load_balancer", {"LoadBalancerArn": "nonsense"}, "ValidationError", ""),
            ("ELB-2", "set_ip_address_type", {"LoadBalancerArn": front.arn, "IpAddressType": "dualstack"}, "ValidationError", "IPv6"),
            ("ELB-6", "register_targets", {"TargetGroupArn": front.blue, "Targets": [elsewhere]}, "ValidationError", "Availability Zone"),
            ("ELB-4", *create(HealthCheckTimeoutSeconds=30), "ValidationError", "timeout '30' must be smaller than the interval '30'"),
            ("ELB-4", *create(HealthCheckIntervalSeconds=4), "ValidationError", ""),
            ("ELB-4", *create(HealthyThresholdCount=1), "ValidationError", ""),
            ("ELB-4", *create(HealthCheckProtocol="TCP"), "ValidationError", ""),
            ("ELB-4", *create(Matcher={"HttpCode": "500"}), "ValidationError", "200-499"),
            ("ELB-4", *create(HealthCheckPath="up"), "ValidationError", "must begin with a '/' character"),
            ("ELB-4", *create(HealthCheckEnabled=False), "ValidationError", "Health check enabled must be true"),
            ("ELB-4", "modify_target_group", {"TargetGroupArn": front.blue, "HealthCheckIntervalSeconds": 5}, "ValidationError", ""),
            ("", "modify_target_group", {"TargetGroupArn": gone}, "TargetGroupNotFound", "One or more target groups not found"),
            ("", "describe_target_groups", {"Names": ["gone"]}, "TargetGroupNotFound", ""),
            ("", "describe_target_groups", {"Names": ["blue"], "TargetGroupArns": [front.blue]}, "ValidationError", ""),
            ("", "describe_target_health", {"TargetGroupArn": gone}, "TargetGroupNotFound", ""),
            ("", "register_targets", {"TargetGroupArn": front.blue, "Targets": [{"Id": "i-0123"}]}, "ValidationError", ""),
            ("", "register_targets", {"TargetGroupArn": front.blue, "Targets": [{"Id": "192.168.0.1"}]}, "InvalidTarget", ""),
        ],
    )


def test_listeners(front: Front) -> None:
    emulated, elb = front.emulated, front.emulated.client("elbv2")
    listener = front.listen()["ListenerArn"]
    other = elb.create_load_balancer(Name="other", Subnets=front.subnets[:2])["LoadBalancers"][0]["LoadBalancerArn"]
    vpc = emulated.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    foreign = elb.create_target_group(Name="far", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    tcp = elb.create_target_group(Name="tcp", Protocol="TCP", Port=80, VpcId=front.vpc, TargetType="ip")["TargetGroups"][0][
        "TargetGroupArn"
    ]
    pending = emulated.client("acm").request_certificate(DomainName="shop.example.com", ValidationMethod="DNS")["CertificateArn"]
    good: dict[str, Any] = {"LoadBalancerArn": front.arn, "Protocol": "HTTP", "Port": 81, "DefaultActions": forward((front.blue, 1))}

    def create(**changes: Any) -> tuple[str, dict[str, Any]]:
        return "create_listener", {name: value for name, value in {**good, **changes}.items() if value is not None}

    def act(**action: Any) -> tuple[str, dict[str, Any]]:
        return create(DefaultActions=[action])

    gone, absent = front.blue.replace("blue", "gone"), listener[:-16] + GONE
    secure = {"Protocol": "HTTPS", "Port": 443}
    acm = f"arn:aws:acm:{REGION}:123456789012:certificate/gone"
    two = [{"Type": "forward", "TargetGroupArn": front.blue}, {"Type": "forward", "TargetGroupArn": front.green}]
    sticky = {"TargetGroups": [{"TargetGroupArn": front.blue}], "TargetGroupStickinessConfig": {"Enabled": True}}
    check(
        front,
        [
            ("", *create(Port=80, DefaultActions=forward((front.green, 1))), "DuplicateListener", ""),
            ("", *create(LoadBalancerArn=front.arn.replace("shop", "gone")), "LoadBalancerNotFound", ""),
            ("", *create(Port=None), "ValidationError", "A listener port must be specified"),
            ("", *create(Protocol="TCP"), "ValidationError", "Listener protocol 'TCP' must be one of"),
            ("ELB-7", *create(**secure), "ValidationError", "A certificate must be specified for HTTPS listeners"),
            ("ELB-7", *create(**secure, Certificates=[{"CertificateArn": acm}]), "CertificateNotFound", ""),
            ("ELB-7", *create(**secure, Certificates=[{"CertificateArn": pending}]), "UnsupportedCertificate", "fully-qualified"),
            ("ELB-7", *create(Certificates=[{"CertificateArn": pending}]), "ValidationError", ""),
            ("ELB-7", *create(SslPolicy="ELBSecurityPolicy-2016-08"), "ValidationError", ""),
            ("ELB-7", *create(**secure, SslPolicy="gone", Certificates=[{"CertificateArn": pending}]), "SSLPolicyNotFound", ""),
            ("ELB-6", *create(LoadBalancerArn=other), "TargetGroupAssociationLimit", "more than one load balancer"),
            ("ELB-6", *act(Type="forward", TargetGroupArn=gone), "TargetGroupNotFound", ""),
            ("ELB-6", *act(Type="forward", TargetGroupArn=foreign), "InvalidConfigurationRequest", "VPC"),
            ("ELB-6", *act(Type="forward", TargetGroupArn=tcp), "IncompatibleProtocols", ""),
            ("ELB-8", *act(Type="forward"), "ValidationError", ""),
            ("ELB-8", *create(DefaultActions=forward((front.blue, 1000))), "ValidationError", "0-999"),
            ("ELB-8", *create(DefaultActions=forward((front.blue, 1), (front.blue, 2))), "ValidationError", "unique"),
            ("ELB-8", *create(DefaultActions=two), "ValidationError", ""),
            ("ELB-8", *act(Type="forward", ForwardConfig=sticky), "ValidationError", ""),
            ("ELB-8", *act(Type="redirect"), "ValidationError", ""),
            ("ELB-8", *act(Type="redirect", RedirectConfig={"StatusCode": "HTTP_301"}), "InvalidLoadBalancerAction", "creates a loop"),
            ("ELB-8", *act(Type="redirect", RedirectConfig={"StatusCode": "HTTP_307", "Port": "1"}), "ValidationError", ""),
            ("", "modify_listener", {"ListenerArn": absent, "Port": 90}, "ListenerNotFound", ""),
            ("", "modify_listener", {"ListenerArn": listener, "DefaultActions": forward((gone, 1))}, "TargetGroupNotFound", ""),
            ("", "delete_listener", {"ListenerArn": absent}, "ListenerNotFound", ""),
            ("", "describe_listeners", {"LoadBalancerArn": front.arn.replace("shop", "gone")}, "LoadBalancerNotFound", ""),
        ],
    )
    assert emulated.refused("elbv2", "create_listener", **good) == ("", "")


def test_rules(front: Front) -> None:
    elb, listener = front.emulated.client("elbv2"), front.listen()["ListenerArn"]
    good: dict[str, Any] = {
        "ListenerArn": listener,
        "Priority": 10,
        "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}],
        "Actions": forward((front.green, 1)),
    }
    elb.create_rule(**good)
    first, default = elb.describe_rules(ListenerArn=listener)["Rules"]

    def create(**changes: Any) -> tuple[str, dict[str, Any]]:
        return "create_rule", {**good, "Priority": 11, **changes}

    def when(**condition: Any) -> tuple[str, dict[str, Any]]:
        return create(Conditions=[condition])

    swapped = [{"RuleArn": first["RuleArn"], "Priority": 1}] * 2
    check(
        front,
        [
            ("ELB-8", *create(Priority=10), "PriorityInUse", "Priority '10' is currently in use"),
            ("ELB-8", *create(Priority=50001), "ValidationError", ""),
            ("ELB-8", *create(Priority=0), "ValidationError", ""),
            ("ELB-8", *create(ListenerArn=listener[:-16] + GONE), "ListenerNotFound", ""),
            ("ELB-8", *create(Actions=forward((front.blue.replace("blue", "gone"), 1))), "TargetGroupNotFound", ""),
            ("ELB-8", *when(Field="colour", Values=["red"]), "ValidationError", "Condition field 'colour' must be one of"),
            ("ELB-8", *when(Field="path-pattern"), "ValidationError", "A condition value must be specified"),
            ("ELB-8", *when(Field="host-header", Values=["x" * 129]), "ValidationError", "the limit is '128'"),
            ("ELB-8", *when(Field="path-pattern", Values=list("abcdef")), "ValidationError", "5"),
            ("ELB-8", *when(Field="source-ip", SourceIpConfig={"Values": ["nonsense"]}), "ValidationError", "CIDR"),
            ("ELB-8", "delete_rule", {"RuleArn": default["RuleArn"]}, "OperationNotPermitted", ""),
            ("ELB-8", "modify_rule", {"RuleArn": default["RuleArn"], "Actions": good["Actions"]}, "OperationNotPermitted", ""),
            ("ELB-8", "modify_rule", {"RuleArn": first["RuleArn"]}, "ValidationError", ""),
            ("ELB-8", "delete_rule", {"RuleArn": first["RuleArn"][:-16] + GONE}, "RuleNotFound", ""),
            ("ELB-8", "set_rule_priorities", {"RulePriorities": swapped}, "ValidationError", "provided multiple times"),
        ],
    )
