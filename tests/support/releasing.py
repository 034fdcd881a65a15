"""Releases of inventories/local in AWS's own time, in this process and in one that is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import boto3

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.progress import Say
from ansible_collections.railyard.fargate.plugins.module_utils._release import flow, record, rollback
from ansible_collections.railyard.fargate.plugins.module_utils._release.environment import SERVICES, Environment
from ansible_collections.railyard.fargate.plugins.module_utils._release.release_run import Order
from emulator import process

from . import alarm
from .emulated import REGION, Emulated
from .fargate import slowly
from .names import names
from .releases import Deployer
from .users import Users

READS = ("Get", "List", "Describe", "Head", "BatchGet", "BatchCheck")
NAME, ACCOUNT = "shop-local", "123456789012"
LOCAL = Environment(
    names(),
    processes={"web": {"min": 2}, "worker": {"min": 1}},
    protected=False,
    traffic={"shift": "canary", "percent": 10, "minutes": 5, "keep_old": 5},
)


def words(env: Environment) -> tuple[str, ...]:
    """What is said to a playbook about this environment."""
    return ("-e", '{"railyard_image": ""}', "-e", f"railyard_engine={env.engine}")


@dataclass
class Releasing:
    """`said` are the lines of progress; `passed` is AWS's time that following has taken, in seconds."""

    emulated: Emulated
    env: Environment = LOCAL
    said: list[str] = field(default_factory=list)
    passed: float = 0.0
    pushed: int = 0
    watched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        asked = {"port": 8080, "path": "/up", "status": 200, "body": None, "tries": 2, "pause": 0, "timeout": 30}
        self.env = replace(self.env, smoke={**asked, "proxy": self.emulated.state.url})

    @property
    def words(self) -> tuple[str, ...]:
        return words(self.env)

    @property
    def users(self) -> Users:
        """Users of production, as long as the `with` lasts."""
        balancer = self.emulated.client("elbv2").describe_load_balancers(Names=[NAME])["LoadBalancers"][0]
        return Users(self.emulated, f"http://{balancer['DNSName']}/orders")

    @property
    def deployer(self) -> Deployer:
        return Deployer(self.emulated, NAME)

    @property
    def clients(self) -> dict[str, Any]:
        return {service: self.emulated.client(service) for service in SERVICES}

    def push(self, migrations: list[dict[str, Any]] | None = None, **script: Any) -> str:
        """Push a new image with its migrations (those that the database has, unless given), and say how its containers behave."""
        self.pushed += 1
        image = self.deployer.push(f"build-{self.pushed}")
        if script:
            self.emulated.script(image=image, **script)
        known = [{"version": version, "name": "Before"} for version in self.applied()]
        self.emulated.script(image=image, migrations=[*known, *(migrations or [])])
        return image

    def release(self, image: str | None = None, say: Say | None = None, **order: Any) -> dict[str, Any]:
        self.said.clear()
        wanted = Order(image=image, requested_by="deborah", **order)
        with slowly(self.emulated):
            done: dict[str, Any] = flow.release(self.env, self.clients, wanted, say or self.said.append, self.clock)
        return done

    def refused(self, image: str | None = None, **order: Any) -> RailyardError:
        """The error of a release that must not end well."""
        try:
            done = self.release(image, **order)
        except RailyardError as error:
            return error
        raise AssertionError(done)

    def watch_alarm(self, name: str) -> None:
        """Let deployments stop and go back when this alarm rings, and no other, until `forget_alarms`."""
        alarm.make(self.emulated, name)
        names = self._alarms([name])
        self.watched = self.watched or names

    def forget_alarms(self) -> None:
        """Watch what was watched before."""
        self._alarms(self.watched)

    def _alarms(self, names: list[str]) -> list[str]:
        """Let these be watched; those that were until now."""
        if self.env.engine == "ecs":
            ecs = self.emulated.client("ecs")
            live = ecs.describe_services(cluster=NAME, services=["web"])["services"][0]["deploymentConfiguration"]
            alarms = {"alarmNames": names, "enable": bool(names), "rollback": bool(names)}
            ecs.update_service(cluster=NAME, service="web", deploymentConfiguration={**live, "alarms": alarms})
            return list(live.get("alarms", {}).get("alarmNames", []))
        codedeploy = self.emulated.client("codedeploy")
        group = codedeploy.get_deployment_group(applicationName=NAME, deploymentGroupName="web")["deploymentGroupInfo"]
        watched = {"enabled": bool(names), "alarms": [{"name": name} for name in names]}
        codedeploy.update_deployment_group(applicationName=NAME, currentDeploymentGroupName="web", alarmConfiguration=watched)
        return [one["name"] for one in group.get("alarmConfiguration", {}).get("alarms", [])]

    def ring(self, name: str) -> None:
        alarm.ring(self.emulated, name)

    def back(self, **order: Any) -> dict[str, Any]:
        self.said.clear()
        with slowly(self.emulated):
            done: dict[str, Any] = rollback.roll_back(
                self.env, self.clients, Order(requested_by="olivia", **order), self.said.append, self.clock
            )
        return done

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.passed, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.emulated.advance(seconds)
        self.passed += seconds

    def records(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = record.recent(self.emulated.client("s3"), self.env.bucket, 0)
        return found

    def live(self) -> dict[str, str]:
        """The image that each process runs."""
        ecs = self.emulated.client("ecs")
        found = ecs.describe_services(cluster=NAME, services=list(self.env.processes))["services"]
        running = {
            service["serviceName"]: next((item for item in service.get("taskSets", []) if item["status"] == "PRIMARY"), service)
            for service in found
        }
        definitions = {name: ecs.describe_task_definition(taskDefinition=item["taskDefinition"]) for name, item in running.items()}
        return {name: item["taskDefinition"]["containerDefinitions"][0]["image"] for name, item in definitions.items()}

    def counts(self) -> dict[str, int]:
        found = self.emulated.client("ecs").describe_services(cluster=NAME, services=list(self.env.processes))["services"]
        return {service["serviceName"]: service["desiredCount"] for service in found}

    def silent(self) -> bool:
        """Whether scaling is suspended anywhere."""
        found = self.emulated.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        return any(any((item.get("SuspendedState") or {}).values()) for item in found)

    def locked(self) -> bool:
        return any(item["Key"] == "lock.json" for item in self.emulated.client("s3").list_objects_v2(Bucket=self.env.bucket)["Contents"])

    def applied(self) -> list[str]:
        """The versions that the database has."""
        databases = process.control(self.emulated.state, "migrations")
        return sorted({version for versions in databases.values() for version in versions})

    def killed_after(self, write: int, image: str) -> bool:
        """Release in a process of its own that is killed right after its n-th write; False when it came to its end before that."""

        def release(clients: dict[str, Any]) -> None:
            flow.release(self.env, clients, Order(image=image, requested_by="deborah"), self.said.append, self.clock)

        return killed_after(self.emulated, write, release)


def killed_after(emulated: Emulated, write: int, work: Callable[[dict[str, Any]], None]) -> bool:
    """Do `work` with clients of a process of its own that is killed right after its n-th write; False when it came to its end before."""
    with slowly(emulated):
        process_id = os.fork()
        if not process_id:
            try:
                work(_dying_after(emulated, write))
                os._exit(0)
            finally:
                os._exit(1)
        _process, status = os.waitpid(process_id, 0)
    assert status in (0, signal.SIGKILL), status
    return status != 0


def _dying_after(emulated: Emulated, write: int) -> dict[str, Any]:
    left = [write]

    def count(http_response: Any, model: Any, **_event: Any) -> None:
        left[0] -= http_response.status_code < 300 and not model.name.startswith(READS)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    session = boto3.session.Session(aws_access_key_id="EMULATOR", aws_secret_access_key="x", region_name=REGION)
    session.events.register_first("after-call", count)
    return {service: session.client(service, endpoint_url=emulated.state.url) for service in SERVICES}
