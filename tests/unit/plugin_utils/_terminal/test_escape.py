"""The escape leaves at the beginning of a line only, and every other key goes on, wherever what is typed is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.railyard.fargate.plugins.plugin_utils._terminal.escape import HELP_TEXT, Typed


@pytest.mark.parametrize(
    ("typed", "forward", "shown", "leave"),
    [
        (b"User.count\r", b"User.count\r", b"", False),
        (b"~.", b"", b"", True),
        (b"a\r~.b", b"a\r", b"", True),
        (b"a\n~.", b"a\n", b"", True),
        (b"a~.\r", b"a~.\r", b"", False),
        (b"~~.", b"~.", b"", False),
        (b"~?x", b"x", HELP_TEXT, False),
        (b"~x", b"~x", b"", False),
        (b"~\r~.", b"~\r", b"", True),
        (b"\r~?~.", b"\r", HELP_TEXT, True),
        ("é~.\r".encode(), "é~.\r".encode(), b"", False),
        (b"\x03\x1a\x04", b"\x03\x1a\x04", b"", False),
    ],
)
def test_what_is_typed(typed: bytes, forward: bytes, shown: bytes, leave: bool) -> None:
    assert Typed().take(typed) == (forward, shown, leave)
    assert one_by_one(typed) == (forward, shown, leave)


def one_by_one(typed: bytes) -> tuple[bytes, bytes, bool]:
    state, forward, shown = Typed(), b"", b""
    for number in typed:
        more, told, leave = state.take(bytes([number]))
        forward, shown = forward + more, shown + told
        if leave:
            return forward, shown, True
    return forward, shown, False


@given(st.binary())
def test_escape_is_recognized_wherever_input_is_split(typed: bytes) -> None:
    assert one_by_one(typed) == Typed().take(typed)


@given(st.binary().map(lambda data: data.replace(b"~", b"")))
def test_everything_without_an_escape_goes_on(typed: bytes) -> None:
    assert Typed().take(typed) == (typed, b"", False)
