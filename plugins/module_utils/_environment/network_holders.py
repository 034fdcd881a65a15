# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources in an environment's VPC that are not the environment's. EC2 does not delete a network that they use (rule VPC-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core import aws, ownership, tags
from .naming import BESIDE, Names

EGRESS_ONLY = "egress-only internet gateway"
# Kind, AWS's operation, member of the answer, id, and the filter by VPC; "" where AWS has none.
INSIDE = (
    ("network interface", "DescribeNetworkInterfaces", "NetworkInterfaces", "NetworkInterfaceId", "vpc-id"),
    ("subnet", "DescribeSubnets", "Subnets", "SubnetId", "vpc-id"),
    ("security group", "DescribeSecurityGroups", "SecurityGroups", "GroupId", "vpc-id"),
    ("route table", "DescribeRouteTables", "RouteTables", "RouteTableId", "vpc-id"),
    ("internet gateway", "DescribeInternetGateways", "InternetGateways", "InternetGatewayId", "attachment.vpc-id"),
    ("VPC endpoint", "DescribeVpcEndpoints", "VpcEndpoints", "VpcEndpointId", "vpc-id"),
    ("VPN gateway", "DescribeVpnGateways", "VpnGateways", "VpnGatewayId", "attachment.vpc-id"),
    ("network ACL", "DescribeNetworkAcls", "NetworkAcls", "NetworkAclId", "vpc-id"),
    (EGRESS_ONLY, "DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId", ""),
)
# Members that say to what a gateway is attached.
ATTACHED = ("Attachments", "VpcAttachments")


def find(client_of: Callable[[str], Any], names: Names) -> list[dict[str, Any]]:
    """Each foreign resource in the environment's own VPCs: {kind, id, vpc_id, description}. `client_of(service)` makes a boto3 client."""
    ec2, ecs, elbv2, rds = (client_of(service) for service in ("ec2", "ecs", "elbv2", "rds"))
    own = [{"Name": f"tag:{key}", "Values": [value]} for key, value in names.owner.items()]
    vpcs = [vpc["VpcId"] for vpc in aws.pages(ec2, "DescribeVpcs", "Vpcs", Filters=own)]
    if not vpcs:
        return []
    with ThreadPoolExecutor(8) as pool:
        inside = {
            kind: pool.submit(aws.pages, ec2, operation, key, Filters=[{"Name": name, "Values": vpcs}] if name else [])
            for kind, operation, key, _id, name in INSIDE
        }
        databases = pool.submit(aws.pages, rds, "DescribeDBInstances", "DBInstances")
        tasks = pool.submit(_tasks, ecs, names.cluster)
        services = pool.submit(_foreign_services, ecs, names)
        own_name, absent = [names.load_balancer], ("LoadBalancerNotFound",)
        balancers = pool.submit(aws.pages, elbv2, "DescribeLoadBalancers", "LoadBalancers", absent, Names=own_name)
    fronts = {f"ELB {item['LoadBalancerArn'].split('loadbalancer/', 1)[1]}" for item in balancers.result()}
    groups = {item["GroupId"] for item in inside["security group"].result() if _is_owned(names, item)}
    ours = fronts | _attachments(tasks.result())
    return [
        *(
            _shown(kind, item, key)
            for kind, _operation, _member, key, _filter in INSIDE
            for item in inside[kind].result()
            if _is_in(item, vpcs) and not _is_ours(names, kind, item, ours, groups)
        ),
        *_foreign_tasks(names, tasks.result()),
        *services.result(),
        *_foreign_databases(names, databases.result(), vpcs),
    ]


def _vpcs(item: dict[str, Any]) -> list[str]:
    """Ids of the VPCs that a resource is in or attached to."""
    attached = [entry["VpcId"] for member in ATTACHED for entry in item.get(member, []) if entry.get("State") != "detached"]
    return [item["VpcId"]] if item.get("VpcId") else attached


def _is_in(item: dict[str, Any], vpcs: list[str]) -> bool:
    return not set(vpcs).isdisjoint(_vpcs(item))


def _is_owned(names: Names, item: dict[str, Any]) -> bool:
    return ownership.is_owned(names.owner, tags.as_dict(item.get("TagSet") or item.get("Tags")))


def _is_ours(names: Names, kind: str, item: dict[str, Any], ours: set[str], groups: set[str]) -> bool:
    if _is_owned(names, item):
        return True
    if kind == "network interface":
        return _is_our_interface(item, ours, groups)
    # These come and go with the VPC.
    if kind == "security group":
        return bool(item["GroupName"] == "default")
    if kind == "network ACL":
        return bool(item["IsDefault"])
    return kind == "route table" and any(entry.get("Main") for entry in item.get("Associations", []))


def _is_our_interface(item: dict[str, Any], ours: set[str], groups: set[str]) -> bool:
    """Interfaces of our tasks and load balancer have known descriptions; those of RDS share one and are found by security group."""
    description = item.get("Description", "")
    if description == "RDSNetworkInterface":
        return bool({group["GroupId"] for group in item.get("Groups", [])} & groups)
    # What a task or a load balancer has just left goes by itself.
    return description in ours or (_of_task(description) and item.get("Status") != "in-use")


def _of_task(description: str) -> bool:
    return description.startswith("arn:") and ":ecs:" in description and ":attachment/" in description


def _tasks(ecs: Any, cluster: str) -> list[dict[str, Any]]:
    """The running and the recently stopped tasks of a cluster."""
    arns = [
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in aws.pages(ecs, "ListTasks", "taskArns", ("ClusterNotFoundException",), cluster=cluster, desiredStatus=status)
    ]
    batches = aws.batches(list(dict.fromkeys(arns)), 100)
    return [task for some in batches for task in aws.call(ecs, "DescribeTasks", cluster=cluster, tasks=some, include=["TAGS"])["tasks"]]


def _attachments(tasks: list[dict[str, Any]]) -> set[str]:
    """Descriptions of the interfaces of tasks."""
    return {
        f"{task['taskArn'].split(':task/', 1)[0]}:attachment/{attachment['id']}"
        for task in tasks
        for attachment in task.get("attachments", [])
    }


def _foreign_tasks(names: Names, tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Tasks that no service runs and that a destroy does not end (see running_tasks.find and sweeping.consoles)."""
    families = {names.family(kind) for kind in BESIDE}
    for task in tasks:
        name = task["taskDefinitionArn"].rpartition("/")[2].partition(":")[0]
        labels = tags.as_dict(task.get("tags"), "key", "value")
        ended = name in families and ownership.is_owned(names.found_by, labels)
        if task["desiredStatus"] == "STOPPED" or task.get("group", "").startswith("service:") or ended:
            continue
        words = [f"of {name}", f"started by {task['startedBy']}" if task.get("startedBy") else "", ownership.owner_of(labels)]
        yield {"kind": "ecs task", "id": task["taskArn"], "vpc_id": "", "description": "; ".join(word for word in words if word)}


def _foreign_services(ecs: Any, names: Names) -> list[dict[str, Any]]:
    """Services with tasks in the environment's cluster that do not have its tags; their tasks use the network."""
    arns = aws.pages(ecs, "ListServices", "serviceArns", ("ClusterNotFoundException",), cluster=names.cluster)
    found = [
        item
        for some in aws.batches(arns, 10)
        for item in aws.call(ecs, "DescribeServices", cluster=names.cluster, services=some, include=["TAGS"])["services"]
    ]
    labelled = [(item, tags.as_dict(item.get("tags"), "key", "value")) for item in found if item["runningCount"] + item["pendingCount"]]
    return [
        {"kind": "ecs service", "id": f"{names.cluster}/{item['serviceName']}", "vpc_id": "", "description": ownership.owner_of(labels)}
        for item, labels in labelled
        if not ownership.is_owned(names.owner, labels)
    ]


def _foreign_databases(names: Names, databases: list[dict[str, Any]], vpcs: list[str]) -> Iterator[dict[str, Any]]:
    for item in databases:
        vpc = item.get("DBSubnetGroup", {}).get("VpcId")
        if vpc in vpcs and not ownership.is_owned(names.owner, tags.as_dict(item.get("TagList"))):
            labels = tags.as_dict(item.get("TagList"))
            yield {"kind": "database", "id": item["DBInstanceIdentifier"], "vpc_id": vpc, "description": ownership.owner_of(labels)}


def _shown(kind: str, item: dict[str, Any], key: str) -> dict[str, Any]:
    """A foreign resource as it is returned; the description has what helps to find its owner."""
    labels = tags.as_dict(item.get("TagSet") or item.get("Tags"))
    attached = item.get("Attachment", {}).get("InstanceId", "")
    words = [
        item.get("Description") or item.get("GroupName") or item.get("ServiceName") or "",
        f"of the instance {attached}" if attached else "",
        f"in {item['SubnetId']}" if item.get("SubnetId") else "",
        f"in the groups {', '.join(group['GroupName'] for group in item['Groups'])}" if item.get("Groups") else "",
        ownership.owner_of(labels),
    ]
    said = "; ".join(word for word in words if word)
    return {"kind": kind, "id": item[key], "vpc_id": next(iter(_vpcs(item)), ""), "description": said}
