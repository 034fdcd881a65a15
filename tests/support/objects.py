"""S3 in memory, for unit tests: one bucket, conditional writes, a clock of its own, and replies that are lost."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError

BUCKET = "shop-production-releases-123456789012"
Output = dict[str, Any]


class Objects:
    """As boto3's client, for the operations that releases use.

    `lose(n)` loses the replies of the next n writes after they were done: botocore repeats such a write, so the caller sees what S3 says to
    the repetition. `break_off(n)` does the same, but the repetitions do not reach S3. `unplugged` lets no write reach S3.
    `meanwhile(what)` is done once, just before the next write reaches S3: somebody else is faster.
    """

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
        self.stored: dict[str, Output] = {}
        self.writes = self.unheard = 0
        self.unplugged = False
        self.wrote = threading.Condition()
        self._lost = self._broken = 0
        self._meanwhile: Callable[[], None] | None = None
        self._lock = threading.RLock()

    def lose(self, replies: int = 1) -> None:
        self._lost = replies

    def break_off(self, replies: int = 1) -> None:
        self._broken = replies

    def meanwhile(self, what: Callable[[], None]) -> None:
        self._meanwhile = what

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def get_object(self, Bucket: str, Key: str) -> Output:
        with self._lock:
            self._bucket("GetObject", Bucket)
            if Key not in self.stored:
                raise refusal("GetObject", "NoSuchKey")
            found = self.stored[Key]
            return self._answer(Body=io.BytesIO(found["Body"]), **{name: found[name] for name in ("ETag", "LastModified", "Metadata")})

    def put_object(self, Bucket: str, Key: str, **params: Any) -> Output:
        return self._write("PutObject", Bucket, Key, params, lambda: self._put(Key, params))

    def delete_object(self, Bucket: str, Key: str, **params: Any) -> Output:
        return self._write("DeleteObject", Bucket, Key, params, lambda: self._delete(Key))

    def list_objects_v2(self, Bucket: str, Prefix: str) -> Output:
        self._bucket("ListObjectsV2", Bucket)
        return self._answer(Contents=[{"Key": key} for key in self.stored if key.startswith(Prefix)])

    def can_paginate(self, _name: str) -> bool:
        return False

    def _write(self, operation: str, bucket: str, key: str, params: Output, done: Callable[[], Output]) -> Output:
        if self.unplugged:
            with self.wrote:
                self.unheard += 1
                self.wrote.notify_all()
            raise ConnectionClosedError(endpoint_url="https://s3")
        first, self._meanwhile = self._meanwhile, None
        if first:
            first()
        with self._lock:
            self._bucket(operation, bucket)
            self._condition(operation, key, params)
            answer = done()
            lost, self._lost = self._lost > 0, max(self._lost - 1, 0)
            broken, self._broken = self._broken > 0, max(self._broken - 1, 0)
            if lost:
                self._condition(operation, key, params)
                answer = done()
        with self.wrote:
            self.writes += 1
            self.wrote.notify_all()
        if broken:
            raise ConnectionClosedError(endpoint_url="https://s3")
        return answer

    def _condition(self, operation: str, key: str, params: Output) -> None:
        found, wanted = self.stored.get(key), params.get("IfMatch")
        if wanted and found is None:
            raise refusal(operation, "NoSuchKey")
        if (wanted and found and found["ETag"] != wanted) or (params.get("IfNoneMatch") == "*" and found):
            raise refusal(operation, "PreconditionFailed")

    def _put(self, key: str, params: Output) -> Output:
        etag = f'"{hashlib.md5(params["Body"]).hexdigest()}"'
        self.stored[key] = {"Body": params["Body"], "ETag": etag, "LastModified": self.now, "Metadata": params.get("Metadata", {})}
        return self._answer(ETag=etag)

    def _delete(self, key: str) -> Output:
        self.stored.pop(key, None)
        return self._answer()

    def _bucket(self, operation: str, bucket: str) -> None:
        if bucket != BUCKET:
            raise refusal(operation, "NoSuchBucket")

    def _answer(self, **output: Any) -> Output:
        return {**output, "ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(self.now, usegmt=True)}}}


def refusal(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"RequestId": "1"}}, operation)  # type: ignore[typeddict-item]
