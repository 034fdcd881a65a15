"""What is at the other end of a console, and of a forwarded port: the stand-ins of scripts, and Rails and PostgreSQL. The same tests."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from emulator import process
from tests.support import fargate, nodes, roles
from tests.support.channels import OUTPUT, SIZE, Client
from tests.support.emulated import Emulated
from tests.support.twins import Twins
from tests.tasks.conftest import PLAYED_AND_RUN, Folders
from tests.tasks.test_postgres import create

# By executor: what whoever waits for keys shows, and how many columns its terminal has.
PROMPTS = {"script": r"shop> ", "process": r"irb\(main\):\d+:\d+> |shop\(prod\)> "}
COLUMNS = {"script": "__import__('os').get_terminal_size().columns", "process": "IO.console.winsize[1]"}
TIMES = ", ".join(f"{name} timestamp" for name in ("packed_at", "created_at", "updated_at"))
TABLE = f"CREATE TABLE orders (id bigserial PRIMARY KEY, item text, quantity int, {TIMES})"
# irb asks a terminal where its cursor is, and waits for the answer.
ASKED, ANSWERED = b"\x1b[6n", b"\x1b[1;1R"
# Seconds in which Rails must have begun, on a machine that has much to do.
BOOTING = 120.0
# In both languages, as the stand-in knows Python.
CREATE = 'Order.create({"item": "tea", "quantity": 2})'
SANDBOXED = "Any modifications you make will be rolled back on exit"


@dataclass
class Console:
    """Somebody in a session. `heard`: what they have not looked at yet."""

    client: Client
    prompt: str
    heard: bytes = field(default=b"")

    def sees(self, pattern: str) -> str:
        """Wait for a pattern; what came up to its end."""
        while (found := re.search(pattern.encode(), self.heard)) is None:
            piece = self.client.next().payload
            self.heard += piece
            for _ in range(piece.count(ASKED)):
                self.client.send(OUTPUT, ANSWERED)
        before, self.heard = self.heard[: found.end()], self.heard[found.end() :]
        return before.decode()

    def asks(self, words: str) -> str:
        """Type something, and wait for what follows `=> `."""
        self.client.types(f"{words}\r")
        said = self.sees(r"=>\s+[^\r\n]+\r\n").rpartition("=>")[2].strip()
        self.sees(self.prompt)
        return re.sub(r"\x1b\[[0-9;]*m", "", said)

    def leaves(self) -> None:
        self.client.types("exit\r")
        self.client.next("channel_closed")
        assert self.client.closed


@dataclass
class Shop:
    """A task in which consoles begin."""

    stage: Twins
    task: str

    def wanted(self, *words: str) -> dict[str, Any]:
        """Parameters of ExecuteCommand."""
        command = " ".join(["bin/rails", "console", *words])
        return {"cluster": fargate.CLUSTER, "task": self.task, "interactive": True, "command": command}

    def begin(self, *words: str) -> Client:
        session = self.stage.stage.ecs.execute_command(**self.wanted(*words))["session"]
        return Client({name[0].upper() + name[1:]: value for name, value in session.items()}, patience=BOOTING)

    @contextmanager
    def console(self, *words: str) -> Iterator[Console]:
        console = Console(self.begin(*words), PROMPTS[self.stage.executor])
        try:
            yield console
        finally:
            console.client.close()


@pytest.fixture(scope="module", params=PLAYED_AND_RUN)
def rails(request: pytest.FixtureRequest, _programs: Emulated, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    _programs.reset()
    stage = Twins(fargate.build(_programs), request.param, tmp_path_factory.mktemp("consoles"))
    roles.put(_programs, "execution", roles.CHANNELS)
    url = ""
    if request.param == "process":
        folders: Folders = request.getfixturevalue("folders")
        url = create(stage)
        words = ["sh", "-c", 'psql -q "$DATABASE_URL" -c "$TABLE" && exec sleep 600']
        process.control(_programs.state, "programs", shop={"folder": str(folders(("CreateOrders",))), "command": words})
    given = {"DATABASE_URL": url, "RAILS_ENV": "production", "RAILS_MASTER_KEY": "0" * 32, "TABLE": TABLE, "NAME": "orders"}
    web = {**fargate.CONTAINER, "image": "shop", "environment": [{"name": name, "value": value} for name, value in given.items()]}
    stage.stage.define(containerDefinitions=[web])
    stage.stage.ecs.create_service(**stage.stage.service(desiredCount=1, enableExecuteCommand=True))
    stage.emulated.advance(120)
    (task,) = stage.stage.ecs.list_tasks(cluster=fargate.CLUSTER)["taskArns"]
    return Shop(stage, task)


@pytest.fixture(scope="module")
def console(rails: Shop) -> Iterator[Console]:
    """One for all who leave it as they found it."""
    with rails.console() as console:
        console.sees(console.prompt)
        yield console


def test_a_console_calculates_and_knows_its_environment(console: Console) -> None:
    assert (console.asks("6 * 7"), console.asks('ENV["NAME"]').strip("\"'")) == ("42", "orders")


def test_a_console_is_told_of_the_size_of_its_terminal(console: Console, rails: Shop) -> None:
    for columns in (101, 77):
        console.client.send(SIZE, f'{{"cols": {columns}, "rows": 33}}'.encode())
        assert console.asks(COLUMNS[rails.stage.executor]) == str(columns)


def test_ctrl_c_takes_the_line_and_not_the_console(console: Console) -> None:
    console.client.types("half a line\x03")
    console.sees(r"\^C")
    console.sees(console.prompt)
    assert console.asks("1 + 1") == "2"


def test_what_a_sandbox_changes_is_rolled_back_and_nothing_else_is(console: Console, rails: Shop) -> None:
    console.asks(CREATE)
    with rails.console("--sandbox") as sandbox:
        assert SANDBOXED in sandbox.sees(sandbox.prompt)
        sandbox.asks(CREATE)
        assert sandbox.asks("Order.count()") == "2"
        sandbox.leaves()
    assert console.asks("Order.count()") == "1"


def test_a_session_is_over_when_its_task_is(rails: Shop) -> None:
    with rails.console() as console:
        rails.stage.stop(rails.task)
        found = rails.stage.emulated.client("ssm").describe_sessions(State="Active")["Sessions"]
        assert console.client.answer["SessionId"] not in [each["SessionId"] for each in found]
    code, _ = rails.stage.emulated.refused("ecs", "execute_command", **rails.wanted())
    assert code == "InvalidParameterException"


def psql(local: int, url: str) -> tuple[int, str]:
    """Exit code of psql that asks through a port of this machine, and what it said last."""
    asked = re.sub(r"@[^/]+/", f"@127.0.0.1:{local}/", url).replace("require", "prefer")
    done = subprocess.run(["psql", asked, "-Atc", "SELECT current_user"], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.mark.parametrize("executor", PLAYED_AND_RUN)
def test_psql_reaches_the_database_of_that_name_through_a_forwarded_port(executor: str, request: pytest.FixtureRequest) -> None:
    """What only plays has no database behind its port, and says so in PostgreSQL's own protocol."""
    emulated: Emulated = request.getfixturevalue("_emulator" if executor == process.SCRIPT else "_programs")
    emulated.reset()
    stage = Twins(fargate.build(emulated), executor, Path())
    url = create(stage)
    host = re.sub(r".*@([^:]+):.*", r"\1", url)
    with nodes.build(emulated, stage.stage).forwarded(host) as (local, _client):
        code, said = psql(local, url)
        if executor == process.SCRIPT:
            assert code == 2 and said.endswith(f"FATAL:  this is the emulated database {host}: nothing is stored in it")
        else:
            assert (code, said) == (0, "shop")
            code, said = psql(local, url.replace("secret", "guess"))
            assert code == 2 and 'FATAL:  password authentication failed for user "shop"' in said
