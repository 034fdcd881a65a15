"""What a person does once before an environment can work, done for the local ones: storing its secrets, pushing a first image."""

from __future__ import annotations

import secrets

from . import registry
from .process import SECOND_ACCOUNT
from .wire import DEFAULT_ACCOUNT

REPOSITORY = "shop-local"
TAG = "made-up"
# By account: the local environments do not share one.
NAMES = {DEFAULT_ACCOUNT: "/shop/local/RAILS_MASTER_KEY", SECOND_ACCOUNT: "/shop/local-production/RAILS_MASTER_KEY"}
_values: dict[str, str] = {}


def plant() -> None:
    """Think of values for the local environments' secrets. Parameter Store has them in every Region, unless it has others."""
    for account in NAMES:
        _values.setdefault(account, secrets.token_hex(16))


def parameters(account: str) -> dict[str, str]:
    """Names and values of the SecureStrings that a person has stored in an account."""
    return {NAMES[account]: _values[account]} if account in _values else {}


@registry.on_reset
def _forget() -> None:
    _values.clear()
