# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of AWS on the controller, with the options that modules of AWS have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

try:
    import boto3.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError
except ImportError:
    pass  # Without it the module says what is missing; see its requirements.

from ansible_collections.railyard.fargate.plugins.module_utils._core import credentials
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

OPTIONS: dict[str, Any] = {
    "region": {"type": "str", "aliases": ["aws_region"]},
    "profile": {"type": "str", "aliases": ["aws_profile"]},
    "endpoint_url": {"type": "str"},
    "access_key": {"type": "str", "aliases": ["aws_access_key_id", "aws_access_key"]},
    "secret_key": {"type": "str", "aliases": ["aws_secret_access_key", "aws_secret_key"], "no_log": True},
    "session_token": {"type": "str", "aliases": ["aws_session_token"], "no_log": True},
}
MORE = {"aws_ca_bundle": {"type": "path"}, "validate_certs": {"type": "bool", "default": True}, "aws_config": {"type": "dict"}}


def session(options: dict[str, Any]) -> boto3.session.Session:
    """Whose credentials count: those of the options, then those of their profile, then the environment's. "" is as good as nothing."""
    credentials.share()
    return boto3.session.Session(
        profile_name=options["profile"] or None,
        region_name=options["region"],
        aws_access_key_id=options["access_key"] or None,
        aws_secret_access_key=options["secret_key"] or None,
        aws_session_token=options["session_token"] or None,
    )


def clients(options: dict[str, Any], services: Iterable[str]) -> dict[str, Any]:
    """A client of each service, which retries as modules' clients do (see _module.aws_client). Raises RailyardError."""
    config = Config(retries={"mode": "standard", "max_attempts": 8})
    verify = options["aws_ca_bundle"] if options["validate_certs"] and options["aws_ca_bundle"] else options["validate_certs"]
    try:
        made = session(options)
        return {name: made.client(name, endpoint_url=options["endpoint_url"], config=config, verify=verify) for name in services}
    except BotoCoreError as error:
        raise RailyardError(f"no connection to AWS: {error}") from error


def environment(options: dict[str, Any]) -> dict[str, str]:
    """The same credentials as environment variables, for a program that is not ours."""
    found = session(options).get_credentials()
    frozen = found.get_frozen_credentials() if found is not None else None
    keys = (
        {"AWS_ACCESS_KEY_ID": frozen.access_key, "AWS_SECRET_ACCESS_KEY": frozen.secret_key, "AWS_SESSION_TOKEN": frozen.token}
        if frozen
        else {}
    )
    return {name: value for name, value in {**keys, "AWS_REGION": options["region"]}.items() if value}
