"""A session as a person at a terminal sees it."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from typing import Any

import pytest

from tests.support.nodes import Node

from .conftest import Enter

PROMPT = "shop> "
MUCH = 1_000_000
WRITE = "import sys; sys.stdout.write('begin' + ''.join(f'{n:06}\\n' for n in range(1_000_000 // 7)) + 'end'); sys.stdout.flush(); input()"
ECHO = """
import os, tty
tty.setraw(0)
print("go", flush=True)
left = 300_000
while left > 0:
    data = os.read(0, 4096)
    left -= len(data)
    os.write(1, data)
print("all", flush=True)
"""
SIZES = """
import os, signal
def show(*_):
    os.write(1, "{} {}\\n".format(*os.get_terminal_size(0)).encode())
signal.signal(signal.SIGWINCH, show)
show()
while True:
    signal.pause()
"""
SIGNALS = """
import os, signal
def show(number, _):
    os.write(1, signal.Signals(number).name.encode() + b"\\n")
for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGQUIT):
    signal.signal(number, show)
print("ready", flush=True)
while True:
    signal.pause()
"""
FAULTS: list[dict[str, Any]] = [
    {},
    {"handshake": True},
    {"lost": 3},
    {"unheard": 3},
    {"twice": True},
    {"pauses": True},
    {"cut": 3},
]


def named(faults: dict[str, Any]) -> str:
    return "+".join(faults) or "no fault"


@pytest.mark.parametrize("faults", FAULTS, ids=named)
def test_a_person_types_and_leaves(enter: Enter, faults: dict[str, Any]) -> None:
    person = enter(**faults)
    person.sees(PROMPT)
    for number in range(5):
        person.types(f"{number} * 111\r")
        person.sees(f"=> {number * 111}")
        person.sees(PROMPT)
    person.types("exit\r")
    assert person.ended() == (0, "it ended")
    assert person.mode() == person.modes


@pytest.mark.parametrize("faults", FAULTS[:-1], ids=named)
def test_nothing_of_a_megabyte_is_lost(enter: Enter, faults: dict[str, Any]) -> None:
    person = enter(sys.executable, "-c", WRITE, **faults)
    person.sees("begin")
    seen = person.sees("end")
    expected = "".join(f"{number:06}\r\n" for number in range(MUCH // 7)).encode()
    assert (len(seen), hashlib.sha256(seen).hexdigest()) == (len(expected), hashlib.sha256(expected).hexdigest())
    person.types("\r")
    assert person.ended()[0] == 0


def test_characters_are_whole_wherever_they_are_cut(enter: Enter) -> None:
    """Pieces are of 1024 bytes, and a character here is three: they are cut at every place."""
    person = enter(sys.executable, "-u", "-c", "print('a' + '日本' * 2000 + 'end'); print('heard', input())")
    assert person.sees("end").decode().endswith("a" + "日本" * 2000)
    for byte in "日é\r".encode():
        person.types(bytes([byte]))
    person.sees("heard 日é".encode())


def test_much_is_typed_into_a_program_that_answers_meanwhile(enter: Enter) -> None:
    """Both ways are full at the same time, and neither waits for the other."""
    person = enter(sys.executable, "-c", ECHO)
    person.sees("go")
    typing = threading.Thread(target=person.types, args=(b"x" * 300_000,))
    typing.start()
    person.sees("all")
    typing.join()


def test_the_program_is_told_of_sizes(enter: Enter) -> None:
    person = enter(sys.executable, "-c", SIZES)
    person.sees("100 30")
    person.screen.setwinsize(41, 132)
    person.sees("132 41")


@pytest.mark.parametrize(("key", "sign"), [("\x03", "SIGINT"), ("\x1a", "SIGTSTP"), ("\x1c", "SIGQUIT")])
def test_keys_that_are_signals_reach_the_program_and_nobody_here(enter: Enter, key: str, sign: str) -> None:
    person = enter(sys.executable, "-c", SIGNALS)
    person.sees("ready")
    person.types(key)
    person.sees(sign)
    person.types(key)
    person.sees(sign)


def test_the_end_of_input_ends_the_program(enter: Enter) -> None:
    person = enter()
    person.sees(PROMPT)
    person.types("\x04")
    assert person.ended() == (0, "it ended")


def test_what_is_typed_early_is_not_lost(enter: Enter) -> None:
    person = enter(handshake=True)
    person.raw()
    person.types("21 * 2\r")
    person.sees("=> 42")


def test_a_session_with_a_key_is_encrypted(enter: Enter, node: Node) -> None:
    key = node.emulated.client("kms").create_key()["KeyMetadata"]["KeyId"]
    name = node.document(f"sealed-{key}", inputs={"kmsKeyId": key})
    person = enter(document=name)
    person.sees(PROMPT)
    person.types("6 * 7\r")
    person.sees("=> 42")
    operations = [f"{entry['service']}:{entry['operation']}" for entry in node.emulated.journal()]
    assert "kms:GenerateDataKey" in operations
    person.types("exit\r")
    assert person.ended() == (0, "it ended")


def test_a_session_that_is_ended_by_somebody_else(node: Node, seat: Enter) -> None:
    words, environment, session = node.client()
    person = seat(words, environment)
    person.sees(PROMPT)
    node.emulated.client("ssm").terminate_session(SessionId=session)
    assert person.ended() == (0, "it ended")


def test_the_token_is_in_no_list_of_processes(node: Node) -> None:
    words, environment, _session = node.client()
    token = json.loads(environment["AWS_SSM_START_SESSION_RESPONSE"])["TokenValue"]
    assert not any(token in word for word in words)
    assert any(token in value for value in environment.values())
