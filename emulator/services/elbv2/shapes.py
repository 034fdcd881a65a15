"""moto's objects in the shapes in which Elastic Load Balancing answers, and actions as AWS completes them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ...wire import Call
from . import store

REDIRECT = {"Protocol": "#{protocol}", "Port": "#{port}", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}


def action(given: dict[str, Any]) -> dict[str, Any]:
    """An action as AWS answers it: one target group stands in TargetGroupArn and in ForwardConfig, several only in the latter."""
    result = deepcopy(given)
    if given["Type"] == "forward":
        config = result.setdefault("ForwardConfig", {})
        groups = config.get("TargetGroups") or [{"TargetGroupArn": given["TargetGroupArn"]}]
        config["TargetGroups"] = [{"Weight": 1, **group} for group in groups]
        config.setdefault("TargetGroupStickinessConfig", {"Enabled": False})
        if len(groups) == 1:
            result["TargetGroupArn"] = groups[0]["TargetGroupArn"]
    if given["Type"] == "redirect":
        result["RedirectConfig"] = {**REDIRECT, **given["RedirectConfig"]}
    if "AuthenticateOidcConfig" in result:
        result["AuthenticateOidcConfig"].pop("ClientSecret", None)
    return result


def condition(given: dict[str, Any]) -> dict[str, Any]:
    """A condition as AWS answers it: host-header and path-pattern have their values in both places."""
    result = deepcopy(given)
    config = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig"}.get(given.get("Field", ""))
    if config:
        values = given.get("Values") or given.get(config, {}).get("Values", [])
        if values:
            result.update({"Values": values, config: {"Values": values}})
    return result


def load_balancer(balancer: Any) -> dict[str, Any]:
    shape = {
        "LoadBalancerArn": balancer.arn,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": balancer.canonical_hosted_zone_id,
        "CreatedTime": balancer.created_time,
        "LoadBalancerName": balancer.name,
        "Scheme": balancer.scheme,
        "VpcId": balancer.vpc_id,
        "State": {"Code": balancer.state},
        "Type": balancer.type,
        "AvailabilityZones": zones(balancer.subnets),
        "IpAddressType": balancer.ip_address_type,
    }
    if balancer.security_groups:
        shape["SecurityGroups"] = list(balancer.security_groups)
    return shape


def zones(subnets: list[Any]) -> list[dict[str, Any]]:
    return [{"ZoneName": subnet.availability_zone, "SubnetId": subnet.id, "LoadBalancerAddresses": []} for subnet in subnets]


def target_group(call: Call, group: Any) -> dict[str, Any]:
    shape = {
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": group.protocol,
        "Port": group.port,
        "VpcId": group.vpc_id,
        "HealthCheckProtocol": group.health_check_protocol,
        "HealthCheckPort": group.health_check_port,
        "HealthCheckEnabled": group.health_check_enabled,
        "HealthCheckIntervalSeconds": group.health_check_interval_seconds,
        "HealthCheckTimeoutSeconds": group.health_check_timeout_seconds,
        "HealthyThresholdCount": group.healthy_threshold_count,
        "UnhealthyThresholdCount": group.unhealthy_threshold_count,
        "HealthCheckPath": group.health_check_path,
        "Matcher": group.matcher,
        "LoadBalancerArns": store.users(call, group.arn),
        "TargetType": group.target_type,
        "ProtocolVersion": group.protocol_version,
        "IpAddressType": group.ip_address_type,
    }
    return {name: value for name, value in shape.items() if value is not None}


def listener(found: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "ListenerArn": found.arn,
        "LoadBalancerArn": found.load_balancer_arn,
        "Port": found.port,
        "Protocol": found.protocol,
        "DefaultActions": [entry.data for entry in found.default_actions],
    }
    if found.certificates:
        shape["Certificates"] = [{"CertificateArn": found.certificates[0]}]
        shape["SslPolicy"] = found.ssl_policy
    if found.protocol == "HTTPS":
        shape["MutualAuthentication"] = {"Mode": "off"}
    if found.alpn_policy:
        shape["AlpnPolicy"] = found.alpn_policy
    return shape


def rule(found: Any) -> dict[str, Any]:
    return {
        "RuleArn": found.arn,
        "Priority": str(found.priority),
        "Conditions": found.conditions,
        "Actions": [entry.data for entry in found.actions],
        "IsDefault": found.is_default,
    }
