# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON objects in a bucket, written only as conditional writes.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Optional, TypeVar, cast

try:
    from botocore.exceptions import BotoCoreError
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from .._core import aws
from .._core.errors import RailyardError

# Somebody else was faster: another object is there (412), it is gone (404), or two writes met (409).
FASTER = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
WRITTEN_BY = "written-by"
Value = TypeVar("Value", bound=Mapping[str, Any])


@dataclass(frozen=True)
class Stored(Generic[Value]):
    """An object's value and ETag, and S3's own clock: when the object was written, and when S3 answered."""

    value: Value
    etag: str
    modified: datetime
    now: datetime

    @property
    def age(self) -> float:
        """Seconds between the last write and S3's answer. No other clock has a part in it."""
        return (self.now - self.modified).total_seconds()


def read(client: Any, bucket: str, key: str) -> Stored[dict[str, Any]] | None:
    """The object, None where there is none. Raises RailyardError, also for a bucket that does not exist and for what is not JSON."""
    found = _get(client, bucket, key)
    return found[0] if found else None


def create(client: Any, bucket: str, key: str, value: Value) -> Optional[Stored[Value]]:
    """Write the object if there is none yet. None when somebody was faster."""
    return _put(client, bucket, key, value, IfNoneMatch="*")


def replace(client: Any, bucket: str, key: str, value: Value, etag: str) -> Optional[Stored[Value]]:
    """Write the object if it is still the one with this ETag. None when somebody has written or deleted it meanwhile."""
    return _put(client, bucket, key, value, IfMatch=etag)


def delete(client: Any, bucket: str, key: str, etag: str) -> bool:
    """Delete the object if it is still the one with this ETag. True once it is gone, False when there is another one."""
    try:
        aws.call(client, "DeleteObject", Bucket=bucket, Key=key, IfMatch=etag)
    except RailyardError as error:
        if error.code and error.code not in FASTER:
            raise _explained(error, bucket) from error
        # The reply to a deletion that was done may be lost, and botocore's next try then finds nothing, or a successor.
        found = read(client, bucket, key)
        if found and found.etag == etag:
            raise
        return found is None
    return True


def keys(client: Any, bucket: str, prefix: str) -> list[str]:
    """The keys that begin with `prefix`, sorted."""
    try:
        return sorted(item["Key"] for item in aws.pages(client, "ListObjectsV2", "Contents", Bucket=bucket, Prefix=prefix))
    except RailyardError as error:
        raise _explained(error, bucket) from error


def body(value: Mapping[str, Any]) -> bytes:
    """The text of an object, for machines and for people."""
    return json.dumps(value, indent=1, sort_keys=True).encode()


def _put(client: Any, bucket: str, key: str, value: Value, **condition: str) -> Optional[Stored[Value]]:
    """A mark in the metadata tells our own write: botocore repeats one whose reply was lost, and S3 refuses the repetition."""
    mark = secrets.token_hex(16)
    params = {"Bucket": bucket, "Key": key, "Body": body(value), "ContentType": "application/json", "Metadata": {WRITTEN_BY: mark}}
    try:
        output = aws.answer(client, "PutObject", **params, **condition)
    except RailyardError as error:
        if error.code and error.code not in FASTER:
            raise _explained(error, bucket) from error
        found = _get(client, bucket, key)
        if found and found[1] == mark:
            return cast(Stored[Value], found[0])
        if error.code:
            return None
        raise
    now = aws.time_of(output)
    return Stored(value, output["ETag"], now, now)


def _get(client: Any, bucket: str, key: str) -> tuple[Stored[dict[str, Any]], str] | None:
    """The object and who wrote it. A body that breaks off is fetched again."""
    for attempt in (1, 2, 3):
        try:
            output = aws.answer(client, "GetObject", Bucket=bucket, Key=key)
            text = output["Body"].read()
            break
        except RailyardError as error:
            if error.code == "NoSuchKey":
                return None
            raise _explained(error, bucket) from error
        except BotoCoreError as error:
            if attempt == 3:
                raise RailyardError(f"GetObject s3://{bucket}/{key}: {error}") from error
    stored = Stored(_parsed(text, bucket, key), output["ETag"], output["LastModified"], aws.time_of(output))
    return stored, output.get("Metadata", {}).get(WRITTEN_BY, "")


def _parsed(text: bytes, bucket: str, key: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise RailyardError(f"s3://{bucket}/{key} is not JSON as it was written here; the bucket keeps its earlier versions")
    return value


def _explained(error: RailyardError, bucket: str) -> RailyardError:
    if error.code != "NoSuchBucket":
        return error
    return RailyardError(f"there is no bucket {bucket}; site.yml makes it, for this environment in this Region", error.code)
