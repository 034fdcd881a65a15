"""What a person does once before an environment can work, done for the local ones: storing its secrets, pushing a first image."""

from __future__ import annotations

import secrets

from . import registry

REPOSITORY = "shop-local"
TAG = "made-up"
NAMES = ("/shop/local/RAILS_MASTER_KEY", "/shop/local-production/RAILS_MASTER_KEY")
_parameters: dict[str, str] = {}


def plant() -> None:
    """Think of values for the local environments' secrets. Parameter Store has them in every Region, unless it has others."""
    for name in NAMES:
        _parameters.setdefault(name, secrets.token_hex(16))


def parameters() -> dict[str, str]:
    """Names and values of the SecureStrings that a person has stored."""
    return dict(_parameters)


@registry.on_reset
def _forget() -> None:
    _parameters.clear()
