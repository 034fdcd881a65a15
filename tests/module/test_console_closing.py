"""A console is taken away whatever there is of it, and found again whatever was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ansible_collections.railyard.fargate.plugins.module_utils._console import closing, queries, sweeping
from ansible_collections.railyard.fargate.plugins.module_utils._console.request import KIND, Request, container
from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from tests.support import fargate, roles
from tests.support.emulated import REGION, Emulated
from tests.support.names import names, option

BASE = "shop-local"
OWN: dict[str, Any] = {"application": "shop", "environment": "local"}


@pytest.fixture
def made(emulated: Emulated) -> Iterator[fargate.Fargate]:
    """A cluster with a definition for consoles, and the role of nodes. Time passes when it is told to."""
    stage = fargate.build(emulated)
    stage.ecs.create_cluster(clusterName=BASE)
    stage.define(family=f"{BASE}-{KIND}", containerDefinitions=[{**fargate.CONTAINER, "name": KIND}])
    roles.make(emulated, "node", f"{BASE}-{KIND}")
    with fargate.slowly(emulated):
        yield stage


def wanted(person: str = "deborah") -> Request:
    return Request(names(), requested_by=person)


def clients(emulated: Emulated) -> dict[str, Any]:
    return {name: emulated.client(name) for name in ("ssm", "ecs", "logs")}


def refusing(emulated: Emulated, *operations: str) -> dict[str, Any]:
    """Clients to whom AWS refuses these operations, `ssm.DescribeActivations` for example, as it does when keys have expired."""

    def refuse(model: Any, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "The security token has expired"}}, model.name)

    keys = {"aws_access_key_id": "EMULATOR", "aws_secret_access_key": "x"}
    made = {name: boto3.client(name, REGION, endpoint_url=emulated.state.url, **keys) for name in ("ssm", "ecs", "logs")}
    for operation in operations:
        made[operation.partition(".")[0]].meta.events.register(f"before-call.{operation}", refuse)
    return made


LOOKS = ["ssm.DescribeActivations", "ssm.DescribeInstanceInformation", "ssm.DescribeSessions", "ecs.ListTasks"]


def clock(emulated: Emulated) -> Clock:
    return Clock(sleep=emulated.advance)


def activate(emulated: Emulated, console: Request) -> dict[str, str]:
    pairs = [{"Key": key, "Value": value} for key, value in console.tags.items()]
    answer = emulated.client("ssm").create_activation(IamRole=console.node_role, Tags=pairs)
    return {"id": answer["ActivationId"], "code": answer["ActivationCode"], "region": REGION}


def run(made: fargate.Fargate, console: Request, activation: dict[str, str]) -> str:
    told = container(console, activation)
    environment = [{"name": name, "value": value} for name, value in told["environment"].items()]
    override = {"name": KIND, "command": told["command"], "environment": environment}
    pairs = [{"key": key, "value": value} for key, value in console.tags.items()]
    answer = made.ecs.run_task(
        **made.task(
            cluster=BASE,
            taskDefinition=f"{BASE}-{KIND}",
            overrides={"containerOverrides": [override]},
            startedBy=console.identity,
            tags=pairs,
        )
    )
    return str(answer["tasks"][0]["taskArn"])


def with_its_code(made: fargate.Fargate, console: Request) -> None:
    """As when somebody was killed between the activation and its task."""
    code = activate(made.emulated, console)["code"]
    pairs = [{"Key": key, "Value": value} for key, value in console.tags.items()]
    made.emulated.client("ssm").put_parameter(Name=console.code_parameter, Type="SecureString", Value=code, Tags=pairs)


def only_activated(made: fargate.Fargate, console: Request) -> None:
    activate(made.emulated, console)


def starting(made: fargate.Fargate, console: Request) -> None:
    run(made, console, activate(made.emulated, console))


def registering(made: fargate.Fargate, console: Request) -> None:
    starting(made, console)
    made.emulated.advance(14)


def online(made: fargate.Fargate, console: Request) -> None:
    starting(made, console)
    made.emulated.advance(60)


def stopped(made: fargate.Fargate, console: Request) -> None:
    task = run(made, console, activate(made.emulated, console))
    made.emulated.advance(60)
    made.ecs.stop_task(cluster=BASE, task=task)
    made.emulated.advance(60)


def without_its_activation(made: fargate.Fargate, console: Request) -> None:
    """As when somebody was killed between the first step of closing and the second."""
    activation = activate(made.emulated, console)
    run(made, console, activation)
    made.emulated.advance(60)
    made.emulated.client("ssm").delete_activation(ActivationId=activation["id"])


def registered(made: fargate.Fargate, console: Request) -> None:
    """As when somebody was killed, or the reply was lost, when its task definition was registered."""
    pairs = [{"key": key, "value": value} for key, value in console.tags.items()]
    made.define(family=f"{BASE}-{KIND}", containerDefinitions=[{**fargate.CONTAINER, "name": KIND}], tags=pairs)


STAGES = [only_activated, with_its_code, registered, starting, registering, online, stopped, without_its_activation]


def test_what_is_known_goes_without_a_look_and_success_is_not_said(made: fargate.Fargate) -> None:
    emulated, console = made.emulated, wanted()
    online(made, console)
    known = queries.read(clients(emulated), BASE, console.identity)
    left = closing.close(refusing(emulated, *LOOKS), BASE, console.identity, "test", clock(emulated), known)
    assert not queries.read(clients(emulated), BASE, console.identity)
    assert left and sorted(left.unseen) == ["activations", "nodes", "tasks"], "a session ends with its node and its task"
    assert "nodes could not be looked for (DescribeInstanceInformation: ExpiredTokenException: The security token has expired)" in str(left)


@pytest.mark.parametrize("operation", [name for name in LOOKS if name != "ssm.DescribeSessions"])
def test_one_thing_that_cannot_be_looked_for_hinders_nothing_else_and_is_told(operation: str, made: fargate.Fargate) -> None:
    emulated, console = made.emulated, wanted()
    online(made, console)
    left = closing.close(refusing(emulated, operation), BASE, console.identity, "test", clock(emulated))
    assert len(left.unseen) == 1 and operation.partition(".")[2] in str(left)
    there = queries.read(clients(emulated), BASE, console.identity)
    assert [len(ids) for ids in (there.activations, there.nodes, there.tasks)] == [
        operation == name for name in ("ssm.DescribeActivations", "ssm.DescribeInstanceInformation", "ecs.ListTasks")
    ]


def test_what_aws_does_not_take_away_is_named_with_its_words(made: fargate.Fargate) -> None:
    emulated, console = made.emulated, wanted()
    online(made, console)
    left = closing.close(refusing(emulated, "ecs.StopTask"), BASE, console.identity, "test", clock(emulated))
    there = queries.read(clients(emulated), BASE, console.identity)
    assert left.tasks == there.tasks and not there.nodes and not there.activations
    assert str(left) == f"task {there.tasks[0].rpartition('/')[2]} (StopTask: ExpiredTokenException: The security token has expired)"


def test_a_console_of_ecs_exec_has_no_activation_and_no_node_to_look_for(made: fargate.Fargate) -> None:
    emulated, console = made.emulated, wanted()
    run(made, console, activate(emulated, console))
    nothing_of_nodes = refusing(emulated, *LOOKS[:2])
    assert not closing.close(nothing_of_nodes, BASE, console.identity, "test", clock(emulated), hybrid=False)
    assert queries.read(clients(emulated), BASE, console.identity).tasks == []


@pytest.mark.parametrize("stage", STAGES)
def test_whatever_there_is_of_it_goes_and_nothing_else(stage: Callable[..., None], made: fargate.Fargate) -> None:
    emulated, console, neighbour = made.emulated, wanted(), wanted("neighbour")
    online(made, neighbour)
    before = str(queries.read(clients(emulated), BASE, neighbour.identity))
    assert "activation" in before and "node" in before and "task" in before
    stage(made, console)
    assert queries.read(clients(emulated), BASE, console.identity)
    assert not closing.close(clients(emulated), BASE, console.identity, "test", clock(emulated))
    emulated.advance(60)
    assert not queries.read(clients(emulated), BASE, console.identity), "nor comes anything later"
    assert len(queries.definitions(emulated.client("ecs"), BASE)) == 1, "that of no console in particular"
    assert str(queries.read(clients(emulated), BASE, neighbour.identity)) == before
    assert not closing.close(clients(emulated), BASE, console.identity, "test", clock(emulated))


def test_consoles_are_grouped_and_open_ones_are_known(made: fargate.Fargate) -> None:
    emulated = made.emulated
    crashed, alive, orphan = wanted("crashed"), wanted("alive"), wanted("orphan")
    stopped(made, crashed)
    online(made, alive)
    without_its_activation(made, orphan)
    seen = {item["requested_by"]: item for item in sweeping.consoles(clients(emulated), names())}
    assert {person: item["open"] for person, item in seen.items()} == {"crashed": False, "alive": True, "orphan": True}
    assert [len(seen["crashed"][kind]) for kind in ("activations", "nodes", "tasks")] == [1, 1, 0]
    assert [len(seen["orphan"][kind]) for kind in ("activations", "nodes", "tasks")] == [0, 1, 1]
    emulated.client("ssm").create_activation(IamRole=f"{BASE}-{KIND}", Tags=[{"Key": key, "Value": value} for key, value in OWN.items()])
    assert len(sweeping.consoles(clients(emulated), names())) == 3, "an activation that is no console's is nobody's business"

    result = emulated.run("console_sweep", names=option(), check=True)
    assert result["changed"] and [item["requested_by"] for item in result["consoles"] if item["swept"]] == ["crashed"]
    assert len(sweeping.consoles(clients(emulated), names())) == 3
    assert emulated.run("console_sweep", names=option())["changed"]
    assert not emulated.run("console_sweep", names=option())["changed"]
    assert {item["requested_by"] for item in sweeping.consoles(clients(emulated), names())} == {"alive", "orphan"}
    assert emulated.run("console_sweep", names=option(), open=True)["changed"]
    assert sweeping.consoles(clients(emulated), names()) == []
