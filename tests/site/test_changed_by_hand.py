"""Everything of an environment that somebody can have changed is brought back by one converge."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.playbooks import converge
from tests.support.releasing import NAME

from .conftest import Made

ACCOUNT = "123456789012"
HERE = f"eu-west-1:{ACCOUNT}"
RUBBISH = "rubbish"
CAPITAL, SMALL = [{"Key": RUBBISH, "Value": "x"}], [{"key": RUBBISH, "value": "x"}]
# Changed in the inventory at the same time.
MORE = {"railyard_console_minutes": 45, "ecr_keep_images": 50}


def network(emulated: Emulated) -> None:
    ec2 = emulated.client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [NAME]}])["Vpcs"]
    within = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    tables = {
        tag["Value"]: table
        for table in ec2.describe_route_tables(Filters=within)["RouteTables"]
        for tag in table["Tags"]
        if tag["Key"] == "Name"
    }
    public, private = (tables[f"{NAME}-{kind}"] for kind in ("public", "private"))
    gateway = next(route["GatewayId"] for route in public["Routes"] if route.get("GatewayId", "").startswith("igw-"))
    subnets = [one for one in ec2.describe_subnets(Filters=within)["Subnets"]]
    groups = {group["GroupName"]: group for group in ec2.describe_security_groups(Filters=within)["SecurityGroups"]}
    identifiers = [vpc["VpcId"], gateway, public["RouteTableId"], subnets[0]["SubnetId"], groups[f"{NAME}-app"]["GroupId"]]
    ec2.create_tags(Resources=identifiers, Tags=CAPITAL)
    neighbour = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(VpcId=neighbour, PeerVpcId=vpc["VpcId"])["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.replace_route(RouteTableId=public["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", VpcPeeringConnectionId=peering)
    ec2.create_route(RouteTableId=private["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    other = ec2.create_route_table(VpcId=vpc["VpcId"])["RouteTable"]["RouteTableId"]
    ec2.replace_route_table_association(AssociationId=public["Associations"][0]["RouteTableAssociationId"], RouteTableId=other)
    ec2.disassociate_route_table(AssociationId=private["Associations"][0]["RouteTableAssociationId"])
    ec2.modify_subnet_attribute(SubnetId=subnets[0]["SubnetId"], MapPublicIpOnLaunch={"Value": not subnets[0]["MapPublicIpOnLaunch"]})
    ec2.modify_vpc_attribute(VpcId=vpc["VpcId"], EnableDnsHostnames={"Value": False})
    ingress = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    group = groups[f"{NAME}-app"]
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=ingress)
    ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])


def load_balancer(emulated: Emulated) -> None:
    elbv2, ec2 = emulated.client("elbv2"), emulated.client("ec2")
    (balancer,) = elbv2.describe_load_balancers(Names=[NAME])["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    groups = elbv2.describe_target_groups(Names=[f"{NAME}-blue", f"{NAME}-green"])["TargetGroups"]
    listener = elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]["ListenerArn"]
    other = ec2.create_security_group(GroupName="other", Description="x", VpcId=balancer["VpcId"])["GroupId"]
    elbv2.add_tags(ResourceArns=[arn], Tags=CAPITAL)
    elbv2.add_tags(ResourceArns=[groups[0]["TargetGroupArn"]], Tags=CAPITAL)
    elbv2.add_tags(ResourceArns=[listener], Tags=CAPITAL)
    elbv2.set_subnets(LoadBalancerArn=arn, Subnets=[zone["SubnetId"] for zone in balancer["AvailabilityZones"]][:2])
    elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[other])
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "7"}])
    for group in groups:
        attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": "7"}]
        elbv2.modify_target_group_attributes(TargetGroupArn=group["TargetGroupArn"], Attributes=attributes)
        elbv2.modify_target_group(TargetGroupArn=group["TargetGroupArn"], HealthCheckPath="/by-hand")


def containers(emulated: Emulated) -> None:
    ecs, ecr, logs = (emulated.client(service) for service in ("ecs", "ecr", "logs"))
    scaling = emulated.client("application-autoscaling")
    ecs.put_cluster_capacity_providers(cluster=NAME, capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[])
    ecs.update_cluster_settings(cluster=NAME, settings=[{"name": "containerInsights", "value": "enhanced"}])
    ecs.tag_resource(resourceArn=f"arn:aws:ecs:{HERE}:cluster/{NAME}", tags=SMALL)
    ecs.tag_resource(resourceArn=f"arn:aws:ecs:{HERE}:service/{NAME}/worker", tags=SMALL)
    ecs.update_service(cluster=NAME, service="worker", propagateTags="NONE")
    ecr.tag_resource(resourceArn=f"arn:aws:ecr:{HERE}:repository/{NAME}", tags=CAPITAL)
    ecr.put_image_tag_mutability(repositoryName=NAME, imageTagMutability="MUTABLE")
    ecr.put_image_scanning_configuration(repositoryName=NAME, imageScanningConfiguration={"scanOnPush": False})
    logs.put_retention_policy(logGroupName="/shop/local/web", retentionInDays=1)
    logs.tag_resource(resourceArn=f"arn:aws:logs:{HERE}:log-group:/shop/local/web", tags={RUBBISH: "x"})
    target = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    for process in ("web", "worker"):
        resource = f"service/{NAME}/{process}"
        policies = scaling.describe_scaling_policies(**target, ResourceId=resource)["ScalingPolicies"]
        for policy in policies[:1]:
            known = policy["TargetTrackingScalingPolicyConfiguration"]
            scaling.delete_scaling_policy(**target, ResourceId=resource, PolicyName=policy["PolicyName"])
            own = {
                **target,
                "ResourceId": resource,
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": {**known, "TargetValue": 11.0},
            }
            scaling.put_scaling_policy(**own, PolicyName="by-hand")
    found = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    scaling.tag_resource(ResourceARN=found[0]["ScalableTargetARN"], Tags={RUBBISH: "x"})
    scaling.register_scalable_target(**target, ResourceId=f"service/{NAME}/worker", MaxCapacity=9)


def deployment(emulated: Emulated) -> None:
    codedeploy = emulated.client("codedeploy")
    for resource in (f"application:{NAME}", f"deploymentgroup:{NAME}/web"):
        codedeploy.tag_resource(ResourceArn=f"arn:aws:codedeploy:{HERE}:{resource}", Tags=CAPITAL)
    rollback = {"enabled": False, "events": []}
    codedeploy.update_deployment_group(applicationName=NAME, currentDeploymentGroupName="web", autoRollbackConfiguration=rollback)


def database(emulated: Emulated) -> None:
    rds = emulated.client("rds")
    instance = rds.describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]
    parameters = instance["DBParameterGroups"][0]["DBParameterGroupName"]
    for kind, name in (("db", NAME), ("subgrp", NAME), ("pg", parameters)):
        rds.add_tags_to_resource(ResourceName=f"arn:aws:rds:{HERE}:{kind}:{name}", Tags=CAPITAL)
    rds.modify_db_instance(DBInstanceIdentifier=NAME, BackupRetentionPeriod=3, ApplyImmediately=True)
    changed = [{"ParameterName": "log_min_duration_statement", "ParameterValue": "7", "ApplyMethod": "immediate"}]
    rds.modify_db_parameter_group(DBParameterGroupName=parameters, Parameters=changed)
    identifiers = [one["SubnetIdentifier"] for one in instance["DBSubnetGroup"]["Subnets"]]
    rds.modify_db_subnet_group(DBSubnetGroupName=NAME, DBSubnetGroupDescription="by hand", SubnetIds=identifiers)


def roles(emulated: Emulated) -> None:
    iam = emulated.client("iam")
    allow = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
        }
    )
    managed = iam.create_policy(PolicyName="by-hand", PolicyDocument=allow)["Policy"]["Arn"]
    role = f"{NAME}-execution"
    iam.tag_role(RoleName=role, Tags=CAPITAL)
    iam.put_role_policy(RoleName=role, PolicyName="by-hand", PolicyDocument=allow)
    iam.put_role_policy(RoleName=role, PolicyName="start-tasks", PolicyDocument=allow)
    iam.attach_role_policy(RoleName=role, PolicyArn=managed)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust)
    iam.update_role(RoleName=role, Description="by hand")
    iam.put_role_permissions_boundary(RoleName=f"{NAME}-task", PermissionsBoundary=managed)


def stored(emulated: Emulated) -> None:
    s3, ssm = emulated.client("s3"), emulated.client("ssm")
    for bucket in (f"{NAME}-releases-{ACCOUNT}", f"{NAME}-alb-logs-{ACCOUNT}-eu-west-1"):
        own = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [*own, *CAPITAL]})
        s3.delete_bucket_policy(Bucket=bucket)
        s3.delete_public_access_block(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        s3.delete_bucket_lifecycle(Bucket=bucket)
    content: dict[str, Any] = {"schemaVersion": "1.0", "description": "by hand", "sessionType": "Standard_Stream", "inputs": {}}
    ssm.update_document(Name=f"{NAME}-console", Content=json.dumps(content), DocumentVersion="$LATEST", DocumentFormat="JSON")
    ssm.update_document_default_version(Name=f"{NAME}-console", DocumentVersion="2")
    key = emulated.client("kms").create_key()["KeyMetadata"]["Arn"]
    ssm.put_parameter(Name="/shop/local/RAILS_MASTER_KEY", Value="x", Type="SecureString", KeyId=key, Overwrite=True)
    ssm.add_tags_to_resource(ResourceType="Document", ResourceId=f"{NAME}-console", Tags=CAPITAL)
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="/shop/local/DATABASE_URL", Tags=CAPITAL)


CHANGES = (network, load_balancer, containers, deployment, database, roles, stored)
WORDS = ("-e", json.dumps({"railyard_engine": "codedeploy", "railyard_purge_tags": [RUBBISH], "railyard_tags": {"team": "shop"}, **MORE}))


@pytest.mark.soak
def test_one_converge_brings_everything_back(made: Made) -> None:
    emulated = made("-e", "railyard_engine=codedeploy")
    emulated.advance(900)
    for change in CHANGES:
        change(emulated)
    assert converge(emulated, *WORDS).count("changed") > 12
    emulated.advance(900)
    assert converge(emulated, *WORDS).changed_tasks == []
