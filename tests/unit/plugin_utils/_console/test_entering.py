"""A port that is held open, until somebody ends it or its client does."""

from __future__ import annotations

import os
import sys

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.plugin_utils._console import entering

REFUSED = "print('127.0.0.1:1 is the port'); print('Unable to connect to specified port: refused'); raise SystemExit({})"


def hold(code: str, why: str | None = None) -> list[str]:
    said: list[str] = []
    entering._hold([sys.executable, "-u", "-c", code], dict(os.environ), lambda: why, said.append)
    return said


@pytest.mark.parametrize("code", [0, 255])
def test_a_client_that_ends_by_itself_is_an_error_with_its_last_words(code: int) -> None:
    with pytest.raises(RailyardError, match="the port was closed: Unable to connect to specified port: refused"):
        hold(REFUSED.format(code))


def test_a_client_that_says_nothing() -> None:
    with pytest.raises(RailyardError, match="the session is over"):
        hold("pass")


def test_console_that_has_ended_elsewhere() -> None:
    with pytest.raises(RailyardError, match="the port was closed: the task has stopped"):
        hold("import signal; signal.pause()", "the task has stopped")
