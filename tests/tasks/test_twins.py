"""What scripts say of containers, and what programs really do: the same tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import process
from tests.support import fargate, groups, users
from tests.support.emulated import Emulated
from tests.support.twins import Twins
from tests.tasks.conftest import PLAYED_AND_RUN

FOREVER = "import time\nprint('begun', flush=True)\ntime.sleep(600)"
DEAF = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{FOREVER}"
GRACEFUL = f"import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n{FOREVER}"
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"


@pytest.fixture(params=[*PLAYED_AND_RUN, pytest.param(process.CONTAINER, marks=pytest.mark.soak)])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Twins:
    """The same stage for each executor."""
    emulated: Emulated = request.getfixturevalue("_containers" if request.param == process.CONTAINER else "_programs")
    emulated.reset()
    return Twins(fargate.build(emulated, balanced=True), request.param, tmp_path)


def container(task: dict[str, Any], name: str = "web") -> dict[str, Any]:
    return dict(next(item for item in task["containers"] if item["name"] == name))


@pytest.mark.parametrize("code", [0, 1, 9])
def test_a_program_that_ends_gives_its_task_its_exit_code(stage: Twins, code: int) -> None:
    task = stage.run(stage.image(f"import sys\nsys.exit({code})", seconds=1, exit_code=code))
    assert (task["lastStatus"], task["stopCode"], container(task)["exitCode"]) == ("STOPPED", "EssentialContainerExited", code)
    assert task["stoppedReason"] == "Essential container in task exited"


@pytest.mark.parametrize(
    ("program", "code"), [(FOREVER, 143), (GRACEFUL, 0), (DEAF, 137)], ids=["ended by SIGTERM", "ends by itself", "ended by SIGKILL"]
)
def test_a_task_that_is_stopped_gets_sigterm_and_then_sigkill(stage: Twins, program: str, code: int) -> None:
    # The first process of a container ends by SIGTERM only if it says so.
    more = {"linuxParameters": {"initProcessEnabled": code == 143}, "stopTimeout": 2}
    arn = stage.begin(stage.image(program, lines=["begun"], seconds=1e6, at=[0], stopped=code), container=more)
    stage.until(arn, "RUNNING")
    stage.eventually(lambda: "begun" in stage.lines(arn))
    task = stage.stop(arn)
    assert (container(task)["exitCode"], task["stopCode"], task["stoppedReason"]) == (code, "UserInitiated", "enough")


def test_every_line_is_shown_in_its_order_the_last_one_too(stage: Twins) -> None:
    lines = [f"line {number}" for number in range(200)]
    code = "import sys\nfor number in range(200): print('line', number)\nsys.stdout.write('torn')"
    task = stage.run(stage.image(code, lines=[*lines, "torn"], seconds=1, exit_code=0))
    assert stage.lines(task["taskArn"]) == [*lines, "torn"]


def test_what_is_written_to_standard_error_is_shown_and_empty_lines_are_not(stage: Twins) -> None:
    code = "import sys\nprint('first', flush=True)\nprint(flush=True)\nprint('boom', file=sys.stderr)\nsys.exit(1)"
    task = stage.run(stage.image(code, lines=["first", "", "boom"], seconds=1, exit_code=1))
    assert stage.lines(task["taskArn"]) == ["first", "boom"]


def test_the_last_lines_may_be_shown_long_after_the_task_has_stopped(stage: Twins) -> None:
    arn = stage.begin(stage.image("print('first')\nprint('last')", lines=["first", "last"], seconds=1, late=9000))
    stage.until(arn, "STOPPED")
    assert stage.lines(arn) == []
    stage.emulated.advance(9000)
    assert stage.lines(arn) == ["first", "last"]


def test_lines_are_lost_where_the_log_driver_does_not_block(stage: Twins) -> None:
    code = "print('first')\nprint('second')"
    task = stage.run(stage.image(code, lines=["first", "second"], seconds=1, dropped="sec*"))
    assert stage.lines(task["taskArn"]) == ["first"]


def test_a_line_that_is_written_in_two_pieces_is_one(stage: Twins) -> None:
    code = "import sys, time\nsys.stdout.write('torn ')\ntime.sleep(0.4)\nprint('and whole')"
    task = stage.run(stage.image(code, lines=["torn and whole"], seconds=1))
    assert stage.lines(task["taskArn"]) == ["torn and whole"]


def test_a_line_that_is_too_long_is_cut(stage: Twins) -> None:
    task = stage.run(stage.image("print('x' * 300_000)\nprint('y')", lines=["x" * 300_000, "y"], seconds=1))
    assert [(line[0], len(line)) for line in stage.lines(task["taskArn"])] == [("x", 262_118), ("x", 300_000 - 262_118), ("y", 1)]


def test_a_command_replaces_that_of_the_image(stage: Twins) -> None:
    image = stage.image("import sys\nsys.exit(1)", seconds=1, exit_code=1)
    if stage.executor == "script":
        stage.emulated.script(image=image, command="sh -c*", seconds=1, exit_code=7, lines=["other"])
    overrides = {"containerOverrides": [{"name": "web", "command": ["sh", "-c", "echo other; exit 7"]}]}
    task = stage.run(image, overrides=overrides)
    assert (container(task)["exitCode"], stage.lines(task["taskArn"])) == (7, ["other"])


def test_too_much_memory_ends_a_container(stage: Twins) -> None:
    code = "import time\nheld = bytearray(90 << 20)\ntime.sleep(600)"
    image = stage.image(code, seconds=1, exit_code=137, exit_reason=OUT_OF_MEMORY)
    task = stage.run(image, container={"memory": 64})
    assert (container(task)["exitCode"], container(task)["reason"]) == (137, OUT_OF_MEMORY)


def test_a_container_that_is_not_essential_may_end(stage: Twins) -> None:
    web = {**fargate.CONTAINER, "image": stage.image(FOREVER, lines=["begun"], seconds=1e6, at=[0])}
    side = {**fargate.CONTAINER, "name": "side", "image": stage.image("", seconds=1), "essential": False, "portMappings": []}
    stage.stage.define(containerDefinitions=[web, side])
    arn = stage.stage.run()
    stage.until(arn, "RUNNING")
    stage.eventually(lambda: container(stage.task(arn), "side")["lastStatus"] == "STOPPED")
    task = stage.task(arn)
    assert (task["lastStatus"], container(task, "side")["exitCode"]) == ("RUNNING", 0)
    stage.stop(arn)


@pytest.mark.parametrize("code", [0, 3])
def test_a_container_waits_for_another_that_has_to_succeed(stage: Twins, code: int) -> None:
    first = {"name": "first", "image": stage.image(f"import sys\nsys.exit({code})", seconds=1, exit_code=code), "essential": False}
    after = [{"containerName": "first", "condition": "SUCCESS"}]
    web = {**fargate.CONTAINER, "image": stage.image("print('after')", lines=["after"], seconds=1), "dependsOn": after}
    stage.stage.define(containerDefinitions=[web, first])
    task = stage.stage.ended(stage.stage.run())
    assert container(task, "first")["exitCode"] == code
    assert task["stopCode"] == ("TaskFailedToStart" if code else "EssentialContainerExited")
    assert ("exitCode" in container(task)) is (code == 0)


def serve(stage: Twins, image: str, **changes: Any) -> None:
    """A service of two tasks behind the listener."""
    web = {**fargate.CONTAINER, "image": image, "environment": [{"name": "NAME", "value": image}]}
    stage.stage.define(containerDefinitions=[web])
    stage.stage.ecs.create_service(**stage.stage.service(loadBalancers=[stage.stage.target("blue")], **changes))


def test_a_service_is_healthy_and_answers(stage: Twins) -> None:
    image = stage.server()
    serve(stage, image)
    stage.eventually(lambda: stage.health() == ["healthy", "healthy"])
    assert [users.get(stage.emulated, stage.url + "/")[1].split()[0] for _ in range(4)] == [image] * 4


def test_a_start_of_some_seconds_is_no_failed_health_check(stage: Twins) -> None:
    """Three real seconds are half an hour of AWS's time here."""
    serve(stage, stage.server(first="time.sleep(3)"))
    stage.eventually(lambda: stage.health() == ["healthy", "healthy"])
    assert stage.stage.ecs.list_tasks(cluster=fargate.CLUSTER, desiredStatus="STOPPED")["taskArns"] == []


def test_what_the_application_answers_is_what_users_get(stage: Twins) -> None:
    serve(stage, stage.server({"/gone": (410, "gone")}))
    stage.eventually(lambda: stage.health() == ["healthy", "healthy"])
    assert users.get(stage.emulated, stage.url + "/gone") == (410, "gone")


def test_a_task_that_security_groups_close_is_not_reached(stage: Twins) -> None:
    serve(stage, stage.server(), desiredCount=1)
    stage.eventually(lambda: stage.health() == ["healthy"])
    with fargate.slowly(stage.emulated):
        groups.close(stage.emulated, stage.stage.group)
        assert users.get(stage.emulated, stage.url + "/")[0] == 504
        groups.admit(stage.emulated, stage.stage.group, stage.stage.group)
        assert users.get(stage.emulated, stage.url + "/")[0] == 200


def test_tasks_whose_health_check_fails_are_replaced(stage: Twins) -> None:
    serve(stage, stage.server({"/": (500, "broken")}, healthy=False))
    stage.eventually(lambda: any("Health checks failed" in event["message"] for event in stage.stage.described()["events"]))
    stage.eventually(lambda: "healthy" not in stage.health())
    stopped = stage.stage.ecs.list_tasks(cluster=fargate.CLUSTER, desiredStatus="STOPPED")["taskArns"]
    assert "Task failed ELB health checks" in stage.task(stopped[0])["stoppedReason"]


def test_a_crash_loop_starts_task_after_task(stage: Twins) -> None:
    serve(stage, stage.image("import sys\nprint('no', flush=True)\nsys.exit(1)", lines=["no"], seconds=2, exit_code=1, healthy=False))

    def stopped() -> list[str]:
        return list(stage.stage.ecs.list_tasks(cluster=fargate.CLUSTER, desiredStatus="STOPPED")["taskArns"])

    stage.eventually(lambda: len(stopped()) >= 4)
    # A stopped task is forgotten after an hour, which is seconds here.
    with fargate.slowly(stage.emulated):
        assert {container(stage.task(arn)).get("exitCode") for arn in stopped()} == {1}
        # One that runs would be asked, as no other is healthy either.
        while any(stage.task(arn)["lastStatus"] == "RUNNING" for arn in stage.stage.ecs.list_tasks(cluster=fargate.CLUSTER)["taskArns"]):
            stage.emulated.advance(1)
        assert users.get(stage.emulated, stage.url + "/")[0] in (502, 503)


def test_a_service_that_goes_to_zero_ends_its_programs(stage: Twins) -> None:
    serve(stage, stage.server())
    stage.eventually(lambda: stage.health() == ["healthy", "healthy"])
    arns = stage.stage.ecs.list_tasks(cluster=fargate.CLUSTER)["taskArns"]
    stage.stage.ecs.update_service(cluster=fargate.CLUSTER, service="web", desiredCount=0)
    tasks = [stage.until(arn, "STOPPED") for arn in arns]
    assert [(container(task)["exitCode"], task["stopCode"]) for task in tasks] == [(0, "ServiceSchedulerInitiated")] * 2
    assert stage.health() == []


def test_a_request_that_is_under_way_at_sigterm_is_answered(stage: Twins) -> None:
    serve(stage, stage.server({"/slow": (200, "late")}, slow=1.5), desiredCount=1)
    stage.eventually(lambda: stage.health() == ["healthy"])
    (arn,) = stage.stage.ecs.list_tasks(cluster=fargate.CLUSTER)["taskArns"]
    asked = users.begin(stage.emulated, stage.url + "/slow")
    # A script says nothing of a request; one that comes after it is answered after it has arrived.
    if stage.executor == "script":
        users.get(stage.emulated, stage.url + "/")
    else:
        stage.eventually(lambda: "begun" in stage.lines(arn))
    task = stage.stop(arn)
    with asked.getresponse() as answer:
        assert (answer.status, answer.read().decode(), container(task)["exitCode"]) == (200, "late", 0)
    asked.close()


def test_a_task_has_variables_and_secrets(stage: Twins) -> None:
    stage.stage.allow("ssm:GetParameters", "*")
    stage.emulated.client("ssm").put_parameter(Name="/shop/KEY", Type="SecureString", Value="hidden")
    image = stage.image("import os\nprint(os.environ['NAME'], os.environ['KEY'])", seconds=1, lines=["shop hidden"])
    given = {"environment": [{"name": "NAME", "value": "shop"}], "secrets": [{"name": "KEY", "valueFrom": "/shop/KEY"}]}
    task = stage.run(image, container=given)
    assert stage.lines(task["taskArn"]) == ["shop hidden"]
