"""What an inventory declares beside what roles make: it is made, and stays."""

from __future__ import annotations

import json
from typing import Any

from tests.support.emulated import Emulated
from tests.support.playbooks import converge, play
from tests.support.releasing import NAME

from .conftest import Made

OFFICE = "10.99.0.0/16"


def neighbours(emulated: Emulated) -> dict[str, str]:
    """What others have made: a network that is connected with ours, a security group and two policies."""
    ec2, iam = emulated.client("ec2"), emulated.client("iam")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [NAME]}])["Vpcs"]
    other = ec2.create_vpc(CidrBlock=OFFICE)["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(VpcId=other, PeerVpcId=vpc["VpcId"])["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    allow = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    return {
        "peering": peering,
        "group": ec2.create_security_group(GroupName="monitoring", Description="x", VpcId=vpc["VpcId"])["GroupId"],
        **{name: iam.create_policy(PolicyName=name, PolicyDocument=allow)["Policy"]["Arn"] for name in ("uploads", "bounds")},
    }


def declared(known: dict[str, str]) -> dict[str, Any]:
    route = {"destination": OFFICE, "gateway_id": known["peering"]}
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": "*"}]}
    reader = {"Sid": "Audit", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "s3:GetObject"}
    return {
        "vpc_public_routes": [route],
        "vpc_private_routes": [route],
        "vpc_database_sources": [OFFICE],
        "alb_further_security_group_ids": [known["group"]],
        "rds_further_security_group_ids": [known["group"]],
        "ecs_further_security_group_ids": [known["group"]],
        "ecs_task_managed_policies": [known["uploads"]],
        "ecs_execution_policies": {"agent": document},
        "ecs_execution_managed_policies": [known["uploads"]],
        "alb_access_log_statements": [{**reader, "Resource": f"arn:aws:s3:::{NAME}-alb-logs-123456789012-eu-west-1/*"}],
        "releases_bucket_statements": [{**reader, "Resource": f"arn:aws:s3:::{NAME}-releases-123456789012/*"}],
        "railyard_permissions_boundary": known["bounds"],
        "rds_extended_support": False,
    }


def found(emulated: Emulated, known: dict[str, str]) -> dict[str, Any]:
    """What is there of it."""
    ec2, iam, s3 = (emulated.client(service) for service in ("ec2", "iam", "s3"))
    tables = ec2.describe_route_tables(Filters=[{"Name": "tag:Name", "Values": [f"{NAME}-public", f"{NAME}-private"]}])["RouteTables"]
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{NAME}-database"]}])["SecurityGroups"]
    database = emulated.client("rds").describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]
    balancer = emulated.client("elbv2").describe_load_balancers(Names=[NAME])["LoadBalancers"][0]
    roles = {role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith(f"{NAME}-")}
    buckets = [name for name in (bucket["Name"] for bucket in s3.list_buckets()["Buckets"]) if name.startswith(f"{NAME}-")]
    return {
        "routes": [any(route.get("VpcPeeringConnectionId") == known["peering"] for route in table["Routes"]) for table in tables],
        "sources": sorted(entry["CidrIp"] for rule in group["IpPermissions"] for entry in rule["IpRanges"]),
        "database": known["group"] in [one["VpcSecurityGroupId"] for one in database["VpcSecurityGroups"]],
        "support": database["EngineLifecycleSupport"].rpartition("-")[2],
        "balancer": known["group"] in balancer["SecurityGroups"],
        "attached": [
            [one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=f"{NAME}-{role}")["AttachedPolicies"]]
            for role in ("task", "execution")
        ],
        "inline": sorted(iam.list_role_policies(RoleName=f"{NAME}-execution")["PolicyNames"]),
        "statements": ["Audit" in s3.get_bucket_policy(Bucket=name)["Policy"] for name in buckets],
        "bounds": {iam.get_role(RoleName=role)["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") for role in roles},
    }


def test_what_is_declared_beside_is_made_and_stays(made: Made) -> None:
    emulated = made("-e", "railyard_engine=codedeploy")
    known = neighbours(emulated)
    words = ("-e", json.dumps(declared(known)))
    first = converge(emulated, *words)
    expected = {
        "routes": [True, True],
        "sources": [OFFICE],
        "database": True,
        "support": "disabled",
        "balancer": True,
        "attached": [[known["uploads"]], [known["uploads"]]],
        "inline": ["agent", "start-tasks"],
        "statements": [True, True],
        "bounds": {known["bounds"]},
    }
    assert found(emulated, known) == expected and "network_configuration.security_groups" in first.output
    assert converge(emulated, *words).changed_tasks == [] and found(emulated, known) == expected

    refused = play(emulated, "site.yml", *words, "-e", json.dumps({"railyard_permissions_boundary": f"{known['bounds']}-typo"}))
    assert refused.code != 0 and "bounds-typo" in refused.output and "railyard_permissions_boundary" in refused.output
