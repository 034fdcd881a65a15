"""One-off tasks against the emulated ECS: what is started, what is said meanwhile, and the three ways in which it can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import Plan
from ansible_collections.railyard.fargate.plugins.module_utils._ecs import revisions, run_task, task_definition
from tests.support import fargate
from tests.support.emulated import Emulated
from tests.support.names import option
from tests.support.releases import Deployer
from tests.support.walk import differences

SHOP = {"ecs_name": "shop", "ecr_name": "shop", "ecs_prefix": "/shop"}
PLACE: dict[str, Any] = {"names": option(**SHOP)}


@dataclass
class Task:
    """A task on the emulated AWS, followed in AWS's own time."""

    made: fargate.Fargate
    said: list[str] = field(default_factory=list)
    passed: float = 0.0

    @property
    def emulated(self) -> Emulated:
        return self.made.emulated

    @property
    def clients(self) -> dict[str, Any]:
        return {name: self.emulated.client(name) for name in ("ecs", "logs")}

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        self.emulated.advance(seconds)

    def wanted(self, **changes: Any) -> dict[str, Any]:
        network = {"subnets": self.made.subnets, "security_groups": [self.made.group], "assign_public_ip": True}
        return {"cluster": fargate.CLUSTER, "task_definition": "shop-web", "network": network, **changes}

    def run(self, heartbeat: Callable[[], None] = lambda: None, **changes: Any) -> dict[str, Any]:
        ended: dict[str, Any] = run_task.run(
            self.clients, self.wanted(**changes), self.said.append, heartbeat, Clock(lambda: self.passed, self.sleep)
        )
        return ended

    def fails(self, **changes: Any) -> RailyardError:
        with pytest.raises(RailyardError) as caught:
            self.run(**changes)
        return caught.value


@pytest.fixture
def task(emulated: Emulated) -> Iterator[Task]:
    made = fargate.build(emulated)
    with fargate.slowly(emulated):
        yield Task(made)


@pytest.mark.parametrize("kind", ["lost", "reset"])
def test_a_revision_is_registered_once_whatever_becomes_of_the_reply(task: Task, kind: str) -> None:
    params = task.made.definition(family="shop-run", tags=[{"key": "application", "value": "shop"}])
    task.emulated.faults({"fault": kind, "operation": "ecs:RegisterTaskDefinition", "occurrences": [1]})
    plan = Plan(steps=(revisions.registration(params),))
    arn = revisions.register(task.clients["ecs"], plan, Clock(sleep=task.sleep))
    assert task_definition.revisions(task.clients["ecs"], "shop-run", "ACTIVE") == [arn]

    task.emulated.faults({"fault": "reset", "operation": "ecs:RegisterTaskDefinition", "first": 99})
    with pytest.raises(RailyardError, match=r"^RegisterTaskDefinition: .* \(5 times\)$"):
        other = Plan(steps=(revisions.registration({**params, "cpu": "512", "memory": "1024"}),))
        revisions.register(task.clients["ecs"], other, Clock(sleep=task.sleep))
    assert task.passed == 12, "a pause after each try"


def test_a_task_that_ends_well_is_told_line_by_line(task: Task) -> None:
    lines = [f"line {number}" for number in range(60)]
    task.emulated.script(command="bin/rails db:seed", lines=lines, seconds=9.0)
    heartbeats: list[float] = []
    ended = task.run(
        heartbeat=lambda: heartbeats.append(task.passed),
        command=["bin/rails", "db:seed"],
        environment={"A": 1},
        tags={"app": "shop"},
        started_by="é d",
    )
    assert (ended["exit_code"], ended["stop_code"]) == (0, "EssentialContainerExited") and ended["seconds"] >= 9
    assert [line for line in task.said if line.startswith("line")] == lines and ended["lines"] == lines[-50:]
    identity = ended["task_arn"].rpartition("/")[2]
    assert ended["log_group"] == "/shop" and ended["log_stream"] == f"rails/web/{identity}"
    assert ended["log_url"].endswith(f"#logsV2:log-groups/log-group/$252Fshop/log-events/rails$252Fweb$252F{identity}")
    assert f"/clusters/shop/tasks/{identity}/" in ended["task_url"]
    assert len(heartbeats) > 3 and all(later - sooner >= 1 for sooner, later in pairwise(heartbeats))
    shown = task.made.ecs.describe_tasks(cluster=fargate.CLUSTER, tasks=[ended["task_arn"]], include=["TAGS"])["tasks"][0]
    assert shown["startedBy"] == "--d" and {"key": "app", "value": "shop"} in shown["tags"]
    assert shown["overrides"]["containerOverrides"][0]["environment"] == [{"name": "A", "value": "1"}]


def test_lines_come_while_the_task_runs(task: Task) -> None:
    task.emulated.script(lines=["first", "last"], seconds=60.0)
    task.run()
    running = next(number for number, line in enumerate(task.said) if " running," in line)
    ended = next(number for number, line in enumerate(task.said) if " stopped," in line)
    assert running <= task.said.index("first") + 1 and task.said.index("first") < ended


@pytest.mark.parametrize(
    ("script", "kind", "code", "words"),
    [
        ({"exit_code": 3, "lines": ["oh no"], "seconds": 2.0}, "failed", 3, ["ended with exit code 3", "  oh no"]),
        ({"exit_code": 3, "seconds": 2.0}, "failed", 3, ["it wrote no lines"]),
        ({"exit_code": 137, "seconds": 2.0}, "failed", 137, ["exit code 137, killed by SIGKILL"]),
        (
            {"exit_code": 137, "exit_reason": "OutOfMemoryError: Container killed due to memory usage", "seconds": 2.0},
            "failed",
            137,
            ["ran out of memory", "Give the process more memory"],
        ),
        (
            {"reason": "CannotPullContainerError: pull image manifest has been retried 1 time(s): shop:1: not found"},
            "never_started",
            None,
            ["never started: CannotPullContainerError", "is it in the repository"],
        ),
        (
            {"reason": "ResourceInitializationError: unable to pull secrets or registry auth: There is a connection issue"},
            "never_started",
            None,
            ["without a NAT gateway"],
        ),
    ],
)
def test_how_a_task_can_end(task: Task, script: dict[str, Any], kind: str, code: int | None, words: list[str]) -> None:
    task.emulated.script(**script)
    error = task.fails()
    assert (error.details["kind"], error.details["exit_code"]) == (kind, code), error.message
    assert all(text in error.message for text in words), error.message
    assert error.details["task_arn"] and error.details["task_url"]


@pytest.mark.parametrize("late", [2, 6, 15])
def test_why_a_command_failed_is_told_though_its_lines_come_late(task: Task, late: float) -> None:
    task.emulated.script(lines=["KeyError: key not found: REDIS_URL"], seconds=1.0, exit_code=1, late=late)
    assert "REDIS_URL" in task.fails(command=["bin/rails", "db:seed"]).message


def test_a_secret_that_is_not_stored_and_a_log_group_that_is_gone(task: Task) -> None:
    secret = {"name": "KEY", "valueFrom": "/shop/KEY"}
    task.made.allow("ssm:GetParameters", "*")
    task.made.define(containerDefinitions=[{**fargate.CONTAINER, "secrets": [secret]}])
    error = task.fails()
    assert error.details["kind"] == "never_started" and "playbooks/secret.yml" in error.message
    task.made.define()
    task.emulated.client("logs").delete_log_group(logGroupName="/shop")
    error = task.fails()
    assert error.details["kind"] == "never_started" and "log group" in error.message and error.details["lines"] == []


def test_a_task_that_a_person_stops_has_not_ended_well(task: Task) -> None:
    task.emulated.script(seconds=600.0)

    def stop() -> None:
        if any(" running," in line for line in task.said):
            task.made.ecs.stop_task(cluster=fargate.CLUSTER, task=task.made.ecs.list_tasks(cluster=fargate.CLUSTER)["taskArns"][0])

    with pytest.raises(RailyardError) as caught:
        task.run(heartbeat=_once(stop, task))
    assert caught.value.details["kind"] == "failed" and "stopped before it had finished" in caught.value.message


def test_a_task_that_a_person_stops_before_it_starts_is_told_in_their_words_alone(task: Task) -> None:
    stopped: list[str] = []

    def stop() -> None:
        if not stopped:
            stopped.extend(task.made.ecs.list_tasks(cluster=fargate.CLUSTER)["taskArns"])
            task.made.ecs.stop_task(cluster=fargate.CLUSTER, task=stopped[0], reason="image not found in my notes, anna")

    with pytest.raises(RailyardError) as caught:
        task.run(heartbeat=stop)
    assert caught.value.details["kind"] == "never_started", caught.value.message
    assert caught.value.message == "the task never started: image not found in my notes, anna (UserInitiated)"


def _once(act: Callable[[], None], task: Task) -> Callable[[], None]:
    done: list[bool] = []

    def heartbeat() -> None:
        if not done and any(" running," in line for line in task.said):
            done.append(True)
            act()

    return heartbeat


def test_task_that_ecs_does_not_accept(task: Task) -> None:
    assert task.fails(task_definition="nothing").details["kind"] == "refused"
    assert "has no container other; it has web" in task.fails(container="other").message
    assert "8192 characters" in task.fails(command=["x" * 9000]).message
    refused = task.fails(network={"subnets": ["subnet-1"]})
    assert refused.details["kind"] == "refused" and refused.code and "did not accept" in refused.message
    assert "ecs:RunTask" not in task.emulated.writes()[:-1]


def test_failures_of_an_answer_without_a_task(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"tasks": [], "failures": [{"arn": "a", "reason": "Capacity is unavailable at this time.", "detail": "zone a"}]}
    monkeypatch.setattr(task.made.ecs, "run_task", lambda **params: {**said})
    error = task.fails()
    assert error.details["kind"] == "refused" and "Capacity is unavailable at this time. zone a" in error.message
    assert "try again later" in error.message and error.details["failures"] == said["failures"]


def test_one_token_is_one_task(task: Task) -> None:
    task.emulated.script(lines=["once"], seconds=30.0)
    first = run_task.start(task.clients, task.wanted(token="release-7"))
    ended = task.run(token="release-7")
    assert ended["task_arn"] == first and ended["lines"] == ["once"]
    assert len(task.made.ecs.list_tasks(cluster=fargate.CLUSTER, desiredStatus="STOPPED")["taskArns"]) == 1
    assert task.run(token="release-8")["task_arn"] != first
    other = task.fails(token="release-7", command=["other"])
    assert other.code == "ConflictException" and "has started a task of another" in other.message
    task.emulated.advance(4000)
    forgotten = task.fails(token="release-7")
    assert forgotten.details["kind"] in ("unknown", "refused"), forgotten.message


@pytest.mark.parametrize(
    ("on_timeout", "words", "status"), [("leave", "aws ecs stop-task", "RUNNING"), ("stop", "It was stopped", "STOPPED")]
)
def test_a_task_that_takes_too_long(task: Task, on_timeout: str, words: str, status: str) -> None:
    task.emulated.script(lines=["on and on"], seconds=5000.0)
    error = task.fails(wait_timeout=120, on_timeout=on_timeout)
    assert error.details["kind"] == "timeout" and "not ended after 120 s" in error.message and words in error.message
    assert error.details["lines"] == ["on and on"]
    (shown,) = task.made.ecs.describe_tasks(cluster=fargate.CLUSTER, tasks=[error.details["task_arn"]])["tasks"]
    assert shown["lastStatus"] == status


def environment(emulated: Emulated) -> tuple[fargate.Fargate, str]:
    """A service web of an image in a repository, with a sidecar; the image by digest."""
    made = fargate.build(emulated)
    emulated.client("ecr").create_repository(repositoryName="shop", imageTagMutability="IMMUTABLE")
    image = Deployer(emulated, "shop").push("1a2b3c4")
    web = {**fargate.CONTAINER, "image": image, "environment": [{"name": "RAILS_ENV", "value": "production"}]}
    made.define(containerDefinitions=[web, {"name": "proxy", "image": "nginx", "essential": False}], tags=[{"key": "app", "value": "shop"}])
    made.ecs.create_service(**made.service(desiredCount=0))
    return made, image


def test_the_module_runs_an_image_of_an_environment(emulated: Emulated) -> None:
    made, image = environment(emulated)
    emulated.script(command="bin/rails db:seed", lines=["seeded"], seconds=2.0)
    wanted: dict[str, Any] = {**PLACE, "command": "bin/rails db:seed"}
    checked = emulated.run("ecs_run_task", check=True, **wanted)
    assert checked["changed"] and checked["image"] == image and checked["command"] == ["bin/rails", "db:seed"], checked
    assert differences("ecs_run_task", checked) == [] and checked["task"]["task_definition"] is None
    assert not made.ecs.list_tasks(cluster="shop")["taskArns"]

    ran = emulated.run("ecs_run_task", **wanted, requested_by="deborah")
    (task,) = made.ecs.describe_tasks(cluster="shop", tasks=[ran["task"]["task_arn"]])["tasks"]
    assert task["startedBy"] == "deborah"
    assert ran["changed"] and ran["task"]["lines"] == ["seeded"] and differences("ecs_run_task", ran) == [], ran
    assert ran["task"]["task_definition"].endswith("/shop-run:1")
    registered = made.ecs.describe_task_definition(taskDefinition="shop-run", include=["TAGS"])
    (container,) = registered["taskDefinition"]["containerDefinitions"]
    assert (container["name"], container["image"], container["portMappings"]) == ("run", image, [])
    assert container["environment"] == [{"name": "RAILS_ENV", "value": "production"}]
    assert container["logConfiguration"]["options"]["awslogs-stream-prefix"] == "run"
    assert registered["tags"] == [{"key": "app", "value": "shop"}]

    again = emulated.run("ecs_run_task", **wanted, image="1a2b3c4")
    assert again["task"]["task_definition"] == ran["task"]["task_definition"] and again["task"]["task_arn"] != ran["task"]["task_arn"]
    newer = Deployer(emulated, "shop").push("5d6e7f8")
    other = emulated.run("ecs_run_task", **wanted, image="5d6e7f8")
    assert other["image"] == newer and other["task"]["task_definition"].endswith("/shop-run:2")


def test_the_module_fails_as_the_command_fails(emulated: Emulated, tmp_path: Any) -> None:
    environment(emulated)
    emulated.script(command="false*", lines=["no é"], seconds=1.0, exit_code=4)
    failed = emulated.run("ecs_run_task", **PLACE, command=["false", "a b"], progress=str(tmp_path / "progress"))
    assert failed["failed"] and failed["kind"] == "failed" and failed["exit_code"] == 4 and "exit code 4" in failed["msg"]
    assert "no é" in (tmp_path / "progress").read_text(encoding="utf-8").splitlines()


def test_the_module_runs_a_task_definition_as_it_is(emulated: Emulated) -> None:
    made = fargate.build(emulated)
    network = {"subnets": made.subnets, "assign_public_ip": True}
    alone: dict[str, Any] = {"cluster": "shop", "task_definition": "shop-web", "network": network}
    assert emulated.run("ecs_run_task", check=True, **alone)["task"]["task_definition"].endswith("/shop-web:1")
    ran = emulated.run("ecs_run_task", **alone)
    assert ran["task"]["exit_code"] == 0 and ran["image"] is None and differences("ecs_run_task", ran) == [], ran


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image": "nope"}, "no image with the tag nope; the newest are 1a2b3c4"),
        ({"image": "docker.io/other:1"}, "is no image of"),
        ({"image": "sha256:12"}, "64 digits"),
        ({"command": "a 'b"}, "cannot be split into words"),
        ({"command": []}, "must be a line, or a list of words"),
        ({"service": "other"}, "no service other in cluster shop"),
        ({"names": option(**{**SHOP, "ecs_name": "mart"})}, "no task definition mart-web"),
        ({"names": {"application": "shop"}}, "names: environment, account_id, region"),
    ],
)
def test_wrong_input_starts_nothing(emulated: Emulated, changes: dict[str, Any], words: str) -> None:
    environment(emulated)
    before = len(emulated.writes())
    failed = emulated.run("ecs_run_task", **{**PLACE, "command": "true", **changes})
    assert failed.get("failed") and words in failed["msg"], failed
    assert len(emulated.writes()) == before
