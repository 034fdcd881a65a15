"""What Elastic Load Balancing refuses of load balancers, tags and questions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ... import world
from ...authority.decision import Principal
from ...registry import rule
from ...services.elbv2 import load_balancers as balancers
from ...services.elbv2 import store
from ...services.iam import authority
from ...wire import Call, Refusal

GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/"
# ELB's own accounts, whose root delivers access logs in older Regions; newer ones have a service principal.
DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"
ACCOUNTS = {
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
    "eu-central-1": "054676820928",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "eu-north-1": "897822967062",
    "ap-northeast-1": "582318560864",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
}
RANGES = {
    "idle_timeout.timeout_seconds": (1, 4000),
    "client_keep_alive.seconds": (60, 604800),
    "secondary_ips.auto_assigned.per_subnet": (0, 7),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "routing.http.desync_mitigation_mode": ("monitor", "defensive", "strictest"),
    "routing.http.xff_header_processing.mode": ("append", "preserve", "remove"),
    "dns_record.client_routing_policy": (
        "availability_zone_affinity",
        "partial_availability_zone_affinity",
        "any_availability_zone",
    ),
}


def invalid(text: str) -> Refusal:
    return Refusal("ValidationError", text)


def quiet(find: Callable[[Call, str], Any], call: Call, arn: str) -> Any:
    """What an ARN names, or None: the operation itself refuses one that names nothing."""
    try:
        return find(call, arn)
    except Refusal:
        return None


@rule("ELB-2", "elbv2", "CreateLoadBalancer", source=API + "API_CreateLoadBalancer.html")
def name(call: Call) -> Refusal | None:
    """At most 32 letters, digits and hyphens; no hyphen at the edges; not internal-."""
    given = call.params["Name"]
    if len(given) > 32:
        return invalid(f"The load balancer name '{given}' cannot be longer than '32' characters")
    if not re.fullmatch(r"[A-Za-z0-9-]+", given):
        return invalid(f"The load balancer name '{given}' can only contain characters that are alphanumeric characters or hyphens(-)")
    if given.startswith("-") or given.endswith("-"):
        return invalid(f"The load balancer name '{given}' cannot begin or end with '-'")
    if given.startswith("internal-"):
        return invalid(f"The load balancer name '{given}' cannot begin with 'internal-'")
    return None


def _kind(call: Call) -> str | None:
    if call.operation == "CreateLoadBalancer":
        return str(call.params.get("Type", "application"))
    found = quiet(store.load_balancer, call, call.params["LoadBalancerArn"])
    return found.type if found else None


@rule("ELB-1", "elbv2", "CreateLoadBalancer", "SetSubnets", source=GUIDE + "application-load-balancers.html#subnets-load-balancer")
def subnets(call: Call) -> Refusal | None:
    """Subnets exist, in one VPC, each in another Availability Zone; an Application Load Balancer has at least two."""
    kind = _kind(call)
    if kind is None:
        return None
    if call.params.get("Subnets") and call.params.get("SubnetMappings"):
        return invalid("You can specify only one of Subnets and SubnetMappings")
    known = {subnet.id: subnet for zone in world.backend("ec2", call).subnets.values() for subnet in zone.values()}
    ids = balancers.subnet_ids(call.params)
    if absent := [subnet for subnet in ids if subnet not in known]:
        return Refusal("SubnetNotFound", f"The subnet ID '{absent[0]}' does not exist")
    found = [known[subnet] for subnet in ids]
    zones = [subnet.availability_zone for subnet in found]
    if len(set(zones)) < len(zones):
        text = "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        return Refusal("InvalidConfigurationRequest", text)
    if len(zones) < (2 if kind == "application" else 1):
        return invalid("At least two subnets in two different Availability Zones must be specified")
    if len({subnet.vpc_id for subnet in found}) > 1:
        return Refusal("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
    return _room(call, found) or _way_out(call, found[0].vpc_id)


def _room(call: Call, found: list[Any]) -> Refusal | None:
    """ELB-2: a subnet is at least a /27 and has eight free addresses."""
    for subnet in found:
        if subnet.cidr.prefixlen > 27 or subnet.available_ip_address_count < 8:
            text = f"Not enough IP space available in {subnet.id}. ELB requires at least 8 free IP addresses in each subnet."
            return Refusal("InvalidSubnet", text)
    return None


def _way_out(call: Call, vpc: str) -> Refusal | None:
    """ELB-2: an internet-facing load balancer needs an internet gateway in its VPC; a default VPC comes with one."""
    if call.operation != "CreateLoadBalancer" or call.params.get("Scheme") == "internal" or call.params.get("Type") == "gateway":
        return None
    ec2 = world.backend("ec2", call)
    attached = [gateway.vpc.id for gateway in ec2.internet_gateways.values() if gateway.vpc]
    if vpc in attached or ec2.get_vpc(vpc).is_default:
        return None
    return Refusal("InvalidSubnet", f"VPC {vpc} has no internet gateway")


@rule("ELB-2", "elbv2", "CreateLoadBalancer", "SetSecurityGroups", source=API + "API_SetSecurityGroups.html")
def security_groups(call: Call) -> Refusal | None:
    """Security groups exist, in the load balancer's VPC."""
    known = {group: vpc for vpc, groups in world.backend("ec2", call).groups.items() for group in groups}
    given = call.params.get("SecurityGroups", [])
    if absent := [group for group in given if group not in known]:
        return Refusal("InvalidSecurityGroup", f"One or more security groups are invalid: '{absent[0]}' does not exist")
    if call.operation == "SetSecurityGroups":
        found = quiet(store.load_balancer, call, call.params["LoadBalancerArn"])
        vpc = found.vpc_id if found else None
    else:
        ids = balancers.subnet_ids(call.params)
        vpc = world.backend("ec2", call).get_subnet(ids[0]).vpc_id if ids else None
    if vpc and any(known[group] != vpc for group in given):
        return Refusal("InvalidConfigurationRequest", "One or more security groups belong to another VPC than the load balancer")
    return None


@rule("ELB-9", "elbv2", "DeleteLoadBalancer", source=GUIDE + "load-balancer-delete.html")
def protected(call: Call) -> Refusal | None:
    """Deletion protection keeps a load balancer."""
    found = quiet(store.load_balancer, call, call.params["LoadBalancerArn"])
    if found is None or found.attrs.get("deletion_protection.enabled") != "true":
        return None
    text = f"Load balancer '{found.arn}' cannot be deleted because deletion protection is enabled"
    return Refusal("OperationNotPermitted", text)


@rule("ELB-5", "elbv2", "ModifyLoadBalancerAttributes", source=API + "API_LoadBalancerAttribute.html")
def attributes(call: Call) -> Refusal | None:
    """Known keys of this kind of load balancer, with values of their kind."""
    found = quiet(store.load_balancer, call, call.params["LoadBalancerArn"])
    if found is None:
        return None
    for pair in call.params["Attributes"]:
        key, value = pair.get("Key", ""), pair.get("Value", "")
        if key not in balancers.ATTRIBUTES[found.type]:
            return invalid(f"Load balancer attribute key '{key}' is not recognized")
        if refusal := value_of(key, value, RANGES, CHOICES):
            return refusal
        if (key, value, found.type) == ("load_balancing.cross_zone.enabled", "false", "application"):
            text = "The value for 'load_balancing.cross_zone.enabled' must always be 'true' for an Application Load Balancer"
            return Refusal("InvalidConfigurationRequest", text)
    return None


def value_of(key: str, value: str, ranges: dict[str, tuple[int, int]], choices: dict[str, tuple[str, ...]]) -> Refusal | None:
    """Refuse an attribute's value that is not of its kind: a switch, a number in a range, one of several words."""
    switch = key.endswith(".enabled") or key == "ipv6.deny_all_igw_traffic"
    if switch and key != "load_balancing.cross_zone.enabled" and value not in ("true", "false"):
        return invalid(f"'{key}' must be one of [true, false]")
    if key in ranges:
        low, high = ranges[key]
        if not re.fullmatch(r"\d+", value) or not low <= int(value) <= high:
            return invalid(f"'{key}' value '{value}' must be between '{low}-{high}' inclusive")
    if key in choices and value not in choices[key]:
        return invalid(f"'{value}' must be one of [{', '.join(choices[key])}]")
    return None


@rule("ELB-10", "elbv2", "ModifyLoadBalancerAttributes", source=GUIDE + "enable-access-logging.html")
def logs(call: Call) -> Refusal | None:
    """Logs need a bucket whose policy lets Elastic Load Balancing write into it."""
    found = quiet(store.load_balancer, call, call.params["LoadBalancerArn"])
    if found is None:
        return None
    after = {**found.attrs, **{pair["Key"]: pair.get("Value", "") for pair in call.params["Attributes"]}}
    for kind in ("access_logs", "connection_logs", "health_check_logs"):
        if after.get(f"{kind}.s3.enabled") != "true":
            continue
        bucket, prefix = after.get(f"{kind}.s3.bucket", ""), after.get(f"{kind}.s3.prefix", "")
        if not bucket:
            text = f"The key '{kind}.s3.bucket' must be set in order to enable {kind.replace('_', ' ')}"
            return Refusal("InvalidConfigurationRequest", text)
        if not _may_write(call, bucket, prefix):
            text = f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
            return Refusal("InvalidConfigurationRequest", text)
    return None


def _may_write(call: Call, bucket: str, prefix: str) -> bool:
    """Whether one of those that deliver logs, ELB's service principals or its own account in this Region, may write an object."""
    found = world.backend("s3", call).buckets.get(bucket)
    if found is None or not found.policy:
        return False
    wanted = f"arn:aws:s3:::{bucket}/{prefix.strip('/') + '/' if prefix else ''}AWSLogs/{call.account}/elasticloadbalancing/log.gz"
    account = ACCOUNTS.get(call.region, "")
    source = {"aws:sourcearn": call.params["LoadBalancerArn"], "aws:sourceaccount": call.account}
    known = {**source, "s3:x-amz-acl": "bucket-owner-full-control"}
    who = [Principal(service=name) for name in (DELIVERY, "delivery.logs.amazonaws.com")]
    who += [Principal(arn=f"arn:aws:iam::{account}:root", account=account)] if account else []
    policy = authority.text(found.policy)
    return any(authority.admits(policy, each, "s3:PutObject", wanted, known) for each in who)


@rule(
    "ELB-2", "elbv2", "CreateLoadBalancer", "CreateTargetGroup", "CreateListener", "CreateRule", "AddTags", source=API + "API_AddTags.html"
)
def tags(call: Call) -> Refusal | None:
    """At most fifty tags on a resource, each with a key of its own, none of AWS's."""
    given = [tag["Key"] for tag in call.params.get("Tags", [])]
    if len(set(given)) < len(given):
        double = next(key for key in given if given.count(key) > 1)
        return Refusal("DuplicateTagKeys", f"Tag key was specified more than once: {double}")
    if any(key.lower().startswith("aws:") for key in given):
        return invalid("aws: prefixed tag key names are not allowed for external use.")
    for arn in call.params.get("ResourceArns", [""]):
        present = store.tags(call).get_tag_dict_for_resource(arn) if arn else {}
        if len({*present, *given}) > 50:
            return Refusal("TooManyTags", "The quota for the number of tags that can be assigned to a load balancer has been reached")
    return None


@rule("ELB-2", "elbv2", "DescribeTags", "AddTags", "RemoveTags", source=API + "API_DescribeTags.html")
def many(call: Call) -> Refusal | None:
    """Twenty resources at a time."""
    if not call.params["ResourceArns"]:
        return invalid("Resource ARNs must be specified")
    return invalid("Cannot specify more than 20 resource ARNs") if len(call.params["ResourceArns"]) > 20 else None


# Describe operations: the ways to choose, of which one at most (False) or exactly one (True) may be used.
CHOOSE: dict[str, tuple[bool, tuple[str, ...], str]] = {
    "DescribeLoadBalancers": (False, ("LoadBalancerArns", "Names"), "Load balancer names and load balancer ARNs"),
    "DescribeTargetGroups": (
        False,
        ("LoadBalancerArn", "TargetGroupArns", "Names"),
        "Target group names, target group ARNs, and a load balancer ARN",
    ),
    "DescribeListeners": (True, ("LoadBalancerArn", "ListenerArns"), "listener ARNs or a load balancer ARN"),
    "DescribeRules": (True, ("ListenerArn", "RuleArns"), "listener rule ARNs or a listener ARN"),
}


@rule("ELB-2", "elbv2", *CHOOSE, source=API + "API_DescribeListeners.html")
def chosen(call: Call) -> Refusal | None:
    """One way to choose at a time."""
    needed, members, text = CHOOSE[call.operation]
    used = [member for member in members if call.params.get(member)]
    if len(used) > 1:
        return invalid(f"{text[0].upper()}{text[1:]} cannot be specified at the same time")
    return invalid(f"You must specify either {text}") if needed and not used else None
