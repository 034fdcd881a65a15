# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The KMS keys of secrets. A role that reads them needs kms:Decrypt for each key that is not AWS's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .problem import Problem

OWN = "alias/aws/ssm"


def find(ssm: Any, kms: Any, secrets: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """ARNs of customer managed keys by the environment variable whose parameter they encrypt, and a problem for each other key.

    `secrets`: names of parameters by environment variable.
    """
    try:
        ids = _ids(ssm, list(secrets.values()))
    except RailyardError as error:
        right = "ssm:DescribeParameters allowed for the caller"
        return {}, [Problem(f"Parameter Store does not say how secrets are encrypted: {error.message}", ("railyard_secrets",), right)]
    keys: dict[str, str] = {}
    found: list[Problem] = []
    for number, (name, parameter) in enumerate(secrets.items()):
        if ids.get(parameter, OWN) != OWN:
            arn, why = _key(kms, ids[parameter])
            if why:
                what = f"{parameter} is encrypted with the key {ids[parameter]}, and tasks could not read it: {why}"
                right = "a key of this account and Region that is enabled, with kms:DescribeKey for the caller; or the secret stored anew"
                found.append(Problem(what, ("railyard_secrets", number), right))
            else:
                keys[name] = arn
    return keys, found


def _ids(ssm: Any, names: list[str]) -> dict[str, str]:
    """The KeyId of each parameter by its name: an alias, an id or an ARN."""
    found: dict[str, str] = {}
    for batch in aws.batches(list(dict.fromkeys(names)), 50):
        filters = [{"Key": "Name", "Option": "Equals", "Values": batch}]
        described = aws.pages(ssm, "DescribeParameters", "Parameters", ParameterFilters=filters)
        found |= {item["Name"]: item.get("KeyId") or OWN for item in described}
    return found


def _key(kms: Any, identifier: str) -> tuple[str, str]:
    """The ARN of a key, and why it cannot be used ("" when it can)."""
    try:
        key = aws.call(kms, "DescribeKey", KeyId=identifier)["KeyMetadata"]
    except RailyardError as error:
        return "", error.message
    return key["Arn"], "" if key.get("KeyState", "Enabled") == "Enabled" else f"the key is {key['KeyState']}"
