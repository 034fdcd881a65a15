# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One-off tasks of an environment that have not ended: migrations, and what playbooks/run.yml has started."""

from __future__ import annotations

from typing import Any

from .._core import aws, ownership, tags
from .._core.clock import REAL, Clock, look_until
from .._core.errors import RailyardError
from .._ecs import stopped_task
from .._environment.naming import family
from .families import RUN

GONE = {"ClusterNotFoundException"}
# Fargate allows two minutes from SIGTERM to SIGKILL at most.
STOPPING = 180.0
REASON = "ended by playbooks/sweep.yml or playbooks/destroy.yml"


def find(ecs: Any, cluster: str, own: dict[str, str]) -> list[dict[str, Any]]:
    """Those with the tags `own`, the oldest first: {task_arn, requested_by, since (ISO 8601), command, image, status, task_url}.

    They are tasks of the family `<cluster>-run`; [] where there is no cluster.
    """
    arns = aws.pages(ecs, "ListTasks", "taskArns", GONE, cluster=cluster, family=family(cluster, RUN), desiredStatus="RUNNING")
    found = [
        task
        for batch in aws.batches(arns, 100)
        for task in aws.call(ecs, "DescribeTasks", cluster=cluster, tasks=batch, include=["TAGS"])["tasks"]
    ]
    ours = [task for task in found if ownership.is_owned(own, tags.as_dict(task.get("tags"), "key", "value"))]
    return sorted((_shown(task) for task in ours if task["lastStatus"] != "STOPPED"), key=lambda item: str(item["since"]))


def _shown(task: dict[str, Any]) -> dict[str, Any]:
    container: dict[str, Any] = next((item for item in task.get("containers", []) if item["name"] == RUN), {})
    overrides: dict[str, Any] = next(
        (item for item in task.get("overrides", {}).get("containerOverrides", []) if item.get("name") == RUN), {}
    )
    arn = task["taskArn"]
    return {
        "task_arn": arn,
        "requested_by": task.get("startedBy"),
        "since": task["createdAt"].isoformat(),
        "command": overrides.get("command"),
        "image": container.get("image"),
        "status": task["lastStatus"].lower(),
        "task_url": stopped_task.task_url(arn.split(":")[3], arn),
    }


def stop(ecs: Any, cluster: str, which: list[dict[str, Any]], clock: Clock = REAL) -> None:
    """End these tasks, and wait until they have. Raises RailyardError naming those that have not."""
    for item in which:
        aws.call(ecs, "StopTask", cluster=cluster, task=item["task_arn"], reason=REASON)

    def left() -> list[str]:
        arns = [item["task_arn"] for item in which]
        answers = [aws.call(ecs, "DescribeTasks", cluster=cluster, tasks=batch) for batch in aws.batches(arns, 100)]
        return [task["taskArn"] for answer in answers for task in answer["tasks"] if task["lastStatus"] != "STOPPED"]

    if which and (still := look_until(left, lambda arns: not arns, STOPPING, clock)):
        raise RailyardError(f"not stopped after {STOPPING:.0f} s: {', '.join(still)}. The same command again looks again", tasks=still)
