#!/usr/bin/python
"""A module that reads and writes log groups as it is told. Its name makes it one of this collection."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import boto3
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.amazon.aws.plugins.module_utils import rds


def days(answer: dict[str, Any]) -> int:
    return int(answer["logGroups"][0]["retentionInDays"])


def main() -> None:
    spec = {"endpoint": {}, "key": {"default": "EMULATOR", "no_log": False}, "steps": {"type": "list", "elements": "list"}}
    module = AnsibleModule({**spec, "debug_botocore_endpoint_logs": {"type": "bool"}})
    session = boto3.session.Session(aws_access_key_id=module.params["key"], aws_secret_access_key="x", region_name="eu-west-1")
    logs = session.client("logs", endpoint_url=module.params["endpoint"])
    seen = []
    for verb, group, *value in module.params["steps"]:
        if verb == "read":
            seen.append(days(logs.describe_log_groups(logGroupNamePrefix=group)))
        elif verb == "sleep":
            time.sleep(0.001)
        elif verb == "bound":
            # A name that was bound when the server was started.
            rds.sleep(0.001)
        elif verb == "die":
            # In the middle of a write.
            logs.meta.events.register("before-send", lambda **_event: os.kill(os.getpid(), signal.SIGKILL))
            logs.put_retention_policy(logGroupName=group, retentionInDays=1)
        elif verb == "ensure" and days(logs.describe_log_groups(logGroupNamePrefix=group)) != int(value[0]):
            logs.put_retention_policy(logGroupName=group, retentionInDays=int(value[0]))
    module.exit_json(seen=seen)


if __name__ == "__main__":
    main()
