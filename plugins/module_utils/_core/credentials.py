# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where credentials of roles, SSO and MFA come from. Imports nothing of this collection: the warm server loads it by its path, too.

botocore fetches the temporary keys of a profile anew for each session, and each client of a module is one. The AWS CLI keeps them in
~/.aws/cli/cache until they expire, under names that botocore computes. So do modules: AssumeRole is called until the
first answer is there and not for each client, and never where a person has just signed in with the AWS CLI, with an MFA code for example.
What a profile's credential_process prints is written nowhere, as with the AWS CLI; it is run once for all clients of a process.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

try:
    import botocore.credentials
    from botocore.exceptions import BotoCoreError
    from botocore.utils import JSONFileCache, parse_timestamp
except ImportError:
    BotoCoreError = Exception  # type: ignore[assignment, misc]
    JSONFileCache = object  # type: ignore[assignment, misc]

FOLDER = ("~", ".aws", "cli", "cache")
PARAMETERS = ["session", "cache", "region_name"]
# Seconds before their end from which botocore asks for others.
EARLY = 900
_printed: dict[tuple[str, str], dict[str, Any]] = {}
_printing = threading.Lock()


class MfaCodeNeeded(BotoCoreError):  # type: ignore[misc, unused-ignore]
    """A module has no terminal to ask for the code at."""

    fmt = "the profile asks for an MFA code ({prompt}), which a module cannot ask for"


class Cache(JSONFileCache):  # type: ignore[misc, unused-ignore]
    """The AWS CLI's; where it cannot be written, credentials are fetched each time."""

    def __setitem__(self, key: str, value: Any) -> None:
        with contextlib.suppress(OSError):
            super().__setitem__(key, value)


def share() -> None:
    """From here on sessions of this process keep temporary keys where the AWS CLI keeps them, and none waits for an MFA code."""
    create = botocore.credentials.create_credential_resolver
    if hasattr(create, "__wrapped__"):
        return

    @functools.wraps(create)
    def create_credential_resolver(session: Any, cache: Any = None, region_name: str | None = None) -> Any:
        kept = Cache(os.path.expanduser(os.path.join(*FOLDER))) if cache is None else cache
        resolver = create(session, cache=kept, region_name=region_name)
        with contextlib.suppress(botocore.exceptions.UnknownCredentialError):
            resolver.get_provider("assume-role")._prompter = refuse
        return resolver

    botocore.credentials.create_credential_resolver = create_credential_resolver
    provider = botocore.credentials.ProcessProvider
    provider._retrieve_credentials_using = _once(provider._retrieve_credentials_using)


def _once(run: Callable[[Any, str], dict[str, Any]]) -> Callable[[Any, str], dict[str, Any]]:
    """What a credential_process has printed, until it ends soon."""

    @functools.wraps(run)
    def printed(provider: Any, command: str) -> dict[str, Any]:
        key = (provider._profile_name, command)
        with _printing:
            if key not in _printed or _ends_soon(_printed[key]):
                _printed[key] = run(provider, command)
            return dict(_printed[key])

    return printed


def _ends_soon(keys: dict[str, Any]) -> bool:
    return bool(keys["expiry_time"]) and parse_timestamp(keys["expiry_time"]).timestamp() - time.time() <= EARLY


def refuse(prompt: str) -> NoReturn:
    """Instead of asking at a terminal."""
    raise MfaCodeNeeded(prompt=prompt.strip(": "))
