"""Why AWS did not say who is calling, in words that say what to do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import botocore.exceptions as botocore_errors
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import aws
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._environment import account
from ansible_collections.railyard.fargate.plugins.module_utils._environment.problem import dotted

WANTED = account.Wanted("111111111111", "eu-south-1", {"KEY": "/shop/production/KEY"}, store="ansible-playbook playbooks/secret.yml")


class Sts:
    """A client whose GetCallerIdentity ends with an error, or not."""

    meta = SimpleNamespace(partition="aws")

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def get_caller_identity(self) -> dict[str, Any]:
        if self.error:
            raise self.error
        return {"Account": "111111111111", "Arn": "arn:aws:iam::111111111111:user/anna"}

    def get_parameters(self, **_: Any) -> dict[str, Any]:
        raise self.error or AssertionError("not asked")


def refused(code: str) -> botocore_errors.ClientError:
    return botocore_errors.ClientError({"Error": {"Code": code, "Message": "as AWS says it"}}, "GetCallerIdentity")


def told(error: Exception, home: Exception | None = None, profile: str = "") -> tuple[str, str, str]:
    wanted = account.Wanted(WANTED.account_id, WANTED.region, WANTED.secrets, profile, WANTED.store)
    known, (problem,) = account.look(lambda _, region: Sts(error if region == wanted.region else home), wanted)
    assert known == {}
    return problem.what, dotted(problem.path), problem.right


@pytest.mark.parametrize(
    ("error", "what", "right"),
    [
        (botocore_errors.NoCredentialsError(), "no AWS credentials were found", "aws sso login"),
        (botocore_errors.PartialCredentialsError(provider="env", cred_var="X"), "no AWS credentials", "AWS_SECRET_ACCESS_KEY"),
        (refused("ExpiredToken"), "the credentials have expired", "sign in again"),
        (refused("ExpiredTokenException"), "the credentials have expired", "sign in again"),
        (botocore_errors.SSOTokenLoadError(profile_name="shop", error_msg="x"), "nobody is signed in", "aws sso login"),
        (botocore_errors.UnauthorizedSSOTokenError(), "nobody is signed in", "aws sso login"),
        (botocore_errors.EndpointConnectionError(endpoint_url="https://sts"), "AWS does not answer", "HTTPS_PROXY"),
        (refused("AccessDenied"), "AWS does not say who is calling: GetCallerIdentity: AccessDenied", "AWS_PROFILE"),
    ],
)
def test_each_reason_has_its_remedy(error: Exception, what: str, right: str) -> None:
    said, _, remedy = told(error)
    assert what in said and right in remedy


def test_a_profile_is_named() -> None:
    assert told(refused("ExpiredToken"), profile="shop")[1:] == ("railyard_profile", "sign in again: aws sso login --profile shop")
    assert told(botocore_errors.NoCredentialsError(), profile="shop")[1] == "railyard_profile"


def test_keys_that_are_good_elsewhere_mean_a_region_that_is_not_enabled() -> None:
    what, where, right = told(refused("InvalidClientTokenId"))
    assert what == "the Region eu-south-1 is not enabled in account 111111111111"
    assert where == "railyard_region" and "aws account enable-region --region-name eu-south-1" in right


def test_keys_that_are_good_nowhere_are_bad_keys() -> None:
    what, where, _ = told(refused("InvalidClientTokenId"), home=refused("InvalidClientTokenId"))
    assert what.startswith("AWS does not accept the credentials: GetCallerIdentity: InvalidClientTokenId") and where == ""


def test_a_caller_who_may_not_look_at_parameters_hears_which_right_is_missing() -> None:
    class NoParameters(Sts):
        def get_parameters(self, **_: Any) -> dict[str, Any]:
            raise refused("AccessDeniedException")

        def describe_parameters(self, **_: Any) -> dict[str, Any]:
            raise refused("AccessDeniedException")

        def can_paginate(self, _: str) -> bool:
            return False

    _, (problem,) = account.look(lambda *_: NoParameters(None), WANTED)
    assert "AccessDeniedException" in problem.what and "ssm:GetParameters" in problem.right
    assert dotted(problem.path) == "railyard_secrets"


def test_a_region_that_aws_does_not_have_is_not_asked() -> None:
    wanted = account.Wanted("111111111111", "eu-west-7", {})
    _, (problem,) = account.look(lambda *_: pytest.fail("asked"), wanted)
    assert "eu-west-1" in problem.right


def test_a_profile_that_this_machine_does_not_have() -> None:
    wanted = account.Wanted("111111111111", "eu-west-1", {}, "shop")
    assert account.profile(wanted, ["shop", "other"]) == []
    (problem,) = account.profile(wanted, ["other"])
    assert problem.what.endswith("no profile shop; it has other")


def test_errors_keep_their_cause_so_that_their_kind_is_known() -> None:
    with pytest.raises(RailyardError) as caught:
        aws.call(Sts(botocore_errors.NoCredentialsError()), "GetCallerIdentity")
    assert isinstance(caught.value.__cause__, botocore_errors.NoCredentialsError)
