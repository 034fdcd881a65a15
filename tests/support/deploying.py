"""One service on the emulated AWS, deployed by CodeDeploy or by ECS itself: the same stage for the same table of tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._deployment import deployments as bound
from ansible_collections.railyard.fargate.plugins.module_utils._deployment import start
from ansible_collections.railyard.fargate.plugins.module_utils._deployment.follow import Following, observe

from . import alarm, bluegreen, fargate, roles
from .emulated import REGION, Emulated

ENGINES = ("codedeploy", "ecs")
# Where one engine takes minutes, the gate tries one of them, and `make soak` the other, too.
ENGINES_OF_THE_GATE = ("codedeploy", pytest.param("ecs", marks=pytest.mark.soak))
GROUP, PREFIX = "/shop", "web"
LOGS = {
    "logDriver": "awslogs",
    "options": {"awslogs-group": GROUP, "awslogs-region": REGION, "awslogs-stream-prefix": PREFIX},
}


@dataclass
class Deploying:
    """`passed` is AWS's time that following has taken, in seconds; `said` are the lines of progress."""

    engine: str
    stage: bluegreen.Stage
    said: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    passed: float = 0.0

    @property
    def emulated(self) -> Emulated:
        return self.stage.emulated

    @property
    def live(self) -> bound.Deployments:
        clients = {name: self.emulated.client(name) for name in ("codedeploy", "ecs", "elbv2", "logs")}
        if self.engine == "ecs":
            return bound.of_ecs(clients, "shop", "web")
        return bound.of_codedeploy(clients, "shop", "production")

    @property
    def module(self) -> dict[str, Any]:
        """What names the service in the engine's module."""
        if self.engine == "ecs":
            return {"cluster": "shop", "service": "web"}
        return {"application_name": "shop", "deployment_group_name": "production"}

    def define(self, image: str) -> str:
        """Register a revision that writes into a log group; its ARN."""
        container = {"name": "web", "image": image, "essential": True, "portMappings": [{"containerPort": 3000}], "logConfiguration": LOGS}
        registered = self.emulated.client("ecs").register_task_definition(
            family="shop",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn=f"arn:aws:iam::{bluegreen.ACCOUNT}:role/execution",
            containerDefinitions=[container],
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def wanted(self, image: str, **more: Any) -> dict[str, Any]:
        return {"task_definition": self.define(image), "container": "web", "port": 3000, **more}

    def watch_alarm(self, name: str) -> None:
        """Make an alarm, and let deployments stop and go back when it rings."""
        alarm.make(self.emulated, name)
        if self.engine == "ecs":
            service = self.emulated.client("ecs").describe_services(cluster="shop", services=["web"])["services"][0]
            alarms = {"alarmNames": [name], "enable": True, "rollback": True}
            configuration = {**service["deploymentConfiguration"], "alarms": alarms}
            self.emulated.client("ecs").update_service(cluster="shop", service="web", deploymentConfiguration=configuration)
            return
        self.emulated.client("codedeploy").update_deployment_group(
            applicationName="shop",
            currentDeploymentGroupName="production",
            alarmConfiguration={"enabled": True, "alarms": [{"name": name}]},
            autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]},
        )

    def ring(self, name: str) -> None:
        alarm.ring(self.emulated, name)

    def say(self, line: str) -> None:
        assert "\n" not in line
        self.said.append(line)
        self.times.append(self.passed)

    def when(self, words: str) -> float:
        """How much of AWS's time had passed when a line was said that begins with these words."""
        return next(moment for moment, line in zip(self.times, self.said, strict=True) if line.startswith(words))

    def start(self, image: str, if_running: str = "wait", **more: object) -> str:
        """Start a release; its id."""
        outcome = start.start_deployment(self.live, self.wanted(image, **more), if_running, self.how())
        assert outcome.changed and outcome.deployment
        return str(outcome.deployment["deployment_id"])

    def until(self, identity: str, status: str) -> None:
        """Let time pass until a deployment is in this state."""
        for now, seconds in observe(self.live, identity, self.how()):
            if now["status"] == status:
                return
            assert seconds < 3600, now

    def healthy(self, group: str) -> int:
        """How many tasks of a target group can serve users."""
        found = self.emulated.client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return sum(target["TargetHealth"]["State"] == "healthy" for target in found)

    def sleep(self, seconds: float) -> None:
        self.emulated.advance(seconds)
        self.passed += seconds

    def how(self, **more: Any) -> Following:
        """Following in AWS's own time, which passes only while following sleeps."""
        return Following(say=self.say, clock=Clock(now=lambda: self.passed, sleep=self.sleep), **more)


def build(emulated: Emulated, engine: str, *, pause: bool = False, keep_minutes: int = 2) -> Deploying:
    """A steady service of two tasks behind a listener and a test listener; a release waits for a person when `pause`."""
    emulated.client("logs").create_log_group(logGroupName=GROUP)
    if engine == "ecs":
        stage = bluegreen.build(emulated, controller="ECS")
        _native(stage, pause, keep_minutes)
    else:
        stage = bluegreen.build(emulated)
        _group(stage, pause, keep_minutes)
    return Deploying(engine, stage)


@pytest.fixture(params=ENGINES)
def build_slowly(request: pytest.FixtureRequest, emulated: Emulated) -> Iterator[Callable[..., Deploying]]:
    """Builds the stage for one engine after the other, and then lets time pass only when it is told to. Import it where it is used."""
    with fargate.slowly(emulated):
        yield lambda **options: build(emulated, request.param, **options)


def _group(stage: bluegreen.Stage, pause: bool, keep_minutes: int) -> None:
    ready = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60} if pause else {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}
    keep = {"action": "TERMINATE", "terminationWaitTimeInMinutes": keep_minutes}
    stage.create_group(blueGreenDeploymentConfiguration={"terminateBlueInstancesOnDeploymentSuccess": keep, "deploymentReadyOption": ready})


def _native(stage: bluegreen.Stage, pause: bool, keep_minutes: int) -> None:
    """Give a service with the ECS controller both target groups, the listeners' rules, and a canary.

    That is a release itself, after which the groups have swapped their colours: blue is the live one again.
    """
    elb, ecs = stage.emulated.client("elbv2"), stage.emulated.client("ecs")
    pair = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in ((stage.blue, 100), (stage.green, 0))]
    rules = []
    for listener in (stage.listener, stage.test_listener):
        elb.modify_listener(ListenerArn=listener, DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": pair}}])
        rules.append(elb.describe_rules(ListenerArn=listener)["Rules"][0]["RuleArn"])
    role = roles.make(stage.emulated, "balancing")
    advanced = {"alternateTargetGroupArn": stage.green, "productionListenerRule": rules[0], "testListenerRule": rules[1], "roleArn": role}
    balancer = {"targetGroupArn": stage.blue, "containerName": "web", "containerPort": 3000, "advancedConfiguration": advanced}
    canary = {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 5}
    hooks = [{"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}] if pause else []
    configuration: dict[str, Any] = {"strategy": "CANARY", "canaryConfiguration": canary, "bakeTimeInMinutes": 0}
    ecs.update_service(cluster="shop", service="web", loadBalancers=[balancer], deploymentConfiguration=configuration)
    settings = {**configuration, "bakeTimeInMinutes": keep_minutes, "lifecycleHooks": hooks}
    for _ in range(20):
        stage.emulated.advance(600)
        if not ecs.list_service_deployments(cluster="shop", service="web", status=["PENDING", "IN_PROGRESS"])["serviceDeployments"]:
            break
    ecs.update_service(cluster="shop", service="web", deploymentConfiguration=settings)
    stage.blue, stage.green = stage.green, stage.blue
