"""A release of inventories/local in AWS's own time, with AWS's latency: what it takes beyond what AWS itself needs, and its calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator import process
from tests.support.emulated import Emulated
from tests.support.releases import Deployer

from . import runs
from .runs import Run, Stack, Way, environment
from .site import AHEAD, SERVER, WARM

NAME = "shop-local"
TRAFFIC = '{"railyard_traffic": {"shift": "canary", "percent": 10, "minutes": 1, "keep_old": 1}, "railyard_image": ""}'
WAYS = {"reads ahead": AHEAD, "without": SERVER}
# How fast AWS's time passes in a release that is not measured, and in one that is.
QUICK, REAL = 60.0, 1.0


@dataclass(frozen=True)
class Released:
    """A release that was measured, and the seconds of AWS's own in it: of its migration, of web until its tasks are ready and until they
    have all traffic, and of the workers, the slowest of which counts."""

    run: Run
    waits: dict[str, float]

    def at(self, stage: str) -> float:
        """Seconds until the release has come to this stage."""
        return next(moment for moment, line in self.run.lines if line.endswith(f": {stage}")) - self.run.began

    @property
    def web(self) -> float:
        """Seconds until web was released, beyond AWS's own."""
        return self.at("workers") - sum(seconds for name, seconds in self.waits.items() if name != "workers")

    @property
    def all(self) -> float:
        return self.run.wall - sum(self.waits.values())


def lines(folder: Path) -> Iterator[str]:
    stack = Stack(folder, "deploy.yml")
    emulated = stack.emulated
    ways = {name: _way(folder / name, stack, "playbooks/deploy.yml", settings) for name, settings in WAYS.items()}
    runs.run(_way(folder / "converge", stack, "site.yml", AHEAD), {}, 0)
    _release(emulated, ways["without"], "first", QUICK)
    yield "| a release | s | AWS's own: migration, ready, shifted, workers | web beyond it | all beyond it | calls | most of them |"
    yield "|---|---|---|---|---|---|---|"
    for name, way in ways.items():
        # The first run makes the record from which the next one reads ahead.
        _release(emulated, way, f"{name} before", QUICK)
        done = Released(_release(emulated, way, name, REAL), _waits(emulated))
        waits = ", ".join(f"{seconds:.0f}" for seconds in done.waits.values())
        calls = len(done.run.calls)
        yield f"| {name} | {done.run.wall:.0f} | {waits} | {done.web:.1f} | {done.all:.1f} | {calls} | {frequent(done.run.calls)} |"


def frequent(calls: Iterable[dict[str, Any]]) -> str:
    """The operations that are called most."""
    return ", ".join(f"{count} {name}" for name, count in Counter(call["operation"] for call in calls).most_common(4))


def _way(folder: Path, stack: Stack, playbook: str, settings: dict[str, str]) -> Way:
    command = ("ansible-playbook", playbook, "-i", "inventories/local", "-e", f"ansible_connection={WARM}", "-e", TRAFFIC)
    own = environment(folder, RAILYARD_EMULATOR_STATE=str(stack.path), **settings)
    return Way(f"{stack.name}, {folder.name}", stack, command, own)


def _release(emulated: Emulated, way: Way, tag: str, speed: float) -> Run:
    image = Deployer(emulated, NAME).push(tag.replace(" ", "-"))
    emulated.script(image=image, migrations=[])
    process.control(emulated.state, "speed", factor=speed)
    more = ("-e", f"image={image.partition('@')[2]}")
    done = runs.run(Way(way.name, way.stack, (*way.command, *more), way.environment), runs.LATENCIES["aws" if speed == REAL else "off"], 0)
    way.stack.slow({}, 0)
    return done


def _waits(emulated: Emulated) -> dict[str, float]:
    """Seconds that AWS itself has taken for the newest release."""
    ecs, deploy = emulated.client("ecs"), emulated.client("codedeploy")
    stopped = ecs.list_tasks(cluster=NAME, family=f"{NAME}-run", desiredStatus="STOPPED")["taskArns"]
    task = max(ecs.describe_tasks(cluster=NAME, tasks=stopped)["tasks"], key=lambda item: item["createdAt"])
    identity = deploy.list_deployments(applicationName=NAME, deploymentGroupName="web")["deployments"][0]
    info = deploy.get_deployment(deploymentId=identity)["deploymentInfo"]
    (target,) = deploy.batch_get_deployment_targets(deploymentId=identity, targetIds=[f"{NAME}:web"])["deploymentTargets"]
    events = {event["lifecycleEventName"]: event for event in target["ecsTarget"]["lifecycleEvents"]}
    ready = max(event["endTime"] for name, event in events.items() if name in ("Install", "AllowTestTraffic", "AfterAllowTestTraffic"))
    worker = ecs.list_service_deployments(cluster=NAME, service="worker")["serviceDeployments"][0]
    shift = events["AfterAllowTraffic"]["endTime"] - events["BeforeAllowTraffic"]["startTime"]
    spans = {
        "migration": task["stoppedAt"] - task["createdAt"],
        "ready": ready - info["createTime"],
        "shifted": shift,
        "workers": worker["finishedAt"] - worker["createdAt"],
    }
    return {name: span.total_seconds() for name, span in spans.items()}
