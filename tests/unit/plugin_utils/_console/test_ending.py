"""Signals end what goes on, once; the clean-up after that is left alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.plugin_utils._console import ending


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ending.SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ending.SIGNALS)
def test_the_first_signal_ends_it_and_the_next_ones_do_not_meet_the_clean_up(number: signal.Signals) -> None:
    cleaned = []
    with pytest.raises(RailyardError, match=f"{number.name} came"), ending.noticed() as clock:
        try:
            os.kill(os.getpid(), number)
            clock.sleep(10)
        finally:
            for again in ending.SIGNALS:
                os.kill(os.getpid(), again)
            cleaned.append(True)
    assert cleaned


def test_without_a_signal_everything_is_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ending.noticed() as clock:
        clock.sleep(0)
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
