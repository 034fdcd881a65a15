"""Target groups. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""

from __future__ import annotations

from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import shapes, store

HTTP = ("HTTP", "HTTPS")
# Members of a target group's health check: AWS's name → moto's.
CHECK = {
    "HealthCheckProtocol": "health_check_protocol",
    "HealthCheckPort": "health_check_port",
    "HealthCheckEnabled": "health_check_enabled",
    "HealthCheckIntervalSeconds": "health_check_interval_seconds",
    "HealthCheckTimeoutSeconds": "health_check_timeout_seconds",
    "HealthyThresholdCount": "healthy_threshold_count",
    "UnhealthyThresholdCount": "unhealthy_threshold_count",
    "HealthCheckPath": "health_check_path",
    "Matcher": "matcher",
}
ATTRIBUTES = {
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "stickiness.enabled": "false",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
COOKIES = {
    "stickiness.type": "lb_cookie",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
}
APPLICATION = {
    **ATTRIBUTES,
    **COOKIES,
    "deregistration_delay.timeout_seconds": "300",
    "slow_start.duration_seconds": "0",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.algorithm.anomaly_mitigation": "off",
}
NETWORK = {
    **ATTRIBUTES,
    "deregistration_delay.timeout_seconds": "300",
    "deregistration_delay.connection_termination.enabled": "false",
    "preserve_client_ip.enabled": "false",
    "proxy_protocol_v2.enabled": "false",
    "stickiness.type": "source_ip",
    "target_health_state.unhealthy.connection_termination.enabled": "true",
    "target_health_state.unhealthy.draining_interval_seconds": "0",
}


def default_attributes(target_type: str, protocol: str | None) -> dict[str, str]:
    if target_type == "lambda":
        return {"lambda.multi_value_headers.enabled": "false", **ATTRIBUTES, **COOKIES}
    if protocol in HTTP:
        return dict(APPLICATION)
    by_target = target_type == "instance" or protocol in ("UDP", "TCP_UDP")
    return {**NETWORK, "preserve_client_ip.enabled": "true" if by_target else "false"}


def check_defaults(params: dict[str, Any]) -> dict[str, Any]:
    """The health check that AWS gives a group of this kind when nothing is said."""
    protocol, kind = params.get("Protocol"), params.get("TargetType", "instance")
    grpc = params.get("ProtocolVersion") == "GRPC"
    defaults: dict[str, Any] = {
        "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": 30,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
    }
    if kind == "lambda":
        off = {"HealthCheckEnabled": False, "HealthCheckIntervalSeconds": 35, "HealthCheckTimeoutSeconds": 30}
        return {**defaults, **off, "HealthCheckPath": "/", "Matcher": {"HttpCode": "200"}}
    checked_by = params.get("HealthCheckProtocol") or (protocol if protocol in HTTP else "HTTP" if kind == "alb" else "TCP")
    defaults.update({"HealthCheckProtocol": checked_by, "HealthCheckPort": "traffic-port"})
    if checked_by not in HTTP:
        return {**defaults, "HealthCheckTimeoutSeconds": 10}
    by_application = protocol in HTTP
    matcher = {"GrpcCode": "12"} if grpc else {"HttpCode": "200" if by_application else "200-399"}
    path = "/AWS.ALB/healthcheck" if grpc else "/"
    return {**defaults, "HealthCheckTimeoutSeconds": 5 if by_application else 6, "HealthCheckPath": path, "Matcher": matcher}


@operation("elbv2", "CreateTargetGroup")
def create_target_group(call: Call) -> dict[str, Any]:
    """Creating the same target group again answers with the one that is there."""
    params = call.params
    made = _made(call)
    for present in store.backend(call).target_groups.values():
        if present.name == made.name:
            if _settings(present) == _settings(made):
                return {"TargetGroups": [shapes.target_group(call, present)]}
            raise Refusal(
                "DuplicateTargetGroupName", f"A target group with the same name '{made.name}' exists, but with different settings"
            )
    store.backend(call).target_groups[made.arn] = made
    store.tags(call).tag_resource(made.arn, params.get("Tags", []))
    return {"TargetGroups": [shapes.target_group(call, made)]}


def _made(call: Call) -> Any:
    params, kind = call.params, call.params.get("TargetType", "instance")
    protocol = params.get("Protocol")
    group = store.TargetGroup(
        name=params["Name"],
        account_id=call.account,
        region_name=call.region,
        vpc_id=params.get("VpcId", ""),
        protocol=protocol or "",
        port=params.get("Port", ""),
        target_type=kind,
    )
    group.vpc_id = params.get("VpcId")
    group.port, group.protocol = params.get("Port"), protocol
    group.protocol_version = (params.get("ProtocolVersion") or "HTTP1") if protocol in HTTP else None
    group.ip_address_type = params.get("IpAddressType", "ipv4")
    group.matcher = None
    for member, attribute in CHECK.items():
        given = params.get(member)
        setattr(group, attribute, check_defaults(params).get(member) if given is None else given)
    group.attributes = dict(default_attributes(kind, protocol))
    return group


def _settings(group: Any) -> list[Any]:
    fixed = [group.protocol, group.port, group.vpc_id, group.target_type, group.protocol_version, group.ip_address_type]
    return fixed + [getattr(group, attribute) for attribute in CHECK.values()]


@operation("elbv2", "DescribeTargetGroups")
def describe_target_groups(call: Call) -> dict[str, Any]:
    groups = list(store.backend(call).target_groups.values())
    if arns := call.params.get("TargetGroupArns"):
        groups = [store.target_group(call, arn) for arn in arns]
    elif names := call.params.get("Names"):
        if not set(names) <= {group.name for group in groups}:
            raise Refusal("TargetGroupNotFound", "One or more target groups not found")
        groups = [group for group in groups if group.name in names]
    elif balancer := call.params.get("LoadBalancerArn"):
        store.load_balancer(call, balancer)
        groups = [group for group in groups if balancer in store.users(call, group.arn)]
    groups.sort(key=lambda group: group.name)
    return store.page(call, groups, "TargetGroups", lambda group: shapes.target_group(call, group))


@operation("elbv2", "ModifyTargetGroup")
def modify_target_group(call: Call) -> dict[str, Any]:
    """Only the health check of a target group can be changed (ELB-3)."""
    group = store.target_group(call, call.params["TargetGroupArn"])
    for member, attribute in CHECK.items():
        if call.params.get(member) is not None:
            setattr(group, attribute, call.params[member])
    return {"TargetGroups": [shapes.target_group(call, group)]}


@operation("elbv2", "DeleteTargetGroup")
def delete_target_group(call: Call) -> dict[str, Any]:
    """Deleting an absent target group is no error."""
    arn = call.params["TargetGroupArn"]
    store.well_formed("target group", arn)
    store.backend(call).target_groups.pop(arn, None)
    store.tags(call).delete_all_tags_for_resource(arn)
    return {}


def _pairs(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in attributes.items()]


@operation("elbv2", "DescribeTargetGroupAttributes")
def describe_target_group_attributes(call: Call) -> dict[str, Any]:
    return {"Attributes": _pairs(store.target_group(call, call.params["TargetGroupArn"]).attributes)}


@operation("elbv2", "ModifyTargetGroupAttributes")
def modify_target_group_attributes(call: Call) -> dict[str, Any]:
    group = store.target_group(call, call.params["TargetGroupArn"])
    group.attributes.update({pair["Key"]: pair.get("Value", "") for pair in call.params["Attributes"]})
    return {"Attributes": _pairs(group.attributes)}
