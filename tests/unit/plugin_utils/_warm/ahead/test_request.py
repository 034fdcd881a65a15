"""Which calls may be answered ahead."""

from __future__ import annotations

import datetime
from typing import Any

import botocore.session
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._release import lock_state
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.request import Credentials, Kind, kind, words
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.botocore_caches import SERVICES

SESSION = botocore.session.get_session()


def judged(service: str, operation: str) -> Kind:
    return kind(service, SESSION.get_service_model(service).operation_model(operation))


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("ec2", "DescribeVpcs", Kind.READ),
        ("ecs", "DescribeTaskDefinition", Kind.READ),
        ("rds", "DescribeDBInstances", Kind.READ),
        ("iam", "ListRoleTags", Kind.READ),
        ("s3", "HeadBucket", Kind.READ),
        ("ecr", "BatchGetImage", Kind.READ),
        ("sts", "GetCallerIdentity", Kind.READ),
        ("ssm", "DescribeParameters", Kind.READ),
        ("ssm", "GetParameter", Kind.ASIDE),
        ("ssm", "GetParameters", Kind.ASIDE),
        ("ssm", "GetParametersByPath", Kind.ASIDE),
        ("secretsmanager", "GetSecretValue", Kind.ASIDE),
        ("secretsmanager", "BatchGetSecretValue", Kind.ASIDE),
        ("secretsmanager", "GetRandomPassword", Kind.ASIDE),
        ("ecr", "GetAuthorizationToken", Kind.ASIDE),
        ("ecr", "GetDownloadUrlForLayer", Kind.ASIDE),
        ("sts", "GetSessionToken", Kind.ASIDE),
        ("sts", "AssumeRole", Kind.ASIDE),
        ("kms", "Decrypt", Kind.ASIDE),
        ("s3", "GetObject", Kind.ASIDE),
        ("s3", "HeadObject", Kind.ASIDE),
        ("logs", "GetLogEvents", Kind.ASIDE),
        ("ec2", "GetPasswordData", Kind.ASIDE),
        ("ec2", "CreateVpc", Kind.WRITE),
        ("ecs", "RunTask", Kind.WRITE),
        ("ecs", "StopTask", Kind.WRITE),
        ("ssm", "StartSession", Kind.WRITE),
        ("codedeploy", "CreateDeployment", Kind.WRITE),
        ("kms", "GenerateDataKey", Kind.WRITE),
        ("elbv2", "ModifyListener", Kind.WRITE),
        ("logs", "StartQuery", Kind.WRITE),
    ],
)
def test_kinds(service: str, operation: str, expected: Kind) -> None:
    assert judged(service, operation) is expected


@pytest.mark.parametrize("operation", ["PutObject", "DeleteObject", "GetObject", "HeadObject"])
def test_the_lock_of_an_environment_neither_ends_reading_ahead_nor_is_read_ahead(operation: str) -> None:
    model = SESSION.get_service_model("s3").operation_model(operation)
    assert kind("s3", model, {"Bucket": "any", "Key": lock_state.KEY}) is Kind.ASIDE
    if operation in ("PutObject", "DeleteObject"):
        assert kind("s3", model, {"Bucket": "any", "Key": "releases/1.json"}) is Kind.WRITE


@pytest.mark.parametrize("service", SERVICES)
def test_no_operation_that_is_made_to_change_something_is_a_read(service: str) -> None:
    verbs = ("Create", "Put", "Update", "Modify", "Delete", "Register", "Start", "Stop", "Run", "Attach", "Set", "Tag", "Untag", "Add")
    names = SESSION.get_service_model(service).operation_names
    assert {judged(service, name) for name in names if name.startswith(verbs)} <= {Kind.WRITE}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"b": 1, "a": [True, None]}, '{"a": [true, null], "b": 1}'),
        ({"NextToken": "x"}, None),
        ({"Marker": "x", "MaxItems": 2}, None),
        ({"StartTime": datetime.datetime(2026, 1, 1)}, None),
        ({"Body": b"x"}, None),
    ],
)
def test_words(params: dict[str, Any], expected: str | None) -> None:
    assert words(params) == expected


def test_identities_differ_in_each_part_and_show_none_of_it() -> None:
    made = [Credentials("a", "b", None), Credentials("a", "b", ""), Credentials("a", "c", None), Credentials("ab", "", None)]
    assert len({one.identity for one in made}) == 4 and repr(made[2]) == "Credentials()"
