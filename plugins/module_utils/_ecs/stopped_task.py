# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a task stopped, what helps, and where it has written its lines.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .._core import aws

Item = dict[str, Any]
KILLED = 137  # 128 and SIGKILL.
OUT_OF_MEMORY = "OutOfMemoryError"
NO_WAY_OUT = (
    "the task has no way to AWS: without a NAT gateway it needs a public subnet and a public address, or the endpoints ecr.api, ecr.dkr, "
    "logs, ssm or secretsmanager and S3's gateway; see railyard_egress"
)
# Words in AWS's reason, and what a person does (rule ECS-R12). The first that match hold.
HINTS = (
    (("connection issue", "i/o timeout", "context deadline exceeded", "dial tcp"), NO_WAY_OUT),
    (("log group",), "the log group of the task definition does not exist; site.yml makes it"),
    (("invalid ssm parameters", "can't find the specified secret"), "a secret is not stored; playbooks/secret.yml stores it"),
    (("AccessDenied", "not authorized"), "the execution role of the task definition may not do it; site.yml gives it what it needs"),
    (("unable to pull secrets", "unable to retrieve secret"), f"the secrets cannot be read: the execution role may not, or {NO_WAY_OUT}"),
    (("platform", "exec format error"), "the image is for another architecture than the task definition's runtime_platform"),
    (("not found", "CannotPull"), "the image cannot be pulled: is it in the repository, under this digest?"),
    (("Capacity is unavailable",), "Fargate has no room in this Availability Zone at the moment; try again later"),
    (("network interface", "subnet"), "the subnet has no free address, or a security group is gone; see the network of the service"),
)


def culprit(task: Item) -> Item:
    """The container for which a task of DescribeTasks stopped: the one that says something; {} when there is none. Pure."""
    containers = task.get("containers", [])
    return next((item for item in containers if item.get("exitCode") or item.get("reason")), containers[0] if containers else {})


def hint(reason: str) -> str:
    """What helps, by AWS's reason; "" when nothing is known. Pure."""
    return next((text for words, text in HINTS if any(word.lower() in reason.lower() for word in words)), "")


def log_place(definition: Item, container: str, task: str) -> Item | None:
    """{logGroupName, logStreamName} of a container of a task (rule ECS-R15), None without awslogs. `definition`: AWS's shape. Pure."""
    log = next((item.get("logConfiguration") or {} for item in definition.get("containerDefinitions", []) if item["name"] == container), {})
    options = log.get("options", {})
    if log.get("logDriver") != "awslogs" or not options.get("awslogs-stream-prefix"):
        return None
    stream = f"{options['awslogs-stream-prefix']}/{container}/{task.rpartition('/')[2]}"
    return {"logGroupName": options["awslogs-group"], "logStreamName": stream}


def log_url(region: str, place: Item) -> str:
    """Where the console shows a log stream: names are escaped twice, with $ in the place of %. Pure."""
    group, stream = (quote(quote(name, safe=""), safe="").replace("%", "$") for name in (place["logGroupName"], place["logStreamName"]))
    home = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
    return f"{home}#logsV2:log-groups/log-group/{group}/log-events/{stream}"


def task_url(region: str, task: str) -> str:
    """Where the console shows a task; `task` is its ARN. Pure."""
    cluster, identity = task.split("/")[-2:]
    return f"https://{region}.console.aws.amazon.com/ecs/v2/clusters/{cluster}/tasks/{identity}/configuration?region={region}"


def last_lines(logs: Any, place: Item, number: int) -> list[str]:
    """The last lines of a log stream; [] while there are none."""
    answer = aws.find(logs, "GetLogEvents", {"ResourceNotFoundException"}, **place, limit=number, startFromHead=False)
    return [event["message"].rstrip() for event in (answer or {}).get("events", [])]
