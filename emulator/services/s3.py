"""S3: what moto gets wrong about bucket policies."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from moto.s3.models import FakeBucket

_moto = FakeBucket.get_permission
WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}


def _permission(bucket: Any, action: str, resource: str) -> Any:
    """moto denies whatever a Deny statement names and looks at no condition. The loopback stands for TLS, so that this one never holds."""
    if not bucket.policy:
        return _moto(bucket, action, resource)
    document = json.loads(bucket.policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    document["Statement"] = [statement for statement in statements if statement.get("Condition") != WITHOUT_TLS]
    return _moto(SimpleNamespace(policy=json.dumps(document).encode()), action, resource)  # type: ignore[arg-type]


FakeBucket.get_permission = _permission  # type: ignore[assignment, method-assign]
