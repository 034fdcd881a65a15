"""The documents: statements of all that is called, as templates for any inventory and filled in for the example. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, StrictUndefined

from ansible_collections.railyard.fargate.plugins.module_utils._core import partition
from ansible_collections.railyard.fargate.plugins.module_utils._environment.naming import Names

from . import actions, scopes
from .scopes import Conditions, Scope

# What a policy of IAM may be long at most, spaces not counted. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST = 6144
# The services of each document.
PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "deployer": {
        "network": ("cloudtrail", "ec2", "elasticloadbalancing"),
        "services": ("application-autoscaling", "codedeploy", "ecs"),
        "data": ("ecr", "kms", "logs", "rds", "s3", "ssm", "tag"),
        "roles": ("iam",),
        "pipeline": ("codebuild", "codeconnections", "codepipeline", "events", "secretsmanager", "sns"),
        "observability": ("cloudwatch",),
    },
    "developer": {
        "services": ("application-autoscaling", "codedeploy", "ecs", "iam"),
        "traffic": ("acm", "cloudwatch", "elasticloadbalancing"),
        "data": ("ecr", "kms", "logs", "rds", "s3", "ssm", "tag"),
        "pipeline": ("codebuild", "codepipeline"),
    },
    "pipeline": {
        "step": (
            *("application-autoscaling", "cloudwatch", "codedeploy", "codepipeline", "ecr", "ecs", "elasticloadbalancing"),
            *("iam", "logs", "s3", "ssm"),
        ),
    },
}
# A release suspends scaling by RegisterScalableTarget, which then names no tags.
RESUMED = {"application-autoscaling:TagResource"}
NOT_NAMED: dict[str, set[str]] = {"deployer": set(), "developer": set(), "pipeline": RESUMED}
WORDS = {
    "application-autoscaling": "Scaling",
    "cloudtrail": "CloudTrail",
    "cloudwatch": "CloudWatch",
    "codedeploy": "CodeDeploy",
    "elasticloadbalancing": "LoadBalancer",
}
WITHOUT_REGION = {"s3": "arn:{partition}:s3:::", "iam": "arn:{partition}:iam::{account_id}:"}


@dataclass
class Statement:
    sid: str
    conditions: Conditions
    actions: set[str] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)


def files(person: str, called: Iterable[str]) -> dict[str, list[Statement]]:
    """The statements of each of a person's documents, by the document's name."""
    needed = {action for operation in called for action in actions.of_operation(operation)} - NOT_NAMED[person]
    parts = {
        f"{person}-{part}": {action for action in needed if action.partition(":")[0] in services}
        for part, services in PARTS[person].items()
    }
    if lost := needed - set().union(*parts.values()):
        raise ValueError(f"PARTS in tests/policies/documents.py has no place for {', '.join(sorted(lost))}")
    return {name: statements(person, own) for name, own in parts.items()}


def statements(person: str, needed: Iterable[str]) -> list[Statement]:
    found: dict[str, Statement] = {}
    for action in sorted(needed):
        service = action.partition(":")[0]
        for scope in scopes.of_action(action, person):
            statement = found.setdefault(sid := _sid(service, scope), Statement(sid, scope.conditions))
            statement.actions.add(re.sub(r"\[.*", "", action))
            statement.resources |= {_arn(service, place) for place in scope.places}
    return sorted(found.values(), key=lambda statement: (statement.sid == scopes.READ.title, statement.sid))


def _sid(service: str, scope: Scope) -> str:
    return scope.title if scope == scopes.READ else WORDS.get(service, service.capitalize()) + scope.title


def _arn(service: str, place: str) -> str:
    if place == "*" or place.startswith("arn:"):
        return place
    return WITHOUT_REGION.get(service, f"arn:{{partition}}:{service}:{{region}}:{{account_id}}:") + place


def template(found: list[Statement]) -> str:
    """The template of a document, for Ansible: `policies_names` are the names of the environment."""
    blocks = ",\n".join(_block(statement) for statement in found)
    return f'{{\n  "Version": "2012-10-17",\n  "Statement": [\n{blocks}\n  ]\n}}\n'


def _block(statement: Statement) -> str:
    given: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": sorted(statement.actions),
        "Resource": sorted(statement.resources),
    }
    text = "    " + json.dumps(given, indent=2).replace("\n", "\n    ").removesuffix("\n    }")
    condition = _condition(statement.conditions)
    if condition and statement.conditions == scopes.BOUNDARY:
        text += f"{{% if policies_boundary %}},\n{condition}{{% endif +%}}\n    }}"
    else:
        text += f",\n{condition}\n    }}" if condition else "\n    }"
    return re.sub(r"\{([a-z_]+(?:\[\w+\])?)\}", _filled, text)


def _condition(conditions: Conditions) -> str:
    operators: dict[str, dict[str, Any]] = {}
    for operator, key, values in conditions:
        operators.setdefault(operator, {})[key] = values[0] if len(values) == 1 else list(values)
    return '      "Condition": ' + json.dumps(operators, indent=2).replace("\n", "\n      ") if operators else ""


def _filled(found: re.Match[str]) -> str:
    name = found[1]
    if name.startswith("service_"):
        return f"{{{{ '{name.removeprefix('service_')}' | railyard.fargate.service_principal(policies_names.region) }}}}"
    if name in ("partition", "boundary"):
        return f"{{{{ policies_{name} }}}}"
    member = re.sub(r"\[([a-z]+)\]", r".\1", name)
    return f"{{{{ policies_names.{member} }}}}"


def rendered(text: str, names: Names, boundary: str = "") -> str:
    """What Ansible makes of a template."""
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, autoescape=False)
    environment.filters["railyard.fargate.service_principal"] = partition.principal
    return environment.from_string(text).render(
        policies_names=names.as_dict(),
        policies_partition=partition.name(names.region),
        policies_boundary=boundary,
    )


def size(document: str) -> int:
    """Its length as IAM counts it."""
    return len(re.sub(r"\s", "", document))
