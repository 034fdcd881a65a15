"""playbooks/console.yml at a real terminal: what a person sees, and that nothing is left behind however it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from emulator import process
from tests.support import persons_of_iam, roles
from tests.support.emulated import Emulated
from tests.support.persons import until
from tests.support.playbooks import BIN, ROOT, Played, play
from tests.support.processes import children, command_line

from .conftest import TIER, Made

CONSOLE = "playbooks/console.yml"
NAME = "shop-local"
PROMPT = "shop> "
DEVELOPER = "developer"
MINUTE = 60.0


@pytest.fixture(scope="module")
def shop(made: Made) -> Emulated:
    """An environment with a live release, in the tier that sessions need."""
    emulated = made("-e", "railyard_engine=codedeploy")
    emulated.advance(300)
    # An hour of a console's life is three minutes; usually it would be six seconds.
    process.control(emulated.state, "speed", factor=20.0)
    emulated.client("ssm").update_service_setting(SettingId=TIER, SettingValue="advanced")
    # Whoever is in a console here has the developer's permissions and no others.
    persons_of_iam.make(emulated, DEVELOPER)
    process.control(emulated.state, "authority", on=True)
    return emulated


@pytest.fixture(autouse=True)
def nothing_left(shop: Emulated) -> Iterator[None]:
    """After each test there is no node, activation, task or session."""
    shop.consoles()
    yield
    assert there_is(shop) == []


def codes(shop: Emulated) -> list[str]:
    return [item["Name"] for item in shop.client("ssm").get_parameters_by_path(Path="/shop/local/console")["Parameters"]]


def there_is(shop: Emulated) -> list[str]:
    ssm, ecs = shop.client("ssm"), shop.client("ecs")
    return [
        *(item["ActivationId"] for item in ssm.describe_activations()["ActivationList"]),
        *(item["InstanceId"] for item in ssm.describe_instance_information()["InstanceInformationList"]),
        *(item["SessionId"] for item in ssm.describe_sessions(State="Active")["Sessions"]),
        *ecs.list_tasks(cluster=NAME, family=f"{NAME}-console", desiredStatus="RUNNING")["taskArns"],
        *codes(shop),
    ]


class Person:
    """Somebody at a terminal who has typed the command."""

    def __init__(self, shop: Emulated, playbook: str, *words: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
        environment |= {
            "RAILYARD_EMULATOR_STATE": str(shop.path),
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "ANSIBLE_NOCOLOR": "1",
            "USER": "deborah",
        }
        command = ["ansible-playbook", playbook, "-i", "inventories/local", *words]
        # A shell that stays shows how the terminal is left.
        self.seat = pexpect.spawn(
            "/bin/sh",
            ["-c", 'trap : INT; stty -g; "$@"; echo "ended with $?"; stty -g; read rest', "sh", *command],
            cwd=ROOT,
            env=environment,
            encoding="utf-8",
            timeout=90,
            dimensions=(40, 150),
        )
        self.before = termios.tcgetattr(self.seat.child_fd)

    def sees(self, words: str) -> str:
        """Wait for words; what came before them."""
        self.seat.expect_exact(words)
        return str(self.seat.before)

    def types(self, words: str) -> None:
        self.seat.send(words)

    @property
    def playbook(self) -> int:
        """The process of ansible-playbook."""
        return next(child for child in children(self.seat.pid) if "ansible-playbook" in command_line(child))

    def leaves(self) -> int:
        """Wait for the end; the exit code. The terminal is as it was."""
        self.seat.expect(r"ended with (\d+)")
        code = int(self.seat.match[1])
        # When ansible-playbook is killed, what has the terminal notices it a moment later.
        until(lambda: termios.tcgetattr(self.seat.child_fd) == self.before, MINUTE)
        self.seat.close(force=True)
        return code


def as_developer(shop: Emulated) -> tuple[str, ...]:
    return persons_of_iam.Person(shop, DEVELOPER).words


def developer(shop: Emulated, playbook: str, *words: str) -> Person:
    """A developer at a terminal."""
    return Person(shop, playbook, *words, *as_developer(shop))


def played_by(shop: Emulated, playbook: str, *words: str) -> Played:
    return play(shop, playbook, *words, *as_developer(shop))


def test_a_person_calculates_interrupts_and_leaves(shop: Emulated) -> None:
    person = developer(shop, CONSOLE, "-e", '{"railyard_protection": true}', "-e", 'reason="order 4711 is stuck"')
    shown = person.sees(PROMPT)
    assert "bin/rails console --sandbox" in shown and "rolled back when you leave; to keep it: -e write=yes" in shown
    person.types("6 * 7\r")
    assert "=> 42" in person.sees(PROMPT)
    person.types("'größe 東京 ' * 2\r")
    assert "größe 東京 größe 東京" in person.sees(PROMPT)
    person.types("'RAILS_MASTER_KEY' in ENV, [name for name in ENV if 'CODE' in name], ENV['RAILYARD_DIRECTORY']\r")
    assert "(True, [], '/')" in person.sees(PROMPT)
    person.types("half a line\x03")
    person.sees(PROMPT)
    person.seat.setwinsize(33, 101)

    def told_of_the_size() -> bool:
        person.types("__import__('os').get_terminal_size().columns\r")
        return "101" in person.sees(PROMPT)

    until(told_of_the_size, MINUTE)
    person.types("exit\r")
    assert "nothing of it is left behind" in person.sees("PLAY RECAP") and person.leaves() == 0

    listed = played_by(shop, "playbooks/console_history.yml")
    assert listed.code == 0 and "  root  " in listed.output and "deborah: order 4711 is stuck" in listed.output, listed.output
    assert "/shop/local/console" in listed.output
    session = shop.client("ssm").describe_sessions(State="History")["Sessions"][0]["SessionId"]
    events = shop.client("logs").get_log_events(logGroupName="/shop/local/console", logStreamName=session)["events"]
    assert "=> 42" in "".join(event["message"] for event in events)


def test_neither_code_nor_token_is_shown_or_said_on_a_command_line(shop: Emulated) -> None:
    person = developer(shop, CONSOLE, "-vvvv")
    shown = person.sees("starts, with")
    ssm, ecs = shop.client("ssm"), shop.client("ecs")
    (parameter,) = ssm.get_parameters_by_path(Path="/shop/local/console", WithDecryption=True)["Parameters"]
    code = parameter["Value"]
    assert parameter["Type"] == "SecureString" and len(code) >= 20
    shown += person.sees(PROMPT)
    assert codes(shop) == [], "it is spent"
    tasks = ecs.list_tasks(cluster=NAME, family=f"{NAME}-console")["taskArns"]
    (task,) = ecs.describe_tasks(cluster=NAME, tasks=tasks)["tasks"]
    definition = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
    assert code not in str(task) and code not in str(definition)
    assert "RAILYARD_CONSOLE_ACTIVATION_CODE" not in str(task["overrides"])
    lines = [command_line(int(folder.name)) for folder in Path("/proc").glob("[0-9]*")]
    client = next(line for line in lines if "StartSession" in line)
    assert "AWS_SSM_START_SESSION_RESPONSE" in client and "TokenValue" not in client
    end_of_file(person)
    shown += person.sees("PLAY RECAP")
    assert person.leaves() == 0
    assert code not in shown and "TokenValue" not in shown and not any(code in line for line in lines)
    assert ecs.describe_task_definition(taskDefinition=definition["taskDefinitionArn"])["taskDefinition"]["status"] == "INACTIVE"


def end_of_file(person: Person) -> None:
    person.types("\x04")


def escape(person: Person) -> None:
    person.types("\r~.")


def terminate(person: Person) -> None:
    os.kill(person.playbook, signal.SIGTERM)


def interrupt(person: Person) -> None:
    os.kill(person.playbook, signal.SIGINT)


def kill(person: Person) -> None:
    os.kill(person.playbook, signal.SIGKILL)


@pytest.mark.parametrize("end", [end_of_file, escape, terminate, interrupt, kill])
def test_however_it_ends_nothing_is_left_and_the_terminal_is_as_it_was(end: Callable[[Person], None], shop: Emulated) -> None:
    person = developer(shop, CONSOLE)
    person.sees(PROMPT)
    assert len(there_is(shop)) == 4
    end(person)
    code = person.leaves()
    assert (code == 0) == (end in (end_of_file, escape))
    until(lambda: there_is(shop) == [], MINUTE)


def test_a_terminal_that_is_closed_takes_everything_with_it(shop: Emulated) -> None:
    person = developer(shop, CONSOLE)
    person.sees(PROMPT)
    person.seat.close(force=True)
    until(lambda: there_is(shop) == [], MINUTE)


def test_ctrl_c_before_there_is_a_session(shop: Emulated) -> None:
    person = developer(shop, CONSOLE)
    person.sees("starts, with")
    person.types("\x03")
    assert person.leaves() != 0
    until(lambda: there_is(shop) == [], MINUTE)
    assert own_definitions(shop) == []


def own_definitions(shop: Emulated) -> list[str]:
    """Revisions of single consoles."""
    ecs = shop.client("ecs")
    arns = ecs.list_task_definitions(familyPrefix=f"{NAME}-console", status="ACTIVE")["taskDefinitionArns"]
    return [arn for arn in arns if "ACTIVATION_CODE" in str(ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"])]


def test_a_task_that_stops_ends_it_with_the_reason(shop: Emulated) -> None:
    person = developer(shop, CONSOLE)
    person.sees(PROMPT)
    ecs = shop.client("ecs")
    task = ecs.list_tasks(cluster=NAME, family=f"{NAME}-console")["taskArns"][0]
    ecs.stop_task(cluster=NAME, task=task, reason="the neighbour needs the room")
    person.sees("nothing of it is left behind")
    assert "the neighbour needs the room" in person.sees("PLAY RECAP") and person.leaves() != 0


def test_without_a_terminal_or_the_tier_nothing_is_made(shop: Emulated) -> None:
    before = shop.writes()
    played = played_by(shop, CONSOLE)
    assert played.code != 0 and "needs a terminal" in played.output and shop.writes() == before
    checked = played_by(shop, CONSOLE, "--check")
    assert checked.code == 0 and shop.writes() == before
    ssm = shop.client("ssm")
    ssm.reset_service_setting(SettingId=TIER)
    person = developer(shop, CONSOLE)
    assert "-e advanced_tier=yes" in person.sees("PLAY RECAP") and person.leaves() != 0
    ssm.update_service_setting(SettingId=TIER, SettingValue="advanced")
    assert [entry for entry in shop.writes() if entry not in before] == ["ssm:ResetServiceSetting"]


def test_commands_without_a_sandbox_are_asked_for_where_it_is_protected(shop: Emulated) -> None:
    before = shop.writes()
    person = developer(shop, CONSOLE, "-e", '{"railyard_protection": true}', "-e", 'command="bin/rails dbconsole"')
    assert "-e write=yes" in person.sees("PLAY RECAP") and person.leaves() != 0 and shop.writes() == before


def test_ecs_exec(shop: Emulated) -> None:
    # What the role ecs gives the tasks of an environment that is converged with ECS Exec.
    roles.put(shop, f"{NAME}-task", roles.CHANNELS, name="exec-channels")
    person = developer(shop, CONSOLE, "-e", "railyard_console=exec", "-e", "command=cat")
    person.sees(PROMPT)
    assert shop.client("ssm").describe_activations()["ActivationList"] == []
    person.types("1 + 1\r")
    assert "=> 2" in person.sees(PROMPT)
    end_of_file(person)
    assert person.leaves() == 0


def test_what_a_crash_leaves_is_swept_and_nothing_else(shop: Emulated) -> None:
    person = developer(shop, CONSOLE)
    person.sees(PROMPT)
    worker = next(child for child in children(person.playbook) if "ansible-playbook" in command_line(child))
    for number in (person.playbook, worker):
        os.kill(number, signal.SIGKILL)
    person.seat.close(force=True)
    assert len(there_is(shop)) == 4
    seen = played_by(shop, "playbooks/sweep.yml")
    assert seen.code == 0 and "deborah" in seen.output and "open" in seen.output and len(there_is(shop)) == 4, seen.output
    left_alone = played_by(shop, "playbooks/sweep.yml", "-e", "sweep=yes")
    assert left_alone.count("changed") == 0 and len(there_is(shop)) == 4, "it is open as long as its task runs"
    ecs = shop.client("ecs")
    ecs.stop_task(cluster=NAME, task=ecs.list_tasks(cluster=NAME, family=f"{NAME}-console")["taskArns"][0])
    swept = played_by(shop, "playbooks/sweep.yml", "-e", "sweep=yes")
    assert swept.code == 0 and swept.count("changed") == 1 and there_is(shop) == [] == own_definitions(shop), swept.output
    assert "no console" in played_by(shop, "playbooks/sweep.yml").output


def test_a_port_of_this_machine_is_the_database(shop: Emulated) -> None:
    with socket.create_server(("127.0.0.1", 0)) as database:
        shop.consoles(port=database.getsockname()[1])
        threading.Thread(target=answer, args=(database,), daemon=True).start()
        person = developer(shop, "playbooks/forward.yml", "-e", 'reason="a look at the indexes"')
        person.sees("127.0.0.1:")
        port = int(person.sees(" is the port"))
        for number in range(2):
            with socket.create_connection(("127.0.0.1", port), 30) as caller:
                caller.sendall(f"select {number}".encode())
                assert caller.recv(100) == f"SELECT {number}".encode()
        person.types("\x03")
        assert person.leaves() != 0
    until(lambda: there_is(shop) == [], MINUTE)


def answer(database: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            caller, _ = database.accept()
            with caller:
                while data := caller.recv(100):
                    caller.sendall(data.upper())
