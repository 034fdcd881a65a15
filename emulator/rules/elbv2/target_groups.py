"""What Elastic Load Balancing refuses of target groups and targets."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ... import world
from ...registry import rule
from ...services.elbv2 import store, target_groups
from ...wire import Call, Refusal
from .load_balancers import API, GUIDE, invalid, quiet, value_of

SOURCE = API + "API_CreateTargetGroup.html"
BOTH = ("CreateTargetGroup", "ModifyTargetGroup")
FAMILY = {"HTTP": "application", "HTTPS": "application", "GENEVE": "gateway"}
EXTRA = {"gateway": {"target_failover.on_deregistration", "target_failover.on_unhealthy"}}
RANGES = {
    "deregistration_delay.timeout_seconds": (0, 3600),
    "stickiness.lb_cookie.duration_seconds": (1, 604800),
    "stickiness.app_cookie.duration_seconds": (1, 604800),
    "target_health_state.unhealthy.draining_interval_seconds": (0, 360000),
}
CHOICES = {
    "load_balancing.algorithm.type": ("round_robin", "least_outstanding_requests", "weighted_random"),
    "load_balancing.algorithm.anomaly_mitigation": ("on", "off"),
    "load_balancing.cross_zone.enabled": ("true", "false", "use_load_balancer_configuration"),
}
VERSIONS = ("GRPC", "HTTP1", "HTTP2")
STICKINESS = {
    "application": ("lb_cookie", "app_cookie"),
    "network": ("source_ip",),
    "gateway": ("source_ip_dest_ip", "source_ip_dest_ip_proto"),
}


@rule("ELB-3", "elbv2", "CreateTargetGroup", source=SOURCE)
def name(call: Call) -> Refusal | None:
    """At most 32 letters, digits and hyphens, no hyphen at the edges."""
    given = call.params["Name"]
    if len(given) > 32:
        return invalid(f"Target group name '{given}' cannot be longer than '32' characters")
    if not re.fullmatch(r"[A-Za-z0-9-]+", given):
        return invalid(f"Target group name '{given}' can only contain characters that are alphanumeric characters or hyphens(-)")
    if given.startswith("-") or given.endswith("-"):
        return invalid(f"Target group name '{given}' cannot begin or end with '-'")
    return None


@rule("ELB-3", "elbv2", "CreateTargetGroup", source=SOURCE)
def needed(call: Call) -> Refusal | None:
    """Protocol, port and VPC for every kind of target but functions, which have none of them."""
    params, kind = call.params, call.params.get("TargetType", "instance")
    for member, text in (("Protocol", "protocol"), ("Port", "port"), ("VpcId", "VPC ID")):
        if kind == "lambda" and params.get(member) is not None:
            return invalid(f"A {text} cannot be specified for target groups with target type 'lambda'")
        if kind != "lambda" and params.get(member) is None:
            return invalid(f"A {text} must be specified")
    vpc = params.get("VpcId")
    if vpc and vpc not in world.backend("ec2", call).vpcs:
        return invalid(f"The VPC ID '{vpc}' is not found")
    return _version(params)


def _version(params: dict[str, Any]) -> Refusal | None:
    version = params.get("ProtocolVersion")
    if version and params.get("Protocol") not in target_groups.HTTP:
        return invalid(f"You cannot specify a protocol version for a target group with the {params.get('Protocol')} protocol")
    if version and version not in VERSIONS:  # Terraform sends an empty one when none is declared
        return invalid(f"Protocol version '{version}' must be one of '{', '.join(VERSIONS)}'")
    return None


def _after(call: Call) -> dict[str, Any] | None:
    """The health check as it would be, with Protocol and TargetType of the group."""
    params = call.params
    if call.operation == "CreateTargetGroup":
        return {**target_groups.check_defaults(params), **params}
    group = quiet(store.target_group, call, params["TargetGroupArn"])
    if group is None:
        return None
    before = {member: getattr(group, attribute) for member, attribute in target_groups.CHECK.items()}
    return {**before, **params, "Protocol": group.protocol, "TargetType": group.target_type}


@rule("ELB-4", "elbv2", *BOTH, source=GUIDE + "target-group-health-checks.html")
def health_check(call: Call) -> Refusal | None:
    """The timeout is smaller than the interval, HTTP groups are checked over HTTP, only functions go unchecked."""
    after = _after(call)
    if after is None:
        return None
    protocol, kind = after.get("Protocol"), after.get("TargetType", "instance")
    timeout, interval = after.get("HealthCheckTimeoutSeconds"), after.get("HealthCheckIntervalSeconds")
    if protocol in target_groups.HTTP and timeout is not None and interval is not None and timeout >= interval:
        return invalid(f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'")
    if timeout is not None and interval is not None and timeout > interval:
        return invalid(f"Health check timeout '{timeout}' must be smaller than or equal to the interval '{interval}'")
    if kind != "lambda" and after.get("HealthCheckEnabled") is False:
        return invalid(f"Health check enabled must be true for target groups with target type '{kind}'")
    checked_by = after.get("HealthCheckProtocol")
    if protocol in target_groups.HTTP and checked_by not in target_groups.HTTP:
        return invalid(f"Health check protocol '{checked_by}' must be one of 'HTTP, HTTPS' for target groups with the {protocol} protocol")
    if checked_by not in (*target_groups.HTTP, "TCP", None):
        return invalid(f"Health check protocol '{checked_by}' must be one of 'HTTP, HTTPS, TCP'")
    return _asked(call.params, protocol)


def _asked(params: dict[str, Any], protocol: str | None) -> Refusal | None:
    path, port = params.get("HealthCheckPath"), params.get("HealthCheckPort")
    if path is not None and not path.startswith("/"):
        return invalid(f"Health check path '{path}' must begin with a '/' character")
    if port is not None and port != "traffic-port" and not (port.isdigit() and 1 <= int(port) <= 65535):
        return invalid(f"Health check port '{port}' must be 'traffic-port' or in the range '1-65535'")
    codes = params.get("Matcher", {}).get("HttpCode")
    if codes is None:
        return None
    if not re.fullmatch(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*", codes):
        return invalid(f"Health check matcher HTTP code '{codes}' must be a value, a list of values or a range")
    top = 499 if protocol in target_groups.HTTP else 599
    if any(not 200 <= int(code) <= top for code in re.findall(r"\d{3}", codes)):
        return invalid(f"Health check matcher HTTP code '{codes}' must be within '200-{top}' inclusive")
    return None


def _family(group: Any) -> str:
    return "lambda" if group.target_type == "lambda" else FAMILY.get(group.protocol, "network")


@rule("ELB-5", "elbv2", "ModifyTargetGroupAttributes", source=API + "API_TargetGroupAttribute.html")
def attributes(call: Call) -> Refusal | None:
    """Known keys of this kind of group, with values of their kind."""
    group = quiet(store.target_group, call, call.params["TargetGroupArn"])
    if group is None:
        return None
    family = _family(group)
    known = {*target_groups.default_attributes(group.target_type, group.protocol), *EXTRA.get(family, ())}
    for pair in call.params["Attributes"]:
        key, value = pair.get("Key", ""), pair.get("Value", "")
        if key not in known:
            return invalid(f"Target group attribute key '{key}' is not recognized")
        if refusal := value_of(key, value, RANGES, CHOICES):
            return refusal
        if key == "slow_start.duration_seconds" and not (value.isdigit() and (value == "0" or 30 <= int(value) <= 900)):
            return invalid(f"'{key}' value '{value}' must be 0, or between '30-900' inclusive")
        if key == "stickiness.type" and value not in STICKINESS.get(family, (value,)):
            text = f"Stickiness type '{value}' is not supported for target groups with the {group.protocol} protocol"
            return Refusal("InvalidConfigurationRequest", text)
    return _together({**group.attributes, **{pair.get("Key", ""): pair.get("Value", "") for pair in call.params["Attributes"]}})


def _together(after: dict[str, str]) -> Refusal | None:
    """What does not go together: slow start and another algorithm than round robin, an application's cookie without its name."""
    algorithm = after.get("load_balancing.algorithm.type", "round_robin")
    if after.get("slow_start.duration_seconds", "0") != "0" and algorithm != "round_robin":
        return Refusal("InvalidConfigurationRequest", f"Slow start mode cannot be used with the '{algorithm}' algorithm")
    if (after.get("stickiness.enabled"), after.get("stickiness.type")) == ("true", "app_cookie"):
        cookie = after.get("stickiness.app_cookie.cookie_name", "")
        if not cookie or cookie.startswith("AWSALB"):
            return Refusal(
                "InvalidConfigurationRequest", "Application-based stickiness needs a cookie name that does not begin with AWSALB"
            )
    return None


@rule("ELB-9", "elbv2", "DeleteTargetGroup", source=API + "API_DeleteTargetGroup.html")
def in_use(call: Call) -> Refusal | None:
    """A listener or a rule keeps its target groups, also those with weight 0."""
    arn = call.params["TargetGroupArn"]
    if not store.users(call, arn):
        return None
    return Refusal("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")


@rule("ELB-6", "elbv2", "RegisterTargets", source=API + "API_RegisterTargets.html")
def targets(call: Call) -> Refusal | None:
    """An address is one of the VPC (or a private one of everywhere), an instance is one that runs here."""
    group = quiet(store.target_group, call, call.params["TargetGroupArn"])
    if group is None:
        return None
    if not call.params["Targets"]:
        return invalid("At least one target must be specified")
    for target in call.params["Targets"]:
        if group.target_type == "ip" and (refusal := _address(call, group, target)):
            return refusal
        if group.target_type == "instance" and world.backend("ec2", call).get_instance_by_id(target["Id"]) is None:
            return Refusal("InvalidTarget", f"The following targets do not exist, or are in another VPC: '{target['Id']}'")
    return None


def _address(call: Call, group: Any, target: dict[str, Any]) -> Refusal | None:
    try:
        address = ipaddress.ip_address(target["Id"])
    except ValueError:
        return invalid(f"The IP address '{target['Id']}' is not a valid IPv4 address")
    backend, zone = world.backend("ec2", call), target.get("AvailabilityZone")
    if zone not in (None, "all", *(each.name for each in backend.describe_availability_zones())):
        return invalid(f"'{zone}' is not a valid Availability Zone")
    vpc = backend.vpcs[group.vpc_id]
    blocks = [vpc.cidr_block, *(entry["cidr_block"] for entry in vpc.get_cidr_block_association_set())]
    if any(address in ipaddress.ip_network(block) for block in blocks):
        return None
    if target.get("AvailabilityZone") == "all" and address.is_private:
        return None
    return Refusal("InvalidTarget", f"The IP address '{address}' is outside the VPC of the target group; AvailabilityZone must be 'all'")
