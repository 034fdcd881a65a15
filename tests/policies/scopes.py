"""On what an action is allowed: by name where IAM takes names, else by tag or another condition, and on everything where it takes nothing.

A place is an ARN without what all ARNs of a service begin with. What stands in braces is a member of Names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from . import actions

Conditions = tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Scope:
    """`title` says in the Sid what a statement is for. `conditions`: operator, key, values."""

    title: str
    places: tuple[str, ...] = ("*",)
    conditions: Conditions = ()


def _tags(key: str, operator: str = "StringEquals") -> Conditions:
    return tuple((operator, f"aws:{key}/{tag}", (f"{{{tag}}}",)) for tag in ("application", "environment"))


EXISTING, NEW = _tags("ResourceTag"), _tags("RequestTag")
CLUSTER: Conditions = (("ArnEquals", "ecs:cluster", ("arn:{partition}:ecs:{region}:{account_id}:cluster/{cluster}",)),)
BOUNDARY: Conditions = (("StringEquals", "iam:PermissionsBoundary", ("{boundary}",)),)
OF_ECS: Conditions = (("StringEquals", "application-autoscaling:service-namespace", ("ecs",)),)
LINKED = ("apidestinations.events.amazonaws.com", "ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "rds.amazonaws.com")

ROLES = ("execution", "task", "infrastructure", "codedeploy", "console", "pipeline", "build", "step", "chat")
LOGS_OF_PIPELINE = tuple(
    f"log-group:/aws/{name}" for name in ("codebuild/{pipeline}-*", "codepipeline/{pipeline}", "codepipeline/{pipeline}:*")
)
# By service, the kinds of resources of the authorization reference whose ARNs have names.
PLACES: dict[str, dict[str, tuple[str, ...]]] = {
    "cloudwatch": {
        "alarm": ("alarm:{alarm_prefix}*",),
        # Dashboards are the account's, of all Regions.
        "dashboard": ("arn:{partition}:cloudwatch::{account_id}:dashboard/{dashboard}",),
    },
    "codedeploy": {
        "application": ("application:{codedeploy}",),
        "deploymentgroup": ("deploymentgroup:{codedeploy}/*",),
        "deploymentconfig": ("deploymentconfig:{codedeploy}-*", "deploymentconfig:CodeDeployDefault.*"),
    },
    "ecr": {"repository": ("repository/{repository}", "repository/{cache_repository}")},
    "ecs": {
        "cluster": ("cluster/{cluster}",),
        "service": ("service/{cluster}/*",),
        "service-deployment": ("service-deployment/{cluster}/*",),
        "service-revision": ("service-revision/{cluster}/*",),
        "task": ("task/{cluster}/*",),
        "task-definition": ("task-definition/{cluster}-*",),
    },
    "elasticloadbalancing": {
        "loadbalancer": ("loadbalancer/app/{load_balancer}/*",),
        "loadbalancer/app/": ("loadbalancer/app/{load_balancer}/*",),
        "listener/app": ("listener/app/{load_balancer}/*",),
        "listener-rule/app": ("listener-rule/app/{load_balancer}/*",),
        "targetgroup": ("targetgroup/{target_groups[0]}/*", "targetgroup/{target_groups[1]}/*"),
    },
    "codebuild": {"project": ("project/{pipeline}-*",)},
    "codepipeline": {"pipeline": ("{pipeline}",), "stage": ("{pipeline}/*",), "action": ("{pipeline}/*",)},
    "events": {
        "rule": ("rule/{environment_name}-*",),
        "rule-on-default-event-bus": ("rule/{environment_name}-*",),
        "api-destination": ("api-destination/{api_destination}", "api-destination/{api_destination}/*"),
        "connection": ("connection/{api_destination}", "connection/{api_destination}/*"),
    },
    "secretsmanager": {"Secret": ("secret:events!connection/{api_destination}/*",)},
    "sns": {"topic": ("{topic}",)},
    "iam": {"role": tuple(f"role/{{roles[{name}]}}" for name in ROLES)},
    "logs": {
        "log-group": (*("log-group:{path}/*", "log-group:/aws/rds/instance/{database}/*"), *LOGS_OF_PIPELINE),
        "log-stream": ("log-group:{path}/*", *LOGS_OF_PIPELINE),
    },
    "rds": {
        "db": ("db:{database}",),
        "og": ("og:default*",),
        "pg": ("pg:{database}-*",),
        "snapshot": ("snapshot:{database}-*",),
        "subgrp": ("subgrp:{database}",),
    },
    "s3": {
        "bucket": ("{bucket}", "{access_log_bucket}", "{artifact_bucket}"),
        "object": ("{bucket}/*", "{access_log_bucket}/*", "{artifact_bucket}/*"),
    },
    "ssm": {
        "document": ("document/{documents[console]}", "document/{documents[forward]}"),
        "parameter": ("parameter{path}", "parameter{path}/*"),
        "servicesetting": ("servicesetting/ssm/managed-instance/activation-tier",),
        "session": ("session/*",),
    },
}
# What a developer has nothing to do with.
OF_DEPLOYER = ("{access_log_bucket}", "{artifact_bucket}", "{access_log_bucket}/*", "{artifact_bucket}/*")
OTHERS = {
    "developer": {*OF_DEPLOYER, "role/{roles[chat]}", "log-group:/aws/rds/instance/{database}/*", "repository/{cache_repository}"},
    "pipeline": {
        *OF_DEPLOYER,
        "role/{roles[chat]}",
        *LOGS_OF_PIPELINE,
        "log-group:/aws/rds/instance/{database}/*",
        "repository/{cache_repository}",
    },
}
# Kinds of EC2, whose ARNs have no names.
OF_EC2 = ("internet-gateway", "route-table", "security-group", "subnet", "vpc")
BY_TAG = Scope("ByTag", tuple(f"{kind}/*" for kind in OF_EC2), EXISTING)
READ = Scope("ReadWithoutNames")


def _passed(title: str, service: str, *roles: str) -> tuple[Scope]:
    return (Scope(title, tuple(f"role/{{roles[{role}]}}" for role in roles), (("StringEquals", "iam:PassedToService", (service,)),)),)


# For what the reference does not tell enough about, by pattern, for one person or both: the first that matches counts.
TARGETS = ("scalable-target/*",)
KINDS_OF_EC2 = tuple(f"{kind}/*" for kind in OF_EC2)
BALANCER = tuple(place for places in PLACES["elasticloadbalancing"].values() for place in places)
RULES: dict[str, tuple[Scope, ...]] = {
    # What is only to be created has no tags yet; a later request names those that have changed.
    "application-autoscaling:RegisterScalableTarget": (
        Scope("Targets", TARGETS, (*OF_ECS, *_tags("ResourceTag", "StringEqualsIfExists"))),
    ),
    "application-autoscaling:(Put|Delete|Deregister).*": (Scope("TargetsByTag", TARGETS, (*OF_ECS, *EXISTING)),),
    # A floor is noted in the tags of a target that exists.
    "developer application-autoscaling:TagResource": (Scope("TagsOfTargets", TARGETS, EXISTING),),
    "application-autoscaling:TagResource": (Scope("TagNewTargets", TARGETS, NEW), Scope("TagsOfTargets", TARGETS, EXISTING)),
    "application-autoscaling:(Untag|ListTags).*": (Scope("TagsOfTargets", TARGETS, EXISTING),),
    # AWS takes no resource for these.
    "codedeploy:(Continue|Stop)Deployment": (Scope("Deployments"),),
    "ecs:DeregisterTaskDefinition": (Scope("Revisions"),),
    "ssm:DeleteActivation": (Scope("Activations"),),
    "ssm:CreateActivation": (Scope("NewActivations", ("*",), NEW),),
    "ec2:CreateTags": (Scope("TagNew", KINDS_OF_EC2, (*NEW, ("Null", "ec2:CreateAction", ("false",)))), BY_TAG),
    "ec2:DeleteTags": (BY_TAG,),
    "ec2:CreateVpc": (Scope("NewVpc", ("vpc/*",), NEW),),
    "ecs:RunTask": (Scope("RunTasks", ("task-definition/{cluster}-*",), CLUSTER),),
    "ecs:ListServices": (Scope("ListServices", ("*",), CLUSTER),),
    "ecs:ListTasks": (Scope("ListTasks", ("container-instance/{cluster}/*",), CLUSTER),),
    "elasticloadbalancing:(Add|Remove)Tags": (Scope("ByName", BALANCER),),
    "iam:CreateServiceLinkedRole": (
        Scope("ServiceLinkedRoles", ("role/aws-service-role/*",), (("StringEquals", "iam:AWSServiceName", LINKED),)),
    ),
    "iam:GetPolicy": (Scope("ReadPolicies", ("arn:{partition}:iam::*:policy/*",)),),
    r"iam:PassRole\[codedeploy\]": _passed("PassToCodeDeploy", "{service_codedeploy}", "codedeploy"),
    r"iam:PassRole\[ecs\]": _passed("PassToEcs", "ecs.amazonaws.com", "infrastructure"),
    r"iam:PassRole\[ecs-tasks\]": _passed("PassToTasks", "ecs-tasks.amazonaws.com", "execution", "task"),
    r"iam:PassRole\[ssm\]": _passed("PassToSystemsManager", "ssm.amazonaws.com", "console"),
    # Where the inventory names a boundary, only roles that have it are made and changed.
    "iam:(CreateRole|PutRolePolicy|AttachRolePolicy|PutRolePermissionsBoundary)": (
        Scope("RolesWithinBoundary", PLACES["iam"]["role"], BOUNDARY),
    ),
    r"iam:PassRole\[codepipeline\]": _passed("PassToCodePipeline", "codepipeline.amazonaws.com", "pipeline", "step"),
    r"iam:PassRole\[codebuild\]": _passed("PassToCodeBuild", "codebuild.amazonaws.com", "build"),
    r"iam:PassRole\[events\]": _passed("PassToEventBridge", "events.amazonaws.com", "chat"),
    # Ids of connections are AWS's.
    "codeconnections:CreateConnection": (Scope("NewConnections", ("*",), NEW),),
    "codeconnections:TagResource": (
        Scope("TagNewConnections", ("connection/*",), NEW),
        Scope("ConnectionsByTag", ("connection/*",), EXISTING),
    ),
    "codeconnections:(Get|Delete|ListTags|Untag|Use|PassConnection).*": (Scope("ConnectionsByTag", ("connection/*",), EXISTING),),
    "codeconnections:ListConnections": (Scope("List", ("connection/*",)),),
    "rds:DescribePendingMaintenanceActions": (Scope("List", ("cluster:*", "db:*")),),
    # By their prefix, and for the listeners that have them.
    "cloudwatch:.*Tag.*": (Scope("ByName", (*PLACES["cloudwatch"]["alarm"], *PLACES["cloudwatch"]["dashboard"])),),
    # AWS takes no resource for these.
    "logs:(Put|Delete)QueryDefinition": (Scope("SavedQueries"),),
    # Those that feed a metric are of any group.
    "logs:DescribeMetricFilters": (Scope("List", ("log-group:*",)),),
    "logs:(StartQuery|GetQueryResults|FilterLogEvents|DescribeLogStreams)": (Scope("SearchByName", PLACES["logs"]["log-group"]),),
    "cloudwatch:DescribeAlarms": (Scope("List", ("alarm:*",)),),
    "acm:DescribeCertificate": (Scope("ReadCertificates", ("certificate/*",)),),
    "kms:DescribeKey": (Scope("ReadKeys", ("key/*",)),),
    # Which of them are the environment's is seen by listing all.
    "rds:Describe(DBInstances|DBSnapshots|DBParameterGroups|DBSubnetGroups)": (Scope("List", ("db:*", "pg:*", "snapshot:*", "subgrp:*")),),
    "deployer ecr:DescribeRepositories": (Scope("List", ("repository/*",)),),
    "ssm:StartSession": (
        Scope("ByName", (*PLACES["ssm"]["document"], "arn:{partition}:codebuild:{region}:{account_id}:build/{pipeline}-*")),
        Scope("NodesByTag", ("managed-instance/*",), EXISTING),
    ),
    "ssm:ListTagsForResource": (
        Scope("ByName", (*PLACES["ssm"]["document"], *PLACES["ssm"]["parameter"])),
        Scope("NodesByTag", ("managed-instance/*",), EXISTING),
    ),
    "ssm:(DeregisterManagedInstance|GetConnectionStatus)": (Scope("NodesByTag", ("managed-instance/*",), EXISTING),),
}


def of_action(action: str, person: str) -> list[Scope]:
    """The scopes of an action for the deployer or the developer. ValueError when none of the rules says them."""
    for pattern, scopes in RULES.items():
        if re.fullmatch(pattern, f"{person} {action}" if " " in pattern else action):
            return list(scopes)
    prefix, known = action.partition(":")[0], actions.details(action)
    if prefix == "ec2" and known["resourceTypes"]:
        return _of_ec2(known["resourceTypes"])
    kinds = [kind["name"] for kind in known["resourceTypes"]]
    places = [place for kind in kinds for place in PLACES.get(prefix, {}).get(kind, ()) if place not in OTHERS.get(person, ())]
    if places:
        return [Scope("ByName", tuple(dict.fromkeys(places)))]
    if not kinds and known["accessLevel"] in ("List", "Read"):
        return [READ]
    raise ValueError(f"tests/policies/scopes.py does not say on what {action} is allowed: {', '.join(kinds) or 'it takes no resource'}")


def _of_ec2(kinds: list[dict[str, Any]]) -> list[Scope]:
    """What is only to be created is known by the tags that the request names, what it becomes a part of by its own."""
    own = [kind for kind in kinds if kind["name"] in OF_EC2]
    new = [kind["name"] for kind in own if any("RequestTag" in key for key in kind["conditionKeys"])]
    scopes = [Scope("New", tuple(f"{name}/*" for name in new), NEW)] if new else []
    parents = tuple(f"{kind['name']}/*" for kind in own if kind["name"] not in new)
    return [*scopes, Scope("ByTag", parents, EXISTING)] if parents else scopes
