"""What a person does once before an environment can work, done for the local ones: storing its secrets, pushing a first image."""

from __future__ import annotations

import secrets
from typing import Any

from .. import images, registry
from ..services.ssm import parameter_store
from ..services.ssm.parameter_store import Secret
from .inventory import ACCOUNT, REPOSITORY, SECOND_ACCOUNT, TAG

# By account: the local environments do not share one.
ENVIRONMENTS = {ACCOUNT: "local", SECOND_ACCOUNT: "local-production"}
_values: dict[str, str] = {}


@registry.control_endpoint("inventory")
def plant(_: dict[str, Any]) -> dict[str, str]:
    """Store the local environments' secrets, in every Region, and hold a first image. Returns its digest."""
    for account in ENVIRONMENTS:
        _values.setdefault(account, secrets.token_hex(16))
    return images.hold(REPOSITORY, TAG)


def stored(account: str) -> list[Secret]:
    """The SecureStrings that a person has stored in an account, as playbooks/secret.yml would have."""
    if account not in _values:
        return []
    environment = ENVIRONMENTS[account]
    tags = {"application": "shop", "environment": environment, "managed-by": "railyard"}
    return [Secret(f"/shop/{environment}/RAILS_MASTER_KEY", _values[account], tags)]


parameter_store.seeds.append(stored)


@registry.on_reset
def _forget() -> None:
    _values.clear()
