# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of AWS on the controller, with the options that modules of AWS have."""

from __future__ import annotations

import os
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
MORE = {
    "aws_ca_bundle": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "aws_config": {"type": "dict"},
}


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
    config = Config(retries={"mode": "standard", "max_attempts": 8}).merge(Config(**options.get("aws_config") or {}))
    # Where nothing is said botocore looks into its configuration and REQUESTS_CA_BUNDLE.
    verify = (options["aws_ca_bundle"] or None) if options["validate_certs"] else False
    try:
        made = session(options)
        return {name: made.client(name, endpoint_url=options["endpoint_url"], config=config, verify=verify) for name in services}
    except BotoCoreError as error:
        raise RailyardError(f"no connection to AWS: {error}") from error


def network(options: dict[str, Any]) -> dict[str, str]:
    """Environment variables by which a program that is not ours takes the same proxy and the same certificates as our clients."""
    bundle = (
        options.get("aws_ca_bundle") or session(options)._session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
    )
    found = {"AWS_CA_BUNDLE": bundle, "SSL_CERT_FILE": bundle} if bundle and os.path.isfile(bundle) else {"AWS_CA_BUNDLE": bundle}
    proxy = ((options.get("aws_config") or {}).get("proxies") or {}).get("https")
    if proxy:
        # botocore takes these for every address.
        found |= {name: proxy for name in ("HTTPS_PROXY", "https_proxy")} | {name: "none" for name in ("NO_PROXY", "no_proxy")}
    return {name: value for name, value in found.items() if value}


KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def environment(options: dict[str, Any]) -> dict[str, str]:
    """The same credentials as environment variables, for a program that is not ours.

    Keys that are renewed it has to get by itself, by the same profile; others are handed over.
    """
    keys = keys_of(options)
    region = {"AWS_REGION": options["region"]}
    if keys and keys["renewed"]:
        own = {name: value for name, value in os.environ.items() if name.startswith("AWS_") and name not in KEYS}
        profile = options["profile"] or own.get("AWS_PROFILE") or own.get("AWS_DEFAULT_PROFILE")
        found = {**own, "AWS_PROFILE": profile, "AWS_SDK_LOAD_CONFIG": "1", **region}
    else:
        found = {**(dict(zip(KEYS, keys["keys"], strict=True)) if keys else {}), **region}
    return {name: value for name, value in found.items() if value}


def keys_of(options: dict[str, Any]) -> dict[str, Any] | None:
    """{keys (id, secret and token), ends (a time, None when AWS has said none), renewed (without a person)}; None when there are none."""
    made = session(options)
    found = made.get_credentials()
    if found is None:
        return None
    try:
        frozen = found.get_frozen_credentials()
    except (BotoCoreError, RuntimeError) as error:
        raise RailyardError(f"there are no valid credentials: {error}") from error
    ends = getattr(found, "_expiry_time", None)
    asks = bool(made._session.get_scoped_config().get("mfa_serial"))
    renewed = ends is not None and found.method not in ("env", "explicit") and not asks
    return {"keys": (frozen.access_key, frozen.secret_key, frozen.token), "ends": ends, "renewed": renewed}
