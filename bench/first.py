"""A first converge in AWS's time: nothing passes faster than in AWS, and calls take as long.

AWS's own times that wait for each other are the database's, which its subnet group comes before, and then that of the tasks, which read its
address when they start. How much longer the run takes is what the order of the playbook, its waits and this machine add.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.services.rds import instances

from .runs import LATENCIES, Run, Stack, Way, environment, run
from .site import AHEAD, WARM

# The run may take so many times as long as AWS's own times.
GOAL = 1.1


@dataclass(frozen=True)
class Own:
    """Seconds that AWS itself takes: until the database can be used, and until the slowest task runs."""

    database: float
    tasks: float

    @property
    def chain(self) -> float:
        return self.database + self.tasks


def lines(folder: Path) -> Iterator[str]:
    """Converges once, which takes five minutes, and says where they went."""
    stack = Stack(folder, "site.yml in AWS's time", speed=1.0)
    command = ("ansible-playbook", "site.yml", "-i", "inventories/local", "-e", f"ansible_connection={WARM}")
    way = Way("site.yml", stack, command, environment(folder / "first", RAILYARD_EMULATOR_STATE=str(stack.path), **AHEAD))
    done = run(way, LATENCIES["aws"], 0)
    yield from told(done, own(stack.emulated.client("ecs")))


def own(ecs: Any) -> Own:
    """The times of what the run has made, by the emulator's clock."""
    (cluster,) = ecs.list_clusters()["clusterArns"]
    tasks = ecs.describe_tasks(cluster=cluster, tasks=ecs.list_tasks(cluster=cluster)["taskArns"])["tasks"]
    return Own(instances.CREATING, max((task["startedAt"] - task["createdAt"]).total_seconds() for task in tasks))


def told(done: Run, aws: Own) -> Iterator[str]:
    asked = next(call["at"] for call in done.calls if call["operation"] == "CreateDBInstance") - done.began
    address = [call["at"] - done.began for call in done.calls if call["operation"] == "PutParameter"][-1]
    services = next(call["at"] for call in done.calls if call["operation"] == "CreateService") - done.began
    yield f"  {asked:6.1f} s until the database is asked for"
    yield f"  {address - asked:6.1f} s until its address is stored; {aws.database:.0f} of them are AWS's"
    yield f"  {services - address:6.1f} s until the services are created"
    yield f"  {done.wall - services:6.1f} s until the end; {aws.tasks:.1f} of them are AWS's"
    ratio = done.wall / aws.chain
    yield f"  {done.wall:6.1f} s, {ratio:.2f} of the {aws.chain:.0f} s that AWS itself takes (goal {GOAL})"
