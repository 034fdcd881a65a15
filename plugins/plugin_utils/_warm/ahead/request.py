# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which calls may be answered with what was read ahead, and how two of them are the same."""

from __future__ import annotations

import enum
import functools
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any


class Kind(enum.Enum):
    """READ may be handed out. WRITE makes everything that was read ahead worthless. ASIDE is neither: it goes to AWS."""

    READ = "read"
    WRITE = "write"
    ASIDE = "aside"


LOOKS = re.compile("(Get|List|Describe|Head|BatchGet|BatchCheck|Lookup)[A-Z]")
# Calls that change nothing, whatever their names: credentials, and questions about what would be.
HARMLESS = re.compile("(AssumeRole|Decrypt|Simulate|Validate|FilterLogEvents|GenerateCredentialReport)")
# The object that is an environment's lock: nothing that is read ahead depends on who has it, and who has it is never read ahead.
LOCK = "lock.json"
# Answers that are secret, or new each time, although no part of AWS's model is marked as sensitive.
FRESH = {
    ("ecr", "GetAuthorizationToken"),
    ("ecr", "GetDownloadUrlForLayer"),
    ("ecr-public", "GetAuthorizationToken"),
    ("ec2", "GetPasswordData"),
    ("ec2", "GetConsoleOutput"),
    ("iam", "GetCredentialReport"),
    ("kms", "GetParametersForImport"),
    ("lambda", "GetFunction"),
    ("logs", "GetLogEvents"),
    ("logs", "GetQueryResults"),
    ("secretsmanager", "GetRandomPassword"),
    ("sts", "GetFederationToken"),
    ("sts", "GetSessionToken"),
}
# Marked as sensitive for a part that AWS does not return in the clear, or that is no secret: DescribeDBInstances masks passwords that
# are about to change, a task's environment holds no secret where secrets are references, a key's id is no key.
OPEN = {
    ("ecs", "DescribeTaskDefinition"),
    ("ecs", "DescribeTasks"),
    ("events", "ListTargetsByRule"),
    ("rds", "DescribeDBClusters"),
    ("rds", "DescribeDBInstances"),
    ("rds", "DescribeOptionGroups"),
    ("s3", "GetBucketEncryption"),
    ("ssm", "DescribeInstanceInformation"),
}
TOKENS = {"ContinuationToken", "Marker", "NextMarker", "NextToken", "marker", "nextToken", "pageToken", "position"}


@dataclass(frozen=True)
class Request:
    """A call, but for who makes it. `endpoint` is the client's; `params` is JSON with sorted keys."""

    service: str
    region: str
    endpoint: str
    operation: str
    params: str


@dataclass(frozen=True)
class Credentials:
    """Who calls. Held in memory as long as the run, and written nowhere."""

    access_key: str
    secret_key: str
    token: str | None

    def __repr__(self) -> str:
        return "Credentials()"

    @functools.cached_property
    def identity(self) -> bytes:
        return hashlib.sha256(json.dumps([self.access_key, self.secret_key, self.token]).encode()).digest()


def kind(service: str, operation: Any, params: dict[str, Any] | None = None) -> Kind:
    """`operation`: botocore's OperationModel."""
    name = operation.name
    if HARMLESS.match(name) or (service == "s3" and (params or {}).get("Key") == LOCK):
        return Kind.ASIDE
    if not LOOKS.match(name):
        return Kind.WRITE
    if (service, name) in FRESH or operation.has_streaming_output or _secret(operation.input_shape):
        return Kind.ASIDE
    return Kind.READ if (service, name) in OPEN or not _secret(operation.output_shape) else Kind.ASIDE


def _secret(shape: Any, seen: frozenset[str] = frozenset()) -> bool:
    """Whether AWS's model marks any part of a shape as sensitive: values of parameters and secrets, passwords, tokens."""
    if shape is None or shape.name in seen:
        return False
    if shape.metadata.get("sensitive"):
        return True
    seen |= {shape.name}
    return any(_secret(part, seen) for part in _parts(shape))


def _parts(shape: Any) -> list[Any]:
    if shape.type_name == "structure":
        return list(shape.members.values())
    if shape.type_name == "map":
        return [shape.key, shape.value]
    return [shape.member] if shape.type_name == "list" else []


def words(params: dict[str, Any]) -> str | None:
    """Parameters as text that is the same for the same parameters; None for later pages of a list, and for what JSON does not know."""
    if TOKENS & params.keys():
        return None
    try:
        return json.dumps(params, sort_keys=True)
    except (TypeError, ValueError):
        return None
