"""Whatever ends a program at a person's terminal, the terminal is as it was, and whoever cleans up learns why."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.persons import Person, until

from .conftest import Enter

SITTING = (sys.executable, "-u", "-c", "import signal; print('here')\nwhile True: signal.pause()")
KEYS = (sys.executable, "-u", "-c", "import os, tty; tty.setraw(0); print('here')\nwhile True: print(os.read(0, 99))")
ENVIRONMENT = dict(os.environ)
ENDINGS: dict[str, tuple[Callable[[Person], None], str]] = {
    "the escape": (lambda person: person.types("\r~."), "left with ~."),
    "the watcher": (lambda person: person.over("the task has stopped"), "the task has stopped"),
    "SIGTERM": (lambda person: os.kill(person.worker, signal.SIGTERM), "SIGTERM came"),
    "SIGHUP": (lambda person: os.kill(person.worker, signal.SIGHUP), "SIGHUP came"),
    "SIGINT": (lambda person: os.kill(person.worker, signal.SIGINT), "SIGINT came"),
    "main is terminated": (lambda person: person.screen.kill(signal.SIGTERM), "ansible-playbook is gone"),
    "main is killed": (lambda person: person.screen.kill(signal.SIGKILL), "ansible-playbook is gone"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_relay_restores_the_terminal_when_its_user_ends_it(seat: Enter, ending: str) -> None:
    end, why = ENDINGS[ending]
    person = seat(SITTING, ENVIRONMENT)
    person.sees("here")
    assert person.mode() != person.modes
    end(person)
    assert person.ended() == (None, why)
    assert person.mode() == person.modes


@pytest.mark.parametrize("code", [0, 3])
def test_the_program_ends_and_its_last_words_are_shown(seat: Enter, code: int) -> None:
    person = seat((sys.executable, "-c", f"import sys; print('x' * 300_000 + 'end'); sys.exit({code})"), ENVIRONMENT)
    assert len(person.sees("end")) == 300_000
    assert person.ended() == (code, f"it ended with exit code {code}" if code else "it ended")
    assert person.mode() == person.modes


def test_the_window_is_closed(seat: Enter) -> None:
    person = seat(SITTING, ENVIRONMENT)
    person.sees("here")
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), person.screen.child_fd)
    code, why = person.ended()
    assert code is None
    assert why in ("the terminal is closed", "ansible-playbook is gone")


def test_the_terminal_is_found_by_its_name_where_nothing_was_inherited(seat: Enter) -> None:
    person = seat(SITTING, ENVIRONMENT, 60.0, False)
    person.sees("here")
    person.types("\r~.")
    assert person.ended() == (None, "left with ~.")


def test_relay_ends_when_the_program_writes_nothing(seat: Enter) -> None:
    person = seat((sys.executable, "-c", "import signal; signal.pause()"), ENVIRONMENT, 0.5)
    assert person.ended() == (None, "nothing came within 0 s")
    assert person.mode() == person.modes


def test_a_worker_that_is_killed_leaves_the_terminal_to_the_main_process(seat: Enter) -> None:
    person = seat(SITTING, ENVIRONMENT)
    person.sees("here")
    os.kill(person.worker, signal.SIGKILL)
    until(lambda: not person.screen.isalive())
    assert person.mode() == person.modes


def test_the_escape_is_helpful_and_can_be_typed(seat: Enter) -> None:
    person = seat(KEYS, ENVIRONMENT)
    person.sees("here")
    person.types("~?")
    person.sees("~.  leave the console from here")
    person.types("~~x\r")
    person.sees("b'~x\\r'")
    person.types("a~.")
    person.sees("b'a~.'")


def test_every_key_is_a_byte(seat: Enter, tmp_path: Path) -> None:
    person = seat(KEYS, ENVIRONMENT)
    person.sees("here")
    for key, shown in (
        ("\x03", "\\x03"),
        ("\x1a", "\\x1a"),
        ("\x04", "\\x04"),
        ("\x11", "\\x11"),
        ("\x13", "\\x13"),
        ("\r", "\\r"),
        ("\n", "\\n"),
    ):
        person.types(key)
        person.sees(f"b'{shown}'")
    assert person.screen.isalive()


def test_a_program_that_takes_no_keys_can_still_be_left(seat: Enter) -> None:
    person = seat((sys.executable, "-u", "-c", "import signal, tty; tty.setraw(0); print('here')\nwhile True: signal.pause()"), ENVIRONMENT)
    person.sees("here")
    person.types("x" * 20_000 + "\r~.")
    assert person.ended() == (None, "left with ~.")
