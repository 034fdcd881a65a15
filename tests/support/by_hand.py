"""Single changes that somebody makes in AWS behind the inventory's back, as data: what is done, and what drift has to find."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .emulated import Emulated

NAME, ACCOUNT = "shop-local", "123456789012"
HERE = f"eu-west-1:{ACCOUNT}"
TARGET = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@dataclass(frozen=True)
class Change:
    """`resource` and `field`: the one resource, and the one field of it (or a beginning of it), in which the change is to be seen."""

    resource: str
    field: str
    make: Callable[[Emulated], Any]

    def __str__(self) -> str:
        return f"{self.resource} {self.field}".replace("/", "-").strip()


def _vpc(emulated: Emulated) -> str:
    (vpc,) = emulated.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [NAME]}])["Vpcs"]
    return str(vpc["VpcId"])


def _named(emulated: Emulated, operation: str, key: str, name: str) -> dict[str, Any]:
    found = getattr(emulated.client("ec2"), operation)(Filters=[{"Name": "tag:Name", "Values": [name]}])[key]
    return dict(found[0])


def _group(emulated: Emulated, name: str) -> str:
    filters = [{"Name": "vpc-id", "Values": [_vpc(emulated)]}, {"Name": "group-name", "Values": [name]}]
    return str(emulated.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"])


def open_ssh(emulated: Emulated) -> None:
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    emulated.client("ec2").authorize_security_group_ingress(GroupId=_group(emulated, f"{NAME}-app"), IpPermissions=rule)


def open_egress(emulated: Emulated) -> None:
    rule = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    emulated.client("ec2").authorize_security_group_egress(GroupId=_group(emulated, f"{NAME}-database"), IpPermissions=rule)


def no_way_out(emulated: Emulated) -> None:
    table = _named(emulated, "describe_route_tables", "RouteTables", f"{NAME}-public")["RouteTableId"]
    emulated.client("ec2").delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")


def private_subnet_gets_addresses(emulated: Emulated) -> None:
    subnet = _named(emulated, "describe_subnets", "Subnets", f"{NAME}-private-1")["SubnetId"]
    emulated.client("ec2").modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})


def no_host_names(emulated: Emulated) -> None:
    emulated.client("ec2").modify_vpc_attribute(VpcId=_vpc(emulated), EnableDnsHostnames={"Value": False})


def _balancer(emulated: Emulated) -> str:
    return str(emulated.client("elbv2").describe_load_balancers(Names=[NAME])["LoadBalancers"][0]["LoadBalancerArn"])


def idle_timeout(emulated: Emulated) -> None:
    attributes = [{"Key": "idle_timeout.timeout_seconds", "Value": "7"}]
    emulated.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=_balancer(emulated), Attributes=attributes)


def _target_group(emulated: Emulated, colour: str) -> str:
    found = emulated.client("elbv2").describe_target_groups(Names=[f"{NAME}-{colour}"])["TargetGroups"]
    return str(found[0]["TargetGroupArn"])


def short_deregistration(emulated: Emulated) -> None:
    attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": "7"}]
    emulated.client("elbv2").modify_target_group_attributes(TargetGroupArn=_target_group(emulated, "green"), Attributes=attributes)


def other_health_check(emulated: Emulated) -> None:
    emulated.client("elbv2").modify_target_group(TargetGroupArn=_target_group(emulated, "green"), HealthCheckPath="/by-hand")


def no_test_listener(emulated: Emulated) -> None:
    elbv2 = emulated.client("elbv2")
    listeners = elbv2.describe_listeners(LoadBalancerArn=_balancer(emulated))["Listeners"]
    elbv2.delete_listener(ListenerArn=next(one["ListenerArn"] for one in listeners if one["Port"] == 8080))


def listener_tag(emulated: Emulated) -> None:
    elbv2 = emulated.client("elbv2")
    arn = elbv2.describe_listeners(LoadBalancerArn=_balancer(emulated))["Listeners"]
    elbv2.remove_tags(ResourceArns=[next(one["ListenerArn"] for one in arn if one["Port"] == 80)], TagKeys=["team"])


def more_tasks(emulated: Emulated) -> None:
    emulated.client("application-autoscaling").register_scalable_target(
        **TARGET, ResourceId=f"service/{NAME}/worker", MinCapacity=1, MaxCapacity=9
    )


def hotter(emulated: Emulated) -> None:
    scaling, resource = emulated.client("application-autoscaling"), f"service/{NAME}/web"
    policies = scaling.describe_scaling_policies(**TARGET, ResourceId=resource)["ScalingPolicies"]
    known = next(one for one in policies if one["PolicyName"] == "cpu")["TargetTrackingScalingPolicyConfiguration"]
    scaling.put_scaling_policy(
        **TARGET,
        ResourceId=resource,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={**known, "TargetValue": 91.0},
    )


def managed_tags(emulated: Emulated) -> None:
    emulated.client("ecs").update_service(cluster=NAME, service="worker", propagateTags="NONE")


def no_insights(emulated: Emulated) -> None:
    emulated.client("ecs").update_cluster_settings(cluster=NAME, settings=[{"name": "containerInsights", "value": "enhanced"}])


def mutable(emulated: Emulated) -> None:
    emulated.client("ecr").put_image_tag_mutability(repositoryName=NAME, imageTagMutability="MUTABLE")


def keep_one_image(emulated: Emulated) -> None:
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
        "action": {"type": "expire"},
    }
    emulated.client("ecr").put_lifecycle_policy(repositoryName=NAME, lifecyclePolicyText=json.dumps({"rules": [rule]}))


def short_memory(emulated: Emulated) -> None:
    emulated.client("logs").put_retention_policy(logGroupName="/shop/local/web", retentionInDays=1)


def task_may_everything(emulated: Emulated) -> None:
    emulated.client("iam").put_role_policy(RoleName=f"{NAME}-task", PolicyName="by-hand", PolicyDocument=ALLOW)


def anybody_starts_tasks(emulated: Emulated) -> None:
    emulated.client("iam").put_role_policy(RoleName=f"{NAME}-execution", PolicyName="start-tasks", PolicyDocument=ALLOW)


def other_trust(emulated: Emulated) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulated.client("iam").update_assume_role_policy(RoleName=f"{NAME}-console", PolicyDocument=document)


def open_bucket(emulated: Emulated) -> None:
    emulated.client("s3").delete_public_access_block(Bucket=f"{NAME}-releases-{ACCOUNT}")


def no_bucket_policy(emulated: Emulated) -> None:
    emulated.client("s3").delete_bucket_policy(Bucket=f"{NAME}-alb-logs-{ACCOUNT}-eu-west-1")


def slow_queries_unseen(emulated: Emulated) -> None:
    rds = emulated.client("rds")
    name = rds.describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]["DBParameterGroups"][0]["DBParameterGroupName"]
    changed = [{"ParameterName": "log_min_duration_statement", "ParameterValue": "7", "ApplyMethod": "immediate"}]
    rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=changed)


def fewer_backups(emulated: Emulated) -> None:
    emulated.client("rds").modify_db_instance(DBInstanceIdentifier=NAME, BackupRetentionPeriod=3, ApplyImmediately=True)


def no_rollback(emulated: Emulated) -> None:
    emulated.client("codedeploy").update_deployment_group(
        applicationName=NAME, currentDeploymentGroupName="web", autoRollbackConfiguration={"enabled": False, "events": []}
    )


def other_document(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    content = {"schemaVersion": "1.0", "description": "by hand", "sessionType": "Standard_Stream", "inputs": {}}
    ssm.update_document(Name=f"{NAME}-console", Content=json.dumps(content), DocumentVersion="$LATEST", DocumentFormat="JSON")
    ssm.update_document_default_version(Name=f"{NAME}-console", DocumentVersion="2")


def other_key(emulated: Emulated) -> None:
    emulated.client("ssm").put_parameter(Name="/shop/local/DATABASE_URL", Value="postgres://elsewhere", Type="SecureString", Overwrite=True)


def no_alarm(emulated: Emulated) -> None:
    emulated.client("cloudwatch").delete_alarms(AlarmNames=[f"{NAME}-5xx"])


def other_tag(emulated: Emulated) -> None:
    arn = f"arn:aws:ecs:{HERE}:service/{NAME}/worker"
    emulated.client("ecs").tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "by hand"}])


CHANGES = (
    Change(f"ec2 security group {NAME}-app", "ingress", open_ssh),
    Change(f"ec2 security group {NAME}-database", "egress", open_egress),
    Change(f"ec2 route table {NAME}-public", "routes", no_way_out),
    Change(f"ec2 subnet {NAME}-private-1", "map_public_ip", private_subnet_gets_addresses),
    Change(f"ec2 vpc {NAME}", "dns_hostnames", no_host_names),
    Change(f"elbv2 load balancer {NAME}", "attributes.idle_timeout.timeout_seconds", idle_timeout),
    Change(f"elbv2 target group {NAME}-green", "attributes.deregistration_delay.timeout_seconds", short_deregistration),
    Change(f"elbv2 target group {NAME}-green", "health_check_path", other_health_check),
    Change("elbv2 listener 8080", "", no_test_listener),
    Change("elbv2 listener 80", "tags.team", listener_tag),
    Change(f"application scalable target service/{NAME}/worker", "max_capacity", more_tasks),
    Change(f"application scalable target service/{NAME}/web", "policies.cpu", hotter),
    Change("ecs service worker", "propagate_tags", managed_tags),
    Change("ecs service worker", "tags.team", other_tag),
    Change(f"ecs cluster {NAME}", "settings", no_insights),
    Change(f"ecr repository {NAME}", "image_tag_mutability", mutable),
    Change(f"ecr repository {NAME}", "lifecycle", keep_one_image),
    Change("logs group /shop/local/web", "retention_days", short_memory),
    Change(f"iam role {NAME}-task", "policies.by-hand", task_may_everything),
    Change(f"iam role {NAME}-execution", "policies.start-tasks", anybody_starts_tasks),
    Change(f"iam role {NAME}-console", "trust", other_trust),
    Change(f"s3 bucket {NAME}-releases-{ACCOUNT}", "public_access_blocked", open_bucket),
    Change(f"s3 bucket {NAME}-alb-logs-{ACCOUNT}-eu-west-1", "policy", no_bucket_policy),
    Change(f"rds parameter group {NAME}-postgres17", "parameters.log_min_duration_statement", slow_queries_unseen),
    Change(f"rds instance {NAME}", "backup_retention_period", fewer_backups),
    Change("codedeploy deployment group web", "auto_rollback_configuration", no_rollback),
    Change(f"ssm document {NAME}-console", "content", other_document),
    Change("ssm secret /shop/local/DATABASE_URL", "", other_key),
    Change(f"cloudwatch alarm {NAME}-5xx", "", no_alarm),
)
