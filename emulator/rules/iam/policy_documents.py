"""What IAM refuses of policy documents (rules IAM-2 and IAM-3).

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import botocore.session

from ...refusal import Refusal
from ...registry import rule
from ...services.iam.roles import find
from ...services.iam.service_linked_roles import SERVICES
from ...wire import Call

GRAMMAR = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"
TRUST = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
VERSIONS = ("2012-10-17", "2008-10-17")
FIELDS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
# IAM, S3 and Route 53 name their resources without a Region.
UNREGIONAL = ("iam", "s3", "route53")
# Principals whose names are not those of a service's API.
PRINCIPALS = {
    *("ecs-tasks", "monitoring.rds", "export.rds", "edgelambda", "replicator.lambda", "vpc-flow-logs", "delivery.logs", "cloudwatch"),
    *(
        "elasticloadbalancing",
        "logdelivery.elasticloadbalancing",
        "states",
        "elasticmapreduce",
        "spotfleet",
        "pods.eks",
        "eks-fargate-pods",
    ),
    *("ops.apigateway", "build.apprunner", "tasks.apprunner", "credentials.iot", "batchoperations.s3", "elasticfilesystem", "ses"),
    *(
        "cloudwatch-crossaccount",
        "ec2fleet",
        "transfer",
        "osis-pipelines",
        "pipes",
        "monitoring",
        "codestar-notifications",
        "codeconnections",
    ),
    *(
        "amplify",
        "bedrock",
        "lex",
        "events",
        "scheduler",
        "aws-artifact-account-sync",
        "ssm-incidents",
        "ssm-quicksetup",
        "airflow-env",
        "airflow",
    ),
    *("serverlessrepo", "wafv2", "waf", "resource-groups", "tagging", "inspector2", "datapipeline", "elasticbeanstalk", "cognito-idp"),
}


def malformed(message: str) -> Refusal:
    return Refusal("MalformedPolicyDocument", message)


@cache
def _principals() -> frozenset[str]:
    names = botocore.session.get_session().get_available_services()
    return frozenset({*names, *PRINCIPALS, *(service.removesuffix(".amazonaws.com") for service in SERVICES)})


def is_service(principal: str) -> bool:
    """Whether a name is a service principal, with or without a Region in it."""
    match = re.fullmatch(r"([a-z0-9.-]+?)(\.[a-z]{2}(-[a-z]+)+-\d)?\.amazonaws\.com(\.cn)?", principal)
    return match is not None and match[1] in _principals()


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _statements(text: str) -> list[dict[str, Any]] | Refusal:
    """The statements of a document, or what is wrong with its form."""
    try:
        document = json.loads(text)
    except ValueError:
        return malformed("This policy contains invalid Json")
    if not isinstance(document, dict) or not document.get("Statement") or set(document) - {"Version", "Id", "Statement"}:
        return malformed("Syntax errors in policy.")
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        return malformed("The policy must contain a valid version string")
    statements = as_list(document["Statement"])
    for statement in statements:
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny") or set(statement) - FIELDS:
            return malformed("Syntax errors in policy.")
    return _sids(statements) or statements


def _sids(statements: list[dict[str, Any]]) -> Refusal | None:
    names = [statement["Sid"] for statement in statements if "Sid" in statement]
    if any(not re.fullmatch(r"[0-9A-Za-z]*", str(name)) for name in names):
        text = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
        return malformed(text)
    if len(set(names)) < len(names):
        return malformed("Statement IDs (SID) in a single policy must be unique.")
    return None


@rule("IAM-2", "iam", "CreateRole", "UpdateAssumeRolePolicy", source=TRUST)
def trust(call: Call) -> Refusal | None:
    """A trust policy says who may assume a role, and nothing else."""
    statements = _statements(call.params.get("AssumeRolePolicyDocument") or call.params.get("PolicyDocument", ""))
    if isinstance(statements, Refusal):
        return statements
    for statement in statements:
        for field in ("Resource", "NotResource"):
            if field in statement:
                return malformed(f"Has prohibited field {field}")
        if "Principal" not in statement and "NotPrincipal" not in statement:
            return malformed("Missing required field Principal")
        if "Action" not in statement:
            return malformed("Missing required field Action")
        if refusal := _assume(statement) or _principal(call, statement.get("Principal", "*")):
            return refusal
    return None


def _assume(statement: dict[str, Any]) -> Refusal | None:
    for action in as_list(statement["Action"]):
        if not re.fullmatch(
            r"sts:(AssumeRole(WithSAML|WithWebIdentity)?|TagSession|SetSourceIdentity|SetContext|\*|Assume.*\*)", str(action), re.I
        ):
            return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
    return None


def _principal(call: Call, principal: Any) -> Refusal | None:
    if principal == "*":
        return None
    if not isinstance(principal, dict) or not principal:
        return malformed("Invalid principal in policy.")
    for kind, values in principal.items():
        if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
            return malformed(f'Invalid principal in policy: "{kind.upper()}"')
        for value in as_list(values):
            wrong = (kind == "Service" and not is_service(str(value))) or (kind == "AWS" and not _known(call, str(value)))
            if wrong:
                return malformed(f'Invalid principal in policy: "{kind.upper()}":"{value}"')
    return None


def _known(call: Call, value: str) -> bool:
    """An account, or one of its identities; those of other accounts are taken as they are."""
    if value == "*" or re.fullmatch(r"\d{12}|arn:aws[\w-]*:iam::\d{12}:root|A[A-Z0-9]{15,}", value):
        return True
    match = re.fullmatch(r"arn:aws[\w-]*:(?:iam|sts)::(\d{12}):([\w-]+)/(.+)", value)
    if match is None:
        return False
    if match[1] != call.account or match[2] != "role":
        return True
    found = find(call, match[3].rsplit("/", 1)[-1])
    return found is not None and found.arn == value


@rule("IAM-3", "iam", "PutRolePolicy", "CreatePolicy", "CreatePolicyVersion", source=GRAMMAR)
def identity(call: Call) -> Refusal | None:
    """A policy of an identity says what may be done to which resources, and not by whom."""
    statements = _statements(call.params["PolicyDocument"])
    if isinstance(statements, Refusal):
        return malformed("Syntax errors in policy.") if statements.message.endswith("Json") else statements
    for statement in statements:
        if "Principal" in statement or "NotPrincipal" in statement:
            return malformed("Policy document should not specify a principal.")
        if ("Action" in statement) == ("NotAction" in statement):
            return malformed("Policy statement must contain actions." if "Action" not in statement else "Syntax errors in policy.")
        if ("Resource" in statement) == ("NotResource" in statement):
            return malformed("Policy statement must contain resources." if "Resource" not in statement else "Syntax errors in policy.")
        if refusal := _actions(statement) or _resources(statement):
            return refusal
    return None


def _actions(statement: dict[str, Any]) -> Refusal | None:
    actions = as_list(statement.get("Action", statement.get("NotAction")))
    if not actions:
        return malformed("Policy statement must contain actions.")
    for action in actions:
        if action != "*" and not re.fullmatch(r"[\w*?-]+:[\w*?-]+", str(action)):
            return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    return None


def _resources(statement: dict[str, Any]) -> Refusal | None:
    resources = as_list(statement.get("Resource", statement.get("NotResource")))
    if not resources:
        return malformed("Policy statement must contain resources.")
    for resource in map(str, resources):
        if resource == "*":
            continue
        parts = resource.split(":", 5)
        if len(parts) < 6 or parts[0] not in ("arn", "*"):
            return malformed(f'Resource {resource} must be in ARN format or "*".')
        if not re.fullmatch(r"aws|aws-cn|aws-us-gov|aws-iso.*|\*|\$\{.*\}", parts[1]):
            return malformed(f'Partition "{parts[1]}" is not valid for resource "{resource}".')
        if parts[2] in UNREGIONAL and parts[3] not in ("", "*"):
            return malformed(f"{parts[2].upper()} resource {resource} cannot contain region information.")
    return None
