"""Load balancers. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html"""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import shapes, store, targets

# How long AWS takes, in seconds: until a new load balancer serves, and until a deleted one has let go of its interfaces.
PROVISIONING = 120.0
LINGERING = 60.0
HOSTED_ZONES = {
    "us-east-1": ("Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"),
    "us-east-2": ("Z3AADJGX6KTTL2", "ZLMOA37VPKANP"),
    "us-west-1": ("Z368ELLRRE2KJ0", "Z24FKFUX50B4VW"),
    "us-west-2": ("Z1H1FL5HABSF5", "Z18D5FSROUN65G"),
    "eu-central-1": ("Z215JYRZR1TBD5", "Z3F0SRJ5LGBH90"),
    "eu-west-1": ("Z32O12XQLNTSW2", "Z2IFOLAFXWLO4F"),
    "eu-west-2": ("ZHURV8PSTC4K8", "ZD4D7Y8KGAS4G"),
    "eu-west-3": ("Z3Q77PNBQS71R4", "Z1CMS0P5QUZ6D5"),
    "eu-north-1": ("Z23TAZ6LKFMNIO", "Z1UDT6IFJ4EJM"),
    "ap-northeast-1": ("Z14GRHDCWA56QT", "Z31USIVHYNEOWT"),
    "ap-southeast-1": ("Z1LMS91P8CMLE5", "ZKVM4W9LS7TM"),
    "ap-southeast-2": ("Z1GM3OXH4ZPM65", "ZCT6FZBF4DROD"),
}
LOGS = {f"{name}.s3.{key}": value for name in ("access_logs",) for key, value in (("enabled", "false"), ("bucket", ""), ("prefix", ""))}
COMMON = {
    **LOGS,
    "deletion_protection.enabled": "false",
    "ipv6.deny_all_igw_traffic": "false",
    "zonal_shift.config.enabled": "false",
}
ATTRIBUTES: dict[str, dict[str, str]] = {
    "application": {
        **COMMON,
        "load_balancing.cross_zone.enabled": "true",
        "client_keep_alive.seconds": "3600",
        "connection_logs.s3.enabled": "false",
        "connection_logs.s3.bucket": "",
        "connection_logs.s3.prefix": "",
        "health_check_logs.s3.enabled": "false",
        "health_check_logs.s3.bucket": "",
        "health_check_logs.s3.prefix": "",
        "idle_timeout.timeout_seconds": "60",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
        "waf.fail_open.enabled": "false",
    },
    "network": {
        **COMMON,
        "dns_record.client_routing_policy": "any_availability_zone",
        "load_balancing.cross_zone.enabled": "false",
        "secondary_ips.auto_assigned.per_subnet": "0",
    },
    "gateway": {"deletion_protection.enabled": "false", "load_balancing.cross_zone.enabled": "false"},
}


def subnet_ids(params: dict[str, Any]) -> list[str]:
    return params.get("Subnets") or [mapping["SubnetId"] for mapping in params.get("SubnetMappings", [])]


def _subnets(call: Call) -> list[Any]:
    return [world.backend("ec2", call).get_subnet(subnet) for subnet in subnet_ids(call.params)]


def _default_security_group(call: Call, vpc: str) -> list[str]:
    groups = world.backend("ec2", call).groups[vpc].values()
    return [group.id for group in groups if group.name == "default"]


def _settings(call: Call) -> dict[str, Any]:
    """What distinguishes one load balancer from another of the same name."""
    params, subnets = call.params, _subnets(call)
    kind = params.get("Type", "application")
    security_groups = params.get("SecurityGroups", [])
    if kind == "application" and not security_groups:
        security_groups = _default_security_group(call, subnets[0].vpc_id)
    return {
        "subnets": subnets,
        "security_groups": security_groups,
        "scheme": params.get("Scheme", "internet-facing"),
        "loadbalancer_type": kind,
        "ip_address_type": params.get("IpAddressType", "ipv4"),
    }


def _same(balancer: Any, settings: dict[str, Any]) -> bool:
    return bool(
        {subnet.id for subnet in balancer.subnets} == {subnet.id for subnet in settings["subnets"]}
        and set(balancer.security_groups) == set(settings["security_groups"])
        and (balancer.scheme, balancer.type, balancer.ip_address_type)
        == (settings["scheme"], settings["loadbalancer_type"], settings["ip_address_type"])
    )


@operation("elbv2", "CreateLoadBalancer")
def create_load_balancer(call: Call) -> dict[str, Any]:
    """Creating the same load balancer again answers with the one that is there."""
    name, settings = call.params["Name"], _settings(call)
    for present in store.backend(call).load_balancers.values():
        if present.name == name:
            if _same(present, settings):
                return {"LoadBalancers": [shapes.load_balancer(present)]}
            raise Refusal("DuplicateLoadBalancerName", f"A load balancer with the same name '{name}' exists, but with different settings")
    balancer = _made(call, name, settings)
    store.backend(call).load_balancers[balancer.arn] = balancer
    store.tags(call).tag_resource(balancer.arn, call.params.get("Tags", []))
    _attach(call, balancer, balancer.subnets)
    with suppress(Refusal):
        world.aws(call, "iam", "CreateServiceLinkedRole", AWSServiceName="elasticloadbalancing.amazonaws.com")
    world.clock.after(PROVISIONING, lambda: _activate(balancer))
    return {"LoadBalancers": [shapes.load_balancer(balancer)]}


def _made(call: Call, name: str, settings: dict[str, Any]) -> Any:
    kind, number = settings["loadbalancer_type"], secrets.token_hex(8)
    path = {"application": "app", "network": "net", "gateway": "gwy"}[kind]
    host = f"{name}-{number}.elb.{call.region}" if kind == "network" else f"{name}-{int(number, 16) % 10**10}.{call.region}.elb"
    balancer = store.LoadBalancer(
        name=name,
        vpc_id=settings["subnets"][0].vpc_id,
        arn=call.arn("elasticloadbalancing", f"loadbalancer/{path}/{name}/{number}"),
        dns_name=("internal-" if settings["scheme"] == "internal" else "") + f"{host}.amazonaws.com",
        state="provisioning",
        **settings,
    )
    balancer.created_time = world.clock.utc()
    balancer.canonical_hosted_zone_id = HOSTED_ZONES.get(call.region, HOSTED_ZONES["eu-west-1"])[kind == "network"]
    balancer.attrs = dict(ATTRIBUTES[kind])
    balancer.interfaces = {}
    balancer.zones = {subnet.availability_zone: 0.0 for subnet in balancer.subnets}
    return balancer


def _activate(balancer: Any) -> None:
    balancer.state = "active"
    balancer.active_since = world.clock.now()


def _attach(call: Call, balancer: Any, subnets: list[Any]) -> None:
    """A network interface in each subnet: it keeps subnet and security groups from being deleted."""
    description = "ELB " + balancer.arn.split("loadbalancer/", 1)[1]
    for subnet in subnets:
        answer = world.aws(
            call, "ec2", "CreateNetworkInterface", SubnetId=subnet.id, Groups=balancer.security_groups, Description=description
        )
        identifier = balancer.interfaces[subnet.id] = answer["NetworkInterface"]["NetworkInterfaceId"]
        interface = world.backend("ec2", call).enis[identifier]
        interface.requester_managed, interface.requester_id, interface.status = True, "amazon-elb", "in-use"


def _detach(call: Call, balancer: Any, gone: list[str]) -> None:
    """Interfaces outlive what they served by about a minute (ELB-9)."""
    interfaces = [balancer.interfaces.pop(subnet) for subnet in gone if subnet in balancer.interfaces]

    def delete() -> None:
        for interface in interfaces:
            with suppress(Refusal):
                world.aws(call, "ec2", "DeleteNetworkInterface", NetworkInterfaceId=interface)

    world.clock.after(LINGERING, delete)


@operation("elbv2", "DescribeLoadBalancers")
def describe_load_balancers(call: Call) -> dict[str, Any]:
    balancers = list(store.backend(call).load_balancers.values())
    if arns := call.params.get("LoadBalancerArns"):
        balancers = [store.load_balancer(call, arn) for arn in arns]
    elif names := call.params.get("Names"):
        absent = [name for name in names if name not in {balancer.name for balancer in balancers}]
        if absent:
            raise Refusal("LoadBalancerNotFound", f"Load balancers '[{', '.join(absent)}]' not found")
        balancers = [balancer for balancer in balancers if balancer.name in names]
    return store.page(call, balancers, "LoadBalancers", shapes.load_balancer)


@operation("elbv2", "DeleteLoadBalancer")
def delete_load_balancer(call: Call) -> dict[str, Any]:
    """Its listeners and rules go with it and its target groups are free; deleting an absent one is no error."""
    arn = call.params["LoadBalancerArn"]
    store.well_formed("load balancer", arn)
    balancer = store.backend(call).load_balancers.pop(arn, None)
    if balancer is None:
        return {}
    for listener in balancer.listeners.values():
        for found in (listener, *listener.rules.values()):
            store.tags(call).delete_all_tags_for_resource(found.arn)
    store.tags(call).delete_all_tags_for_resource(arn)
    _detach(call, balancer, list(balancer.interfaces))
    targets.notice(call)
    return {}


def _pairs(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in attributes.items()]


@operation("elbv2", "DescribeLoadBalancerAttributes")
def describe_load_balancer_attributes(call: Call) -> dict[str, Any]:
    return {"Attributes": _pairs(store.load_balancer(call, call.params["LoadBalancerArn"]).attrs)}


@operation("elbv2", "ModifyLoadBalancerAttributes")
def modify_load_balancer_attributes(call: Call) -> dict[str, Any]:
    balancer = store.load_balancer(call, call.params["LoadBalancerArn"])
    balancer.attrs.update({pair["Key"]: pair.get("Value", "") for pair in call.params["Attributes"]})
    return {"Attributes": _pairs(balancer.attrs)}


@operation("elbv2", "SetSubnets")
def set_subnets(call: Call) -> dict[str, Any]:
    balancer = store.load_balancer(call, call.params["LoadBalancerArn"])
    before, after = {subnet.id for subnet in balancer.subnets}, _subnets(call)
    balancer.subnets = after
    balancer.zones = {subnet.availability_zone: balancer.zones.get(subnet.availability_zone, world.clock.now()) for subnet in after}
    balancer.ip_address_type = call.params.get("IpAddressType", balancer.ip_address_type)
    _attach(call, balancer, [subnet for subnet in after if subnet.id not in before])
    _detach(call, balancer, [subnet for subnet in before if subnet not in {found.id for found in after}])
    return {"AvailabilityZones": shapes.zones(after), "IpAddressType": balancer.ip_address_type}


@operation("elbv2", "SetSecurityGroups")
def set_security_groups(call: Call) -> dict[str, Any]:
    balancer = store.load_balancer(call, call.params["LoadBalancerArn"])
    balancer.security_groups = call.params["SecurityGroups"]
    for interface in balancer.interfaces.values():
        world.aws(call, "ec2", "ModifyNetworkInterfaceAttribute", NetworkInterfaceId=interface, Groups=balancer.security_groups)
    return {"SecurityGroupIds": balancer.security_groups}


@operation("elbv2", "SetIpAddressType")
def set_ip_address_type(call: Call) -> dict[str, Any]:
    balancer = store.load_balancer(call, call.params["LoadBalancerArn"])
    balancer.ip_address_type = call.params["IpAddressType"]
    return {"IpAddressType": balancer.ip_address_type}
