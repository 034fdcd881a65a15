"""`aws s3`: cp both ways and to or from standard input and output, recursive too; ls and rm.

https://docs.aws.amazon.com/cli/latest/reference/s3/cp.html
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from .values import UsageError

QUIET = ("--only-show-errors", "--quiet", "--no-progress")
VALUED = ("--sse", "--sse-kms-key-id", "--content-type", "--acl", "--metadata", "--storage-class", "--cache-control")
EXTRA = {
    "--sse": "ServerSideEncryption",
    "--sse-kms-key-id": "SSEKMSKeyId",
    "--content-type": "ContentType",
    "--acl": "ACL",
    "--storage-class": "StorageClass",
    "--cache-control": "CacheControl",
}
ERRORS = 1


def run(client: Any, command: str, words: Sequence[str]) -> int:
    options, places, quiet, recursive = dict[str, str](), list[str](), False, False
    rest = iter(words)
    for word in rest:
        if word in QUIET:
            quiet = quiet or word != "--no-progress"
        elif word == "--recursive":
            recursive = True
        elif word in VALUED:
            options[word] = next(rest, "")
        elif word.startswith("--"):
            raise UsageError(f"Unknown options: {word}")
        else:
            places.append(word)
    commands = {"cp": _cp, "ls": _ls, "rm": _rm}
    if command not in commands or len(places) != (2 if command == "cp" else 1):
        raise UsageError(f"argument subcommand: Found invalid choice '{command}' or wrong number of paths")
    extra = {EXTRA[name]: value for name, value in options.items() if name in EXTRA}
    try:
        for line in commands[command](client, places, recursive, extra):
            if not quiet:
                print(line)
    except (ClientError, OSError) as error:
        verb = "delete" if command == "rm" else command if command == "ls" else "upload" if places[-1].startswith("s3://") else "download"
        print(f"{verb} failed: {' to '.join(places)} {error}", file=sys.stderr)
        return ERRORS
    return 0


def _parts(place: str) -> tuple[str, str]:
    bucket, _, key = place.removeprefix("s3://").partition("/")
    return bucket, key


def _keys(client: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [each for page in pages for each in page.get("Contents", [])]


def _cp(client: Any, places: list[str], recursive: bool, extra: dict[str, str]) -> list[str]:
    source, target = places
    if source.startswith("s3://"):
        return _from_s3(client, source, target, recursive, extra)
    if not target.startswith("s3://"):
        raise UsageError("Error: Invalid argument type")
    bucket, key = _parts(target)
    if source == "-":
        client.put_object(Bucket=bucket, Key=key, Body=sys.stdin.buffer.read(), **extra)
        return []
    base, said = Path(source), []
    files = sorted(path for path in base.rglob("*") if path.is_file()) if recursive else [base]
    for path in files:
        name = f"{key.rstrip('/')}/{path.relative_to(base).as_posix()}".lstrip("/") if recursive else _named(key, path.name)
        client.put_object(Bucket=bucket, Key=name, Body=path.read_bytes(), **extra)
        said.append(f"upload: {path} to s3://{bucket}/{name}")
    return said


def _from_s3(client: Any, source: str, target: str, recursive: bool, extra: dict[str, str]) -> list[str]:
    bucket, key = _parts(source)
    if target.startswith("s3://"):
        other, name = _parts(target)
        client.copy_object(Bucket=other, Key=_named(name, key.rpartition("/")[2]), CopySource={"Bucket": bucket, "Key": key}, **extra)
        return [f"copy: {source} to {target}"]
    said = []
    for name in [each["Key"] for each in _keys(client, bucket, key)] if recursive else [key]:
        data = client.get_object(Bucket=bucket, Key=name)["Body"].read()
        if target == "-":
            sys.stdout.buffer.write(data)
            continue
        path = Path(target) / name.removeprefix(key).lstrip("/") if recursive else Path(target)
        path = path / name.rpartition("/")[2] if path.is_dir() else path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        said.append(f"download: s3://{bucket}/{name} to {path}")
    return said


def _named(key: str, name: str) -> str:
    """A key that ends like a folder is completed with the file's name."""
    return f"{key}{name}" if not key or key.endswith("/") else key


def _ls(client: Any, places: list[str], recursive: bool, _: dict[str, str]) -> list[str]:
    bucket, prefix = _parts(places[0])
    return [
        f"{each['LastModified']:%Y-%m-%d %H:%M:%S} {each['Size']:>10} {each['Key'] if recursive else each['Key'].rpartition('/')[2]}"
        for each in _keys(client, bucket, prefix)
    ]


def _rm(client: Any, places: list[str], recursive: bool, _: dict[str, str]) -> list[str]:
    bucket, key = _parts(places[0])
    names = [each["Key"] for each in _keys(client, bucket, key)] if recursive else [key]
    for name in names:
        client.delete_object(Bucket=bucket, Key=name)
    return [f"delete: s3://{bucket}/{name}" for name in names]
