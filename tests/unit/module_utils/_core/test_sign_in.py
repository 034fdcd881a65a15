"""Why credentials do not work: the profile, what it asks for, and what to type."""

from __future__ import annotations

import botocore.exceptions as botocore_errors
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.credentials import MfaCodeNeeded
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.sign_in import explain


def refused(code: str, message: str = "as AWS says it", operation: str = "GetCallerIdentity") -> Exception:
    error: Exception = botocore_errors.ClientError({"Error": {"Code": code, "Message": message}}, operation)
    return error


def explained(cause: Exception, profile: str = "work") -> tuple[str, str]:
    code = cause.response["Error"]["Code"] if isinstance(cause, botocore_errors.ClientError) else ""
    error = RailyardError(str(cause), code)
    error.__cause__ = cause
    found: tuple[str, str] | None = explain(error, profile)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("cause", "what", "right"),
    [
        (
            MfaCodeNeeded(prompt="arn:aws:iam::1:mfa/anna"),
            "profile work asks for an MFA code",
            "aws sts get-caller-identity --profile work",
        ),
        (botocore_errors.RefreshWithMFAUnsupportedError(), "profile work asks for an MFA code", "aws configure export-credentials"),
        (refused("AccessDenied", operation="AssumeRole"), "profile work cannot assume its role", "trust policy"),
        (refused("ExpiredToken", operation="AssumeRole"), "with which profile work assumes its role have expired", "source_profile"),
        (refused("ExpiredToken"), "the credentials of profile work have expired", "aws sso login --profile work"),
        (refused("ForbiddenException", operation="GetRoleCredentials"), "gets no role of IAM Identity Center", "sso_role_name"),
        (botocore_errors.UnauthorizedSSOTokenError(), "nobody is signed in with profile work", "aws sso login --profile work"),
        (botocore_errors.SSOTokenLoadError(profile_name="work", error_msg="x"), "nobody is signed in", "aws sso login --profile work"),
        (refused("SignatureDoesNotMatch", "Signature expired: 2026 is now earlier than 2027"), "the clock of this machine", "date -u"),
        (refused("InvalidSignatureException", "Signature not yet current: 2027"), "the clock of this machine", "date -u"),
        (botocore_errors.NoCredentialsError(), "no AWS credentials were found for profile work", "AWS_PROFILE"),
        (
            botocore_errors.CredentialRetrievalError(provider="custom-process", error_msg="exit 1"),
            "the credentials of profile work cannot be fetched",
            "aws sts get-caller-identity --profile work",
        ),
    ],
)
def test_each_reason_names_the_profile_and_the_way_out(cause: Exception, what: str, right: str) -> None:
    said, remedy = explained(cause)
    assert what in said and right in remedy


def test_without_a_profile_none_is_named() -> None:
    said, remedy = explained(refused("ExpiredToken"), "")
    assert said.startswith("the credentials have expired") and "--profile" not in remedy


def test_what_is_not_about_credentials_is_not_explained() -> None:
    error = RailyardError("CreateRole: AccessDenied: no", "AccessDenied")
    error.__cause__ = refused("AccessDenied", operation="CreateRole")
    assert explain(error, "work") is None
