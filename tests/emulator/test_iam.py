"""The emulated IAM: service-linked roles, managed policies, pages, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulated import Emulated

pytestmark = pytest.mark.usefixtures("slowly")

Statement = dict[str, Any]
TRUST: Statement = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ: Statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}


def document(*statements: Statement, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def role(emulated: Emulated, name: str = "shop") -> str:
    made = emulated.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document(TRUST))
    return str(made["Role"]["RoleName"])


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("ecs", "ECS"),
        ("rds", "RDS"),
        ("elasticloadbalancing", "ElasticLoadBalancing"),
        ("ecs.application-autoscaling", "ApplicationAutoScaling_ECSService"),
        ("spot", "EC2Spot"),
    ],
)
def test_service_linked_roles(emulated: Emulated, service: str, name: str) -> None:
    iam, principal = emulated.client("iam"), f"{service}.amazonaws.com"
    made = iam.create_service_linked_role(AWSServiceName=principal)["Role"]
    assert made["RoleName"] == f"AWSServiceRoleFor{name}" and made["Path"] == f"/aws-service-role/{principal}/"
    assert made["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": principal}
    assert iam.list_attached_role_policies(RoleName=made["RoleName"])["AttachedPolicies"]
    assert emulated.refused("iam", "create_service_linked_role", AWSServiceName=principal) == (
        "InvalidInput",
        f"Service role name AWSServiceRoleFor{name} has been taken in this account, please try a different suffix.",
    )
    protected = emulated.refused("iam", "attach_role_policy", RoleName=made["RoleName"], PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert protected[0] == emulated.refused("iam", "delete_role", RoleName=made["RoleName"])[0] == "UnmodifiableEntity"
    task = iam.delete_service_linked_role(RoleName=made["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    assert emulated.refused("iam", "get_role", RoleName=made["RoleName"])[0] == "NoSuchEntity"


def test_a_service_linked_role_in_use_stays(emulated: Emulated) -> None:
    iam = emulated.client("iam")
    emulated.client("rds").create_db_instance(
        DBInstanceIdentifier="a", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20, MasterUsername="shop",
        MasterUserPassword="correct-horse",
    )  # fmt: skip
    task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForRDS")["DeletionTaskId"]
    status = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert status["Status"] == "FAILED" and status["Reason"]["RoleUsageList"][0]["Region"] == "eu-west-1"
    iam.get_role(RoleName="AWSServiceRoleForRDS")


def test_other_services_have_no_linked_role(emulated: Emulated) -> None:
    code, message = emulated.refused("iam", "create_service_linked_role", AWSServiceName="nothing.amazonaws.com")
    assert code == "InvalidInput" and "Service role creation is unsupported" in message


@pytest.mark.parametrize(
    "name",
    [
        "service-role/AmazonECSTaskExecutionRolePolicy",
        "AWSCodeDeployRoleForECS",
        "AmazonSSMManagedInstanceCore",
        "AWSXRayDaemonWriteAccess",
        "service-role/AmazonRDSEnhancedMonitoringRole",
        "service-role/AWSBackupServiceRolePolicyForBackup",
        "AmazonECSInfrastructureRolePolicyForLoadBalancers",
    ],
)
def test_managed_policies_are_there(emulated: Emulated, name: str) -> None:
    iam, arn = emulated.client("iam"), f"arn:aws:iam::aws:policy/{name}"
    iam.attach_role_policy(RoleName=role(emulated), PolicyArn=arn)
    assert iam.list_attached_role_policies(RoleName="shop")["AttachedPolicies"][0]["PolicyArn"] == arn
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    assert iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]["Statement"]


TRUSTS: list[tuple[str, str]] = [
    ("{", "invalid Json"),
    (document(), "Syntax errors in policy."),
    (document(TRUST, Version="2020-01-01"), "valid version"),
    (document({**TRUST, "Resource": "*"}), "Has prohibited field Resource"),
    (document({**TRUST, "Action": "s3:GetObject"}), "AssumeRole policy may only specify STS AssumeRole actions."),
    (document({**TRUST, "Principal": {"Service": "bogus.amazonaws.com"}}), 'Invalid principal in policy: "SERVICE":"bogus.amazonaws.com"'),
    (document({**TRUST, "Principal": {"Service": "ecs-tasks"}}), "Invalid principal in policy"),
    (document({**TRUST, "Principal": {"AWS": "arn:aws:iam::123456789012:role/none"}}), "Invalid principal in policy"),
    (document({key: value for key, value in TRUST.items() if key != "Principal"}), "Missing required field Principal"),
    (document({**TRUST, "Effect": "Perhaps"}), "Syntax errors in policy."),
]


@pytest.mark.parametrize(("text", "words"), TRUSTS)
def test_trust_policies(emulated: Emulated, text: str, words: str) -> None:
    refused = emulated.refused("iam", "create_role", RoleName="shop", AssumeRolePolicyDocument=text)
    assert refused[0] == "MalformedPolicyDocument" and words in refused[1]
    role(emulated)
    assert emulated.refused("iam", "update_assume_role_policy", RoleName="shop", PolicyDocument=text)[0] == "MalformedPolicyDocument"


@pytest.mark.parametrize(
    "principal",
    [
        "codedeploy",
        "codebuild",
        "codepipeline",
        "ssm",
        "monitoring.rds",
        "events",
        "lambda",
        "ecs",
        "scheduler",
        "backup",
        "codedeploy.eu-west-1",
    ],
)
def test_services_that_roles_trust(emulated: Emulated, principal: str) -> None:
    text = document({**TRUST, "Principal": {"Service": f"{principal}.amazonaws.com"}})
    emulated.client("iam").create_role(RoleName="shop", AssumeRolePolicyDocument=text)


POLICIES: list[tuple[str, str]] = [
    ("{", "Syntax errors in policy."),
    (document({**READ, "Principal": "*"}), "Policy document should not specify a principal."),
    (document({key: value for key, value in READ.items() if key != "Resource"}), "Policy statement must contain resources."),
    (document({key: value for key, value in READ.items() if key != "Action"}), "Policy statement must contain actions."),
    (document({key: value for key, value in READ.items() if key != "Effect"}), "Syntax errors in policy."),
    (document({**READ, "Sid": "not plain"}), "alpha-numeric"),
    (document({**READ, "Sid": "A"}, {**READ, "Sid": "A"}), "must be unique."),
    (document({**READ, "Resource": "shop"}), "must be in ARN format"),
    (document({**READ, "Resource": "arn:aws:s3:eu-west-1::shop"}), "region"),
    (document({**READ, "Action": "GetObject"}), "must be prefaced by a vendor"),
    (document(READ, Version="2013-10-17"), "version"),
]


@pytest.mark.parametrize(("text", "words"), POLICIES)
def test_policies(emulated: Emulated, text: str, words: str) -> None:
    role(emulated)
    refused = emulated.refused("iam", "put_role_policy", RoleName="shop", PolicyName="p", PolicyDocument=text)
    assert refused[0] == "MalformedPolicyDocument" and words.lower() in refused[1].lower()
    assert emulated.refused("iam", "create_policy", PolicyName="p", PolicyDocument=text)[0] == "MalformedPolicyDocument"


def test_quotas(emulated: Emulated) -> None:
    iam = emulated.client("iam")
    role(emulated)
    many = [{**READ, "Resource": [f"arn:aws:s3:::{'x' * 60}{number}" for number in range(120)]}]
    assert emulated.refused("iam", "put_role_policy", RoleName="shop", PolicyName="a", PolicyDocument=document(*many)) == ("", "")
    refused = emulated.refused("iam", "put_role_policy", RoleName="shop", PolicyName="b", PolicyDocument=document(READ, *many))
    assert refused == ("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role shop")
    assert emulated.refused("iam", "create_policy", PolicyName="b", PolicyDocument=document(*many))[0] == "LimitExceeded"
    arn = iam.create_policy(PolicyName="c", PolicyDocument=document(READ))["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(READ))
    assert emulated.refused("iam", "create_policy_version", PolicyArn=arn, PolicyDocument=document(READ))[0] == "LimitExceeded"
    assert emulated.refused("iam", "delete_policy", PolicyArn=arn)[0] == "DeleteConflict"
    assert emulated.refused("iam", "delete_policy_version", PolicyArn=arn, VersionId="v1")[0] == "DeleteConflict"
    for number in range(10):
        each = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=document(READ))["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="shop", PolicyArn=each)
    assert emulated.refused("iam", "attach_role_policy", RoleName="shop", PolicyArn=arn)[0] == "LimitExceeded"


def test_a_role_goes_after_its_policies_and_profiles(emulated: Emulated) -> None:
    iam, arn = emulated.client("iam"), "arn:aws:iam::aws:policy/ReadOnlyAccess"
    role(emulated)
    iam.put_role_policy(RoleName="shop", PolicyName="p", PolicyDocument=document(READ))
    iam.attach_role_policy(RoleName="shop", PolicyArn=arn)
    iam.create_instance_profile(InstanceProfileName="shop")
    iam.add_role_to_instance_profile(InstanceProfileName="shop", RoleName="shop")

    def delete() -> tuple[str, str]:
        return emulated.refused("iam", "delete_role", RoleName="shop")

    assert delete() == ("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
    assert emulated.refused("iam", "delete_instance_profile", InstanceProfileName="shop")[0] == "DeleteConflict"
    iam.remove_role_from_instance_profile(InstanceProfileName="shop", RoleName="shop")
    assert delete() == ("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    iam.detach_role_policy(RoleName="shop", PolicyArn=arn)
    assert delete() == ("DeleteConflict", "Cannot delete entity, must delete policies first.")
    iam.delete_role_policy(RoleName="shop", PolicyName="p")
    assert delete() == ("", "")


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("create_role", {"RoleName": "SHOP", "AssumeRolePolicyDocument": document(TRUST)}, "EntityAlreadyExists"),
        ("create_role", {"RoleName": "x" * 65, "AssumeRolePolicyDocument": document(TRUST)}, "ValidationError"),
        ("create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": document(TRUST)}, "ValidationError"),
        ("create_role", {"RoleName": "a", "AssumeRolePolicyDocument": document(TRUST), "MaxSessionDuration": 60}, "ValidationError"),
        ("get_role", {"RoleName": "none"}, "NoSuchEntity"),
        ("delete_role", {"RoleName": "none"}, "NoSuchEntity"),
        ("put_role_policy", {"RoleName": "none", "PolicyName": "p", "PolicyDocument": document(READ)}, "NoSuchEntity"),
        ("get_role_policy", {"RoleName": "shop", "PolicyName": "none"}, "NoSuchEntity"),
        ("delete_role_policy", {"RoleName": "shop", "PolicyName": "none"}, "NoSuchEntity"),
        (
            "attach_role_policy",
            {"RoleName": "shop", "PolicyArn": "arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy"},
            "NoSuchEntity",
        ),
        ("detach_role_policy", {"RoleName": "shop", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, "NoSuchEntity"),
        ("get_policy", {"PolicyArn": "arn:aws:iam::123456789012:policy/none"}, "NoSuchEntity"),
        ("delete_policy", {"PolicyArn": "arn:aws:iam::123456789012:policy/none"}, "NoSuchEntity"),
        ("get_instance_profile", {"InstanceProfileName": "none"}, "NoSuchEntity"),
        ("tag_role", {"RoleName": "shop", "Tags": [{"Key": "A", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "InvalidInput"),
        ("tag_role", {"RoleName": "shop", "Tags": [{"Key": "aws:a", "Value": "1"}]}, "InvalidInput"),
        ("delete_service_linked_role", {"RoleName": "shop"}, "NoSuchEntity"),
        (
            "create_role",
            {"RoleName": "a", "AssumeRolePolicyDocument": document(TRUST), "PermissionsBoundary": "arn:aws:iam::123456789012:policy/none"},
            "NoSuchEntity",
        ),
        ("get_policy", {"PolicyArn": "nonsense:nonsense:nonsense"}, "InvalidInput"),
        ("attach_role_policy", {"RoleName": "shop", "PolicyArn": "nonsense:nonsense:nonsense"}, "InvalidInput"),
        ("delete_policy", {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, "AccessDenied"),
        ("create_policy", {"PolicyName": "SHOP", "PolicyDocument": document(READ)}, "EntityAlreadyExists"),
        ("create_user", {"UserName": "SHOP"}, "EntityAlreadyExists"),
        ("delete_user", {"UserName": "shop"}, "DeleteConflict"),
    ],
)
def test_refusals(emulated: Emulated, operation: str, params: dict[str, Any], code: str) -> None:
    role(emulated)
    iam = emulated.client("iam")
    assert iam.create_policy(PolicyName="shop", PolicyDocument=document(READ))["Policy"]["PolicyId"].startswith("ANPA")
    assert iam.create_user(UserName="shop")["User"]["UserId"].startswith("AIDA")
    iam.create_access_key(UserName="shop")
    assert emulated.refused("iam", operation, **params)[0] == code


def test_pages(emulated: Emulated) -> None:
    iam = emulated.client("iam")
    for number in range(5):
        role(emulated, f"shop{number}")
        iam.put_role_policy(RoleName="shop0", PolicyName=f"p{number}", PolicyDocument=document(READ))
    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2}))
    assert len(pages) == 3 and len({found["RoleName"] for page in pages for found in page["Roles"]}) == 5
    first = iam.list_role_policies(RoleName="shop0", MaxItems=3)
    assert first["IsTruncated"] and len(iam.list_role_policies(RoleName="shop0", Marker=first["Marker"])["PolicyNames"]) == 2
    assert iam.list_policies()["IsTruncated"] and len(iam.list_policies()["Policies"]) == 100
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_tags_and_last_use(emulated: Emulated) -> None:
    iam = emulated.client("iam")
    iam.create_role(RoleName="shop", AssumeRolePolicyDocument=document(TRUST), Tags=[{"Key": "a", "Value": "1"}])
    iam.tag_role(RoleName="shop", Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_role(RoleName="shop", TagKeys=["a"])
    found = iam.get_role(RoleName="shop")["Role"]
    assert found["Tags"] == iam.list_role_tags(RoleName="shop")["Tags"] == [{"Key": "b", "Value": "2"}]
    assert found["Arn"] == "arn:aws:iam::123456789012:role/shop" and found["MaxSessionDuration"] == 3600 and found["RoleLastUsed"] == {}


def test_a_role_for_services_is_not_for_callers(emulated: Emulated) -> None:
    role(emulated)
    wanted = {"RoleArn": "arn:aws:iam::123456789012:role/shop", "RoleSessionName": "me"}
    assert emulated.refused("sts", "assume_role", **wanted)[0] == "AccessDenied"
    person = document({**TRUST, "Principal": {"AWS": "123456789012"}})
    emulated.client("iam").update_assume_role_policy(RoleName="shop", PolicyDocument=person)
    assert emulated.client("sts").assume_role(**wanted)["AssumedRoleUser"]["Arn"].endswith("assumed-role/shop/me")


def test_a_session_is_no_longer_than_its_role_allows(emulated: Emulated) -> None:
    iam, account = emulated.client("iam"), "123456789012"
    trust = document({"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    kept = iam.get_role(RoleName="deploy")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert kept == {"AWS": f"arn:aws:iam::{account}:root"}
    session = {"RoleArn": arn, "RoleSessionName": "release"}
    assert emulated.refused("sts", "assume_role", **session) == ("", "")
    assert emulated.refused("sts", "assume_role", **session, DurationSeconds=7200)[0] == "ValidationError"
    assert emulated.refused("sts", "assume_role", **session, Policy="nonsense")[0] == "MalformedPolicyDocument"


def test_what_a_role_may_do_is_simulated(emulated: Emulated) -> None:
    """A condition on a key of which nothing is said is not met, and the key is named."""
    iam = emulated.client("iam")
    arn = iam.create_role(RoleName="shop", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    limited = {**READ, "Action": "s3:PutObject", "Condition": {"StringEquals": {"aws:ResourceAccount": "123456789012"}}}
    denied = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
    iam.put_role_policy(RoleName="shop", PolicyName="objects", PolicyDocument=document(READ, limited, denied))
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:PutObjectAcl"]

    def decisions(**more: Any) -> dict[str, str]:
        found = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions, ResourceArns=["arn:aws:s3:::shop/x"], **more)
        assert not found["IsTruncated"]
        return {one["EvalActionName"]: one["EvalDecision"] for one in found["EvaluationResults"]}

    assert list(decisions().values()) == ["allowed", "implicitDeny", "explicitDeny", "implicitDeny"]
    entry = {"ContextKeyName": "aws:ResourceAccount", "ContextKeyValues": ["123456789012"], "ContextKeyType": "string"}
    assert decisions(ContextEntries=[entry])["s3:PutObject"] == "allowed"
    one = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions, MaxItems=1)
    assert one["IsTruncated"] and one["EvaluationResults"][0]["MissingContextValues"] == ["aws:resourceaccount"]
    absent = emulated.refused("iam", "simulate_principal_policy", PolicySourceArn=arn.replace("shop", "none"), ActionNames=actions)
    assert absent[0] == "NoSuchEntity"
