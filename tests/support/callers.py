"""A user of the emulated AWS who is judged by policies."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import process

from .emulated import REGION, Emulated

ACCOUNT = "123456789012"
HERE = f"{REGION}:{ACCOUNT}"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"


class Person:
    """A user with an access key, or a session of a role."""

    def __init__(self, emulated: Emulated, keys: dict[str, str]) -> None:
        self.emulated, self.keys = emulated, keys

    def client(self, service: str) -> Any:
        config = Config(retries={"max_attempts": 0}, parameter_validation=False, s3={"addressing_style": "path"})
        return boto3.client(service, region_name=REGION, endpoint_url=self.emulated.state.url, config=config, **self.keys)

    def refused(self, service: str, operation: str, **params: Any) -> tuple[str, str, int]:
        """Code, message and status; ("", "", 200) for what is done."""
        try:
            getattr(self.client(service), operation)(**params)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return error.response["Error"]["Code"], error.response["Error"]["Message"], status
        return "", "", 200


def judge(emulated: Emulated, on: bool = True) -> None:
    process.control(emulated.state, "authority", on=on)


def allow(emulated: Emulated, action: Any, resource: Any = "*", name: str = "own", **more: Any) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulated.client("iam").put_user_policy(UserName="ann", PolicyName=name, PolicyDocument=document)


def judged(emulated: Emulated) -> Person:
    """A user without any policy, in an AWS that judges from now on."""
    iam = emulated.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    judge(emulated)
    return Person(emulated, {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]})
