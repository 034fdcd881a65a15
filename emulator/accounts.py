"""The account to which an access key belongs."""

from __future__ import annotations

DEFAULT_ACCOUNT = "123456789012"


def account_of(access_key: str) -> str:
    """`AKIA` + twelve digits + four characters belongs to the account of those digits; any other key to the default account."""
    digits = access_key[4:16]
    return digits if len(access_key) == 20 and digits.isdigit() else DEFAULT_ACCOUNT
