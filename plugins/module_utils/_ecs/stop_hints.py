# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What helps, by AWS's reason for which a task stopped: by the type of the error first, then by words within it. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html (rule ECS-R12)
"""

from __future__ import annotations

import re

Hints = tuple[tuple[tuple[str, ...], str], ...]
NO_WAY_OUT = (
    "the task has no way to AWS: without a NAT gateway it needs a public subnet and a public address, or the endpoints ecr.api, ecr.dkr, "
    "logs, ssm or secretsmanager and S3's gateway; see railyard_egress"
)
UNREACHABLE = (("connection issue", "i/o timeout", "context deadline exceeded", "dial tcp", "request canceled", "no such host"), NO_WAY_OUT)
DENIED = (
    ("accessdenied", "access denied", "not authorized", "403 forbidden"),
    "the execution role of the task definition may not do it; site.yml gives it what it needs",
)
ARCHITECTURE = (
    ("exec format error", "does not match the specified platform", "no matching manifest", "matching platform", "match for platform"),
    "the image is for another architecture than the task definition's runtime_platform",
)
NO_LOG_GROUP = (("log group",), "the log group of the task definition does not exist; site.yml makes it")
NO_SECRET = (
    ("invalid ssm parameters", "can't find the specified secret", "parameternotfound"),
    "a secret is not stored; playbooks/secret.yml stores it",
)
NO_COMMAND = (
    ("executable file not found", "no such file or directory", "not a directory"),
    "the command is not in the image: look at command of the process, and at ENTRYPOINT and PATH of the Dockerfile",
)
NOT_EXECUTABLE = (
    ("permission denied",),
    "the image's user may not execute the command: look at its permissions and at USER of the Dockerfile",
)
NO_ROOM = (("capacity is unavailable",), "Fargate has no room in this Availability Zone at the moment; try again later")
MEMORY = "the process needs more memory than its task has: memory in railyard_sizes"
NOT_PULLED = "the image cannot be pulled: is it in the repository, under this digest?"
AWS_FAULT = "that is AWS's own; try again"

# By type: words within the reason, the first that match hold, and what helps where none does.
TYPES: dict[str, tuple[Hints, str]] = {
    "CannotPull": ((UNREACHABLE, DENIED, ARCHITECTURE, (("no space left",), "the image is too large for the task's storage")), NOT_PULLED),
    "CannotStart": (
        (ARCHITECTURE, NO_COMMAND, NOT_EXECUTABLE, NO_LOG_GROUP, UNREACHABLE, (("out of memory", "cannot allocate"), MEMORY)),
        "the container cannot start: look at command of the process, and at ENTRYPOINT and CMD of the Dockerfile",
    ),
    "ResourceInitialization": (
        (
            UNREACHABLE,
            NO_LOG_GROUP,
            NO_SECRET,
            DENIED,
            (("pull secrets", "retrieve secret"), f"the secrets cannot be read: the execution role may not, or {NO_WAY_OUT}"),
            (("pull", "registry auth"), f"the registry cannot be reached: {NO_WAY_OUT}"),
            (
                ("network interface", "subnet"),
                "the subnet has no free address, or a security group is gone; see the network of the service",
            ),
        ),
        "what the task needs before its containers is not there; AWS's words say what",
    ),
    "OutOfMemory": ((), MEMORY),
    "CannotInspectContainer": ((), AWS_FAULT),
    "CannotStopContainer": ((), AWS_FAULT),
    "ContainerRuntime": ((), AWS_FAULT),
    "InternalError": ((), AWS_FAULT),
    "CannotCreateVolume": (
        (),
        "a volume of the task definition cannot be mounted: does it exist, and does its security group let the task in?",
    ),
    "ResourceNotFound": ((NO_SECRET, NO_LOG_GROUP), "something that the task definition names does not exist; site.yml makes what is ours"),
    "SpotInterruption": ((), "AWS has taken the Spot capacity back; the service starts another task"),
}
SAME = {"CannotCreateContainer": "CannotStart", "SpotInterruptionError": "SpotInterruption"}
# Where AWS names no type. The more exact come first: "not found" alone says nothing.
UNTYPED: Hints = (
    UNREACHABLE,
    NO_COMMAND,
    NOT_EXECUTABLE,
    NO_LOG_GROUP,
    NO_SECRET,
    DENIED,
    (("unable to pull secrets", "unable to retrieve secret"), f"the secrets cannot be read: the execution role may not, or {NO_WAY_OUT}"),
    ARCHITECTURE,
    NO_ROOM,
    (
        ("network interface", "insufficientfreeaddresses", "enough free addresses"),
        "the subnet has no free address, or a security group is gone; see the network of the service",
    ),
    (("manifest unknown", "image not found", "pull image", "pull access", "failed to pull"), NOT_PULLED),
)
BY_A_PERSON = "UserInitiated"
TYPE = re.compile(rf"\b({'|'.join([*SAME, *TYPES])})\w*", re.IGNORECASE)


def hint(reason: str, code: str | None = None) -> str:
    """What helps; "" when nothing is known, and where the words are those of a person who has stopped the task (by its stop code)."""
    if code == BY_A_PERSON:
        return ""
    found = TYPE.search(reason)
    if found is None:
        return _first(UNTYPED, reason)
    names = {name.lower(): name for name in (*SAME, *TYPES)}
    name = names[found[1].lower()]
    within, otherwise = TYPES[SAME.get(name, name)]
    # What another type in the same text says is not about this one.
    following = TYPE.search(reason, found.end())
    return _first(within, reason[found.start() : following.start() if following else None]) or otherwise


def _first(hints: Hints, reason: str) -> str:
    return next((text for words, text in hints if any(word in reason.lower() for word in words)), "")
