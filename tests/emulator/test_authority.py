"""Whether policies allow a request: by table, without an emulator."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.authority.conditions import Context, met
from emulator.authority.decision import Decision, Policies, Principal, Request, decide, sentence
from emulator.authority.documents import Condition, statements

ROLE = "arn:aws:iam::123456789012:role/deploy"
SESSION = Principal("arn:aws:sts::123456789012:assumed-role/deploy/me", "123456789012", ROLE)
BUCKET = "arn:aws:s3:::shop/*"
OBJECT = "arn:aws:s3:::shop/a/b"
EXPLICIT, LACKING = "with an explicit deny in an identity-based policy", "because no identity-based policy allows the s3:GetObject action"


def document(*given: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(given)})


def allow(action: Any = "s3:GetObject", resource: Any = BUCKET, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:GetObject", resource: Any = BUCKET, **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def decided(*given: dict[str, Any], action: str = "s3:GetObject", resource: str = OBJECT, **more: Any) -> Decision:
    context = more.pop("context", {})
    return decide(Request(SESSION, action, resource, context), Policies((document(*given),) if given else (), **more))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([], LACKING),
        ([allow()], ""),
        ([allow("S3:getobject")], ""),
        ([allow("s3:Get*")], ""),
        ([allow("s3:GetObjec?")], ""),
        ([allow("*", "*")], ""),
        ([allow(["s3:PutObject", "s3:GetObject"])], ""),
        ([allow("s3:PutObject")], LACKING),
        ([allow("s3:[G]etObject")], LACKING),
        ([allow(resource="arn:aws:s3:::shop/a")], LACKING),
        ([allow(resource="arn:aws:s3:::shop/?/b")], ""),
        ([allow(resource="arn:aws:s3:::Shop/*")], LACKING),
        ([allow(), deny()], EXPLICIT),
        ([allow(), deny("s3:PutObject")], ""),
        ([deny(), allow()], EXPLICIT),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], ""),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], LACKING),
        ([{"Effect": "Allow", "Action": "*", "NotResource": BUCKET}], LACKING),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}], ""),
        ([allow(Condition={"Bool": {"aws:SecureTransport": "true"}})], LACKING),
    ],
)
def test_identity_policies(given: list[dict[str, Any]], reason: str) -> None:
    assert decided(*given) == Decision(not reason, reason)


def test_a_statement_need_not_be_in_a_list() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": allow()})
    assert decide(Request(SESSION, "s3:GetObject", OBJECT), Policies((text,))).allowed


def test_a_boundary_allows_nothing_and_limits_everything() -> None:
    wide, narrow = document(allow("s3:*")), document(allow("s3:PutObject"))
    assert decided(allow(), boundary=(wide,)).allowed
    assert not decided(boundary=(wide,)).allowed
    assert decided(allow(), boundary=(narrow,)).reason == "because no permissions boundary allows the s3:GetObject action"
    assert decided(allow(), boundary=()).reason == "because no permissions boundary allows the s3:GetObject action"
    assert decided(allow(), boundary=(document(deny()),)).reason == "with an explicit deny in a permissions boundary"


@pytest.mark.parametrize(
    ("principal", "alone", "with_identity"),
    [
        ("*", True, True),
        ({"AWS": "*"}, True, True),
        ({"AWS": ROLE}, True, True),
        ({"AWS": SESSION.arn}, True, True),
        ({"AWS": ["arn:aws:iam::999999999999:role/deploy", ROLE]}, True, True),
        ({"AWS": "123456789012"}, False, True),
        ({"AWS": "arn:aws:iam::123456789012:root"}, False, True),
        ({"AWS": "arn:aws:iam::123456789012:role/other"}, False, True),
        ({"Service": "ecs.amazonaws.com"}, False, True),
    ],
)
def test_a_resource_policy_in_the_same_account_allows_by_itself(principal: Any, alone: bool, with_identity: bool) -> None:
    policy = document(allow(Principal=principal))
    assert decided(resource_policy=policy).allowed is alone
    assert decided(allow(), resource_policy=policy).allowed is with_identity


def test_a_resource_policy_denies() -> None:
    policy = document(deny(Principal="*"))
    assert decided(allow(), resource_policy=policy).reason == "with an explicit deny in a resource-based policy"
    insecure = document(deny("s3:*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}))
    assert decided(allow(), resource_policy=insecure, context={"aws:securetransport": "true"}).allowed
    assert not decided(allow(), resource_policy=insecure, context={"aws:securetransport": "false"}).allowed


def test_everybody_but() -> None:
    policy = document({"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "s3:*", "Resource": BUCKET})
    assert decided(allow(), resource_policy=policy).allowed
    other = Principal("arn:aws:iam::123456789012:user/ann", "123456789012")
    assert not decide(Request(other, "s3:GetObject", OBJECT), Policies((document(allow()),), resource_policy=policy)).allowed


def test_a_role_is_within_its_boundary_and_a_session_by_its_own_name_is_not() -> None:
    """What is granted to the ARN of a session is granted past the boundary of its role."""
    nothing = (document(allow("iam:GetRole", "*")),)
    of_role, of_session = (document(allow(Principal={"AWS": name})) for name in (ROLE, SESSION.arn))
    assert not decided(boundary=nothing, resource_policy=of_role).allowed
    assert decided(boundary=nothing, resource_policy=of_session).allowed


def test_another_account_needs_both() -> None:
    policy = document(allow(Principal={"AWS": ROLE}))
    assert not decided(foreign=True, resource_policy=policy).allowed
    assert decided(allow(), foreign=True).reason == "because no resource-based policy allows the s3:GetObject action"
    assert decided(allow(), foreign=True, resource_policy=policy).allowed


def test_a_key_is_used_as_its_policy_says() -> None:
    """A key policy that names the account hands the decision to the account's own policies; one that does not lets nobody else in."""
    handed = document(allow("kms:*", "*", Principal={"AWS": "arn:aws:iam::123456789012:root"}))
    closed = document(allow("kms:*", "*", Principal={"AWS": "arn:aws:iam::123456789012:role/other"}))
    mine = allow("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:key/1")
    used = {"action": "kms:Decrypt", "resource": "arn:aws:kms:eu-west-1:123456789012:key/1", "needed": True}
    assert decided(mine, resource_policy=handed, **used).allowed
    assert not decided(resource_policy=handed, **used).allowed
    assert not decided(mine, resource_policy=closed, **used).allowed


def test_the_sentence() -> None:
    request = Request(SESSION, "ecs:RunTask", "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:1")
    assert sentence(request, decide(request, Policies())) == (
        "User: arn:aws:sts::123456789012:assumed-role/deploy/me is not authorized to perform: ecs:RunTask on resource: "
        "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:1 because no identity-based policy allows the ecs:RunTask action"
    )


ARN = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop"
KNOWN: Context = {
    "aws:sourcearn": ARN,
    "aws:sourceaccount": "123456789012",
    "aws:securetransport": "true",
    "aws:username": "ann",
    "aws:sourceip": "10.0.3.7",
    "aws:currenttime": "2026-06-01T12:00:00Z",
    "aws:epochtime": "1780315200",
    "s3:max-keys": "10",
    "aws:tagkeys": ("team", "stage"),
    "aws:none": (),
}
ROWS: list[tuple[str, str, Any, bool]] = [
    ("StringEquals", "aws:SourceAccount", "123456789012", True),
    ("StringEquals", "AWS:sourceaccount", ["1", "123456789012"], True),
    ("StringEquals", "aws:SourceAccount", "1", False),
    ("StringEquals", "aws:Absent", "1", False),
    ("StringEquals", "aws:username", "Ann", False),
    ("StringEqualsIgnoreCase", "aws:username", "Ann", True),
    ("StringEqualsIfExists", "aws:Absent", "1", True),
    ("StringEqualsIfExists", "aws:username", "bob", False),
    ("StringNotEquals", "aws:username", "bob", True),
    ("StringNotEquals", "aws:username", ["bob", "ann"], False),
    ("StringNotEquals", "aws:Absent", "bob", True),
    ("StringNotEqualsIgnoreCase", "aws:username", "ANN", False),
    ("StringLike", "aws:username", "a?n", True),
    ("StringLike", "aws:username", "b*", False),
    ("StringNotLike", "aws:username", "a*", False),
    ("StringLike", "aws:username", "${aws:username}", True),
    ("StringEquals", "aws:username", "${aws:absent}", False),
    ("StringEquals", "aws:username", "${aws:absent, 'ann'}", True),
    ("StringEquals", "aws:username", "${*}", False),
    ("ArnLike", "aws:SourceArn", "arn:aws:ecs:eu-west-1:123456789012:*", True),
    ("ArnEquals", "aws:SourceArn", "arn:aws:ecs:*:123456789012:cluster/*", True),
    ("ArnLike", "aws:SourceArn", "arn:aws:ecs:eu-west-1:1*", False),
    ("ArnLike", "aws:SourceArn", "arn:aws:*", False),
    ("ArnLike", "aws:SourceArn", "arn:aws:ssm:eu-west-1:123456789012:*", False),
    ("ArnNotLike", "aws:SourceArn", "arn:aws:ssm:*:*:*", True),
    ("ArnNotEquals", "aws:SourceArn", ARN, False),
    ("Bool", "aws:SecureTransport", "true", True),
    ("Bool", "aws:SecureTransport", True, True),
    ("Bool", "aws:SecureTransport", "false", False),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "true", True),
    ("Bool", "aws:MultiFactorAuthPresent", "false", False),
    ("Null", "aws:Absent", "true", True),
    ("Null", "aws:Absent", "false", False),
    ("Null", "aws:username", "false", True),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/16", True),
    ("IpAddress", "aws:SourceIp", ["192.168.0.0/16", "10.0.3.7"], True),
    ("IpAddress", "aws:SourceIp", "10.1.0.0/16", False),
    ("IpAddress", "aws:SourceIp", "nonsense", False),
    ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", False),
    ("NumericLessThanEquals", "s3:max-keys", "10", True),
    ("NumericLessThan", "s3:max-keys", "10", False),
    ("NumericGreaterThan", "s3:max-keys", "9", True),
    ("NumericGreaterThanEquals", "s3:max-keys", "11", False),
    ("NumericEquals", "s3:max-keys", "10.0", True),
    ("NumericNotEquals", "s3:max-keys", "10", False),
    ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", True),
    ("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", False),
    ("DateLessThanEquals", "aws:CurrentTime", "2026-06-01T12:00:00Z", True),
    ("DateGreaterThanEquals", "aws:EpochTime", "2026-06-01T12:00:00Z", True),
    ("DateEquals", "aws:CurrentTime", "2026-06-01", False),
    ("DateNotEquals", "aws:CurrentTime", "2026-06-01", True),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "stage", "cost"], True),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["team"], False),
    ("ForAllValues:StringEquals", "aws:Absent", ["team"], True),
    ("ForAllValues:StringEquals", "aws:None", ["team"], True),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["team"], True),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["cost"], False),
    ("ForAnyValue:StringEquals", "aws:Absent", ["team"], False),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["team"], True),
    ("ForAllValues:StringNotEquals", "aws:TagKeys", ["team"], False),
    ("ForAnyValue:StringLikeIfExists", "aws:Absent", ["t*"], True),
]


@pytest.mark.parametrize(("operator", "key", "values", "result"), ROWS, ids=str)
def test_conditions(operator: str, key: str, values: Any, result: bool) -> None:
    (statement,) = statements(document(allow(Condition={operator: {key: values}})))
    assert met(statement.conditions, KNOWN) is result


def test_all_conditions_of_a_statement_hold() -> None:
    good, bad = Condition("StringEquals", "aws:username", ("ann",)), Condition("StringEquals", "aws:username", ("bob",))
    assert met([good, good], KNOWN) and not met([good, bad], KNOWN) and met([], {})


def test_variables_in_resources() -> None:
    own = allow(resource="arn:aws:s3:::shop/${aws:username}/*")
    assert decided(own, resource="arn:aws:s3:::shop/ann/1", context={"aws:username": "ann"}).allowed
    assert not decided(own, resource="arn:aws:s3:::shop/bob/1", context={"aws:username": "ann"}).allowed
    assert not decided(own, resource="arn:aws:s3:::shop//1").allowed


def trusted(service: str, context: Context, **condition: Any) -> bool:
    policy = document({"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole", **condition})
    return decide(Request(Principal(service=service), "sts:AssumeRole", "*", context), Policies(resource_policy=policy)).allowed


def test_a_service_is_trusted_by_its_name_and_conditions() -> None:
    assert trusted("ecs-tasks.amazonaws.com", {})
    assert not trusted("ecs.amazonaws.com", {}) and not trusted("tasks.amazonaws.com", {})
    condition = {
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
    assert trusted("ecs-tasks.amazonaws.com", KNOWN, Condition=condition)
    assert not trusted("ecs-tasks.amazonaws.com", {}, Condition=condition)
    assert not trusted("ecs-tasks.amazonaws.com", {**KNOWN, "aws:sourceaccount": "999999999999"}, Condition=condition)
