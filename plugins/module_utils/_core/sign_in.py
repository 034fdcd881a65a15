# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why credentials do not work, in words that name the profile, what it asks for, and what to type."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .errors import RailyardError

WAYS = (
    "one of: railyard_profile in the inventory, or AWS_PROFILE, with a profile of ~/.aws/config; aws sso login --profile <profile>; "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) in the environment; the role of this machine"
)
CLOCK = re.compile(
    r"Signature (expired|not yet current)|RequestTimeTooSkewed|(request|signature).{0,40}(skew|in the future)", re.IGNORECASE
)
ROLES = {"AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}
MFA = {"MfaCodeNeeded", "RefreshWithMFAUnsupportedError"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
SIGN_IN = {"TokenRetrievalError", "SSOTokenLoadError", "UnauthorizedSSOTokenError", "SSOError"}
LOGIN = {"LoginError", "LoginRefreshRequired", "LoginTokenLoadError", "LoginInsufficientPermissions"}
NONE = {"NoCredentialsError", "PartialCredentialsError"}
FETCHING = {"CredentialRetrievalError", "InvalidConfigError", "MetadataRetrievalError", "UnknownCredentialError", "ConfigParseError"}
REFUSED = {
    "AuthFailure",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


@dataclass(frozen=True)
class Trouble:
    """`text` is AWS's or botocore's; `kinds` are AWS's code and the names of the exception's classes; `operation` is what was refused."""

    text: str
    kinds: frozenset[str]
    operation: str
    profile: str

    @property
    def whose(self) -> str:
        return f"profile {self.profile}" if self.profile else "the credentials"

    @property
    def named(self) -> str:
        return f" --profile {self.profile}" if self.profile else ""


def trouble(error: RailyardError, profile: str = "") -> Trouble:
    cause = error.__cause__
    kinds = frozenset({error.code, *(cls.__name__ for cls in type(cause).__mro__)} - {""})
    return Trouble(error.message, kinds, getattr(cause, "operation_name", ""), profile)


def explain(error: RailyardError, profile: str = "") -> tuple[str, str] | None:
    """What is wrong and what to type; None when it is not the credentials."""
    found = trouble(error, profile)
    return next(((what, right) for applies, say in CASES if applies(found) for what, right in [say(found)]), None)


def is_refused(error: RailyardError) -> bool:
    """Whether AWS does not accept keys that it was shown."""
    return bool(trouble(error).kinds & REFUSED)


def _mfa(found: Trouble) -> tuple[str, str]:
    export = f'eval "$(aws configure export-credentials{found.named} --format env)"'
    return (
        f"{found.whose} asks for an MFA code, which a module cannot ask for: {found.text}",
        f"aws sts get-caller-identity{found.named}, which asks for it and keeps the session where this run finds it; or {export}, and then"
        " neither railyard_profile nor AWS_PROFILE",
    )


def _role(found: Trouble) -> tuple[str, str]:
    if found.kinds & EXPIRED:
        return (
            f"the credentials with which {found.whose} assumes its role have expired: {found.text}",
            "sign in again with the profile that its source_profile names, with aws sso login for example",
        )
    return (
        f"{found.whose} cannot assume its role: {found.text}",
        f"role_arn and source_profile in ~/.aws/config as they should be, a role whose trust policy allows that caller; "
        f"to try it: aws sts get-caller-identity{found.named}",
    )


def _expired(found: Trouble) -> tuple[str, str]:
    again = f"sign in again: aws sso login{found.named}" if found.profile else "sign in again, or fetch new ones"
    return f"the credentials{f' of {found.whose}' if found.profile else ''} have expired: {found.text}", again


def _fetching(found: Trouble) -> tuple[str, str]:
    return f"the credentials of {found.whose} cannot be fetched: {found.text}", f"aws sts get-caller-identity{found.named} shows why"


CASES: tuple[tuple[Callable[[Trouble], bool], Callable[[Trouble], tuple[str, str]]], ...] = (
    (lambda found: bool(found.kinds & MFA), _mfa),
    (
        lambda found: bool(CLOCK.search(found.text) or "RequestTimeTooSkewed" in found.kinds),
        lambda found: (
            f"the clock of this machine differs too much from AWS's: {found.text}",
            "set the clock; date -u must say what https://time.is/UTC says",
        ),
    ),
    (lambda found: found.operation in ROLES, _role),
    (
        lambda found: found.operation == "GetRoleCredentials",
        lambda found: (
            f"{found.whose} gets no role of IAM Identity Center: {found.text}",
            f"sso_account_id and sso_role_name in ~/.aws/config that are assigned to you; then aws sso login{found.named}",
        ),
    ),
    (lambda found: bool(found.kinds & EXPIRED), _expired),
    (
        lambda found: bool(found.kinds & SIGN_IN),
        lambda found: (
            f"nobody is signed in{f' with {found.whose}' if found.profile else ''}: {found.text}",
            f"aws sso login{found.named}",
        ),
    ),
    (
        lambda found: bool(found.kinds & LOGIN),
        lambda found: (f"nobody is signed in{f' with {found.whose}' if found.profile else ''}: {found.text}", f"aws login{found.named}"),
    ),
    (
        lambda found: bool(found.kinds & NONE),
        lambda found: (
            f"no AWS credentials were found{f' for {found.whose}' if found.profile else ''} on this machine",
            WAYS,
        ),
    ),
    (lambda found: bool(found.kinds & FETCHING), _fetching),
)
