"""What Ansible is told of the local environments. Imports nothing that is slow to import: every run of the local inventory asks for it."""

from __future__ import annotations

from typing import Any

from ..accounts import DEFAULT_ACCOUNT

# The image and the accounts of inventories/local and inventories/local-production.
REPOSITORY, TAG = "shop-local", "made-up"
ACCOUNT, SECOND_ACCOUNT = DEFAULT_ACCOUNT, "210987654321"
REGION = "eu-west-1"
# The repository of the emulated GitHub.
SOURCE = "acme/shop"


def inventory(url: str, digest: str) -> dict[str, Any]:
    """The inventory that points at the emulator at `url`, with the image of `digest`."""
    first = {"railyard_endpoint_url": url, "railyard_access_key": "EMULATOR", "railyard_secret_key": "EMULATOR", "railyard_image": digest}
    # The second local environment is in an account of its own, and waits for its first release.
    second = {"railyard_endpoint_url": url, "railyard_access_key": f"AKIA{SECOND_ACCOUNT}AAAA", "railyard_secret_key": "EMULATOR"}
    return {"_meta": {"hostvars": {}}, "local": {"vars": first}, "local_production": {"vars": second}}
