"""What AWS says to whoever has as many of something as the account may have in a Region, by the operation that makes one more.

Codes are those of AWS's service models, messages those that people quote. How many services, tasks and vCPUs there may be is left out: what
ECS says then is not documented.
"""

from __future__ import annotations

from .refusal import Refusal

REACHED = "The maximum number of {} has been reached."
QUOTAS: dict[str, tuple[str, str] | tuple[str, str, int]] = {
    "ec2:CreateVpc": ("VpcLimitExceeded", REACHED.format("VPCs")),
    "ec2:CreateSubnet": ("SubnetLimitExceeded", REACHED.format("subnets")),
    "ec2:CreateRouteTable": ("RouteTableLimitExceeded", REACHED.format("route tables")),
    "ec2:CreateInternetGateway": ("InternetGatewayLimitExceeded", REACHED.format("internet gateways")),
    "ec2:CreateNatGateway": ("NatGatewayLimitExceeded", REACHED.format("NAT gateways")),
    "ec2:AllocateAddress": ("AddressLimitExceeded", REACHED.format("addresses")),
    "ec2:CreateSecurityGroup": ("SecurityGroupLimitExceeded", REACHED.format("security groups")),
    "ec2:AuthorizeSecurityGroupIngress": ("RulesPerSecurityGroupLimitExceeded", REACHED.format("rules per security group")),
    "ec2:CreateVpcEndpoint": ("VpcEndpointLimitExceeded", REACHED.format("VPC endpoints")),
    "elbv2:CreateLoadBalancer": ("TooManyLoadBalancers", "You've reached the limit on the number of load balancers for your AWS account."),
    "elbv2:CreateTargetGroup": ("TooManyTargetGroups", "You've reached the limit on the number of target groups for your AWS account."),
    "elbv2:CreateListener": ("TooManyListeners", "You've reached the limit on the number of listeners per load balancer."),
    "iam:CreateRole": ("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", 409),
    "rds:CreateDBInstance": ("InstanceQuotaExceeded", "DB Instance quota exceeded"),
    "rds:CreateDBSubnetGroup": ("DBSubnetGroupQuotaExceeded", "DB Subnet Group quota exceeded"),
    "rds:CreateDBParameterGroup": ("DBParameterGroupQuotaExceeded", "DB Parameter Group quota exceeded"),
    "s3:CreateBucket": ("TooManyBuckets", "You have attempted to create more buckets than allowed"),
    "logs:CreateLogGroup": ("LimitExceededException", "Resource limit exceeded."),
    "ecr:CreateRepository": ("LimitExceededException", "The maximum number of repositories per account has been reached."),
    "codebuild:CreateProject": ("AccountLimitExceededException", "Cannot have more projects in the account than its limit allows."),
    "codeconnections:CreateConnection": ("LimitExceededException", "The number of connections exceeds the limit of the account."),
    "codepipeline:CreatePipeline": (
        "LimitExceededException",
        "The number of pipelines associated with the AWS account has exceeded the limit allowed for the account.",
    ),
    "codedeploy:CreateApplication": (
        "ApplicationLimitExceededException",
        "More applications were attempted to be created than are allowed.",
    ),
    "codedeploy:CreateDeploymentGroup": ("DeploymentGroupLimitExceededException", "The deployment groups limit was exceeded."),
}


def refusal(operation: str) -> Refusal | None:
    """What it answers, `service:Operation`; None when nothing is known of it."""
    return Refusal(*QUOTAS[operation]) if operation in QUOTAS else None
