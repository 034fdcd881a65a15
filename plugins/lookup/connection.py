# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: connection
version_added: 0.1.0
short_description: How modules of AWS reach the account of a host, as its inventory says
description:
  - Returns the options C(region), C(profile), C(endpoint_url), C(access_key) and C(secret_key) of modules of AWS as far as the inventory
    says them with C(railyard_region), C(railyard_profile), C(railyard_endpoint_url), C(railyard_access_key) and C(railyard_secret_key).
  - Whoever is named there excludes whom the environment of the run names. With C(railyard_access_key), C(AWS_PROFILE) does not
    count; with C(railyard_profile), keys in C(AWS_ACCESS_KEY_ID) do not. Without both, the environment decides, and keys come before
    C(AWS_PROFILE), as with the AWS CLI. Keys are an id and a secret, also by their older names C(AWS_ACCESS_KEY) and C(AWS_SECRET_KEY);
    one of them alone, or a token that is left over, does not count.
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
- name: Network
  hosts: all
  module_defaults:
    group/railyard.fargate.own: "{{ lookup('railyard.fargate.connection') }}"
"""

RETURN = r"""
_raw:
  description: The options by name.
  type: list
  elements: dict
"""

import os
from typing import Any

from ansible.executor.process import worker
from ansible.plugins.lookup import LookupBase

NAMES = ("region", "profile", "endpoint_url", "access_key", "secret_key")
# botocore refuses to start where they name a profile that is not there, although the keys are given.
PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
# By option, the names that modules of amazon.aws read; botocore knows only the first.
KEYS = {"access_key": ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"), "secret_key": ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY")}
NO_KEYS = {"access_key": "", "secret_key": "", "session_token": ""}


class LookupModule(LookupBase):
    """Evaluated for each module, in the worker of its task."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        known = variables or {}
        named = {name: self._templar.template(known[f"railyard_{name}"]) for name in NAMES if f"railyard_{name}" in known}
        found = {name: value for name, value in named.items() if value not in (None, "")}
        if "access_key" in found:
            forget_profiles()
            return [{"profile": "", "secret_key": "", "session_token": "", **found}]
        if "profile" in found:
            return [{**NO_KEYS, **found}]
        keys = {option: of_environment(names) for option, names in KEYS.items()}
        if all(keys.values()):
            forget_profiles()
            own = {**keys, "session_token": os.environ.get("AWS_SESSION_TOKEN", "")} if renamed(keys) else {}
            return [{"profile": "", **own, **found}]
        profile = of_environment(PROFILES)
        return [{**NO_KEYS, **({"profile": profile} if profile else {}), **found}]


def of_environment(names: tuple[str, ...]) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def renamed(keys: dict[str, str]) -> bool:
    """Whether botocore would not find these keys by itself."""
    return any(os.environ.get(names[0]) != keys[option] for option, names in KEYS.items())


def forget_profiles() -> None:
    """Take them from the environment that this task's module will have. The controller's own stays as it is."""
    if getattr(worker, "current_worker", None):
        for name in PROFILES:
            os.environ.pop(name, None)
