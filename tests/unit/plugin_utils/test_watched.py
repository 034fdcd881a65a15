"""What is written to a file is shown while it is being written, and nothing is lost at the end."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils import watched


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "lines"
    made.touch()
    return made


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (b"", []),
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\n\nlast without an end", ["one", "", "last without an end"]),
        ("é\n".encode() + b"\xff\xfe\n", ["é", "\ufffd\ufffd"]),
        (b"a line\r\n" * 10_000, ["a line\r"] * 10_000),
    ],
)
def test_everything_is_shown_in_order(path: Path, written: bytes, lines: list[str]) -> None:
    seen: list[str] = []
    with watched.shown(path, seen.append), path.open("ab") as file:
        file.write(written)
    assert seen == lines


def test_lines_are_shown_before_the_end_and_only_when_they_are_whole(path: Path) -> None:
    seen: list[str] = []
    came = threading.Event()

    def show(line: str) -> None:
        seen.append(line)
        came.set()

    with watched.shown(path, show), path.open("ab", buffering=0) as file:
        file.write(b"whole\nhalf of an " + "é".encode()[:1])
        assert came.wait(30) and seen == ["whole"]
        file.write("é".encode()[1:] + b"\n")
    assert seen == ["whole", "half of an é"]


def test_a_failure_inside_is_not_swallowed_and_its_lines_are_shown(path: Path) -> None:
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError), watched.shown(path, seen.append):
        path.write_text("last words")
        raise ZeroDivisionError
    assert seen == ["last words"]


@pytest.mark.parametrize(("hosts", "shown"), [(["one"], "line\n"), (["one", "two"], "one | line\n"), (None, "line\n")])
def test_the_host_is_named_where_there_are_several(hosts: list[str] | None, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    watched.shower({"inventory_hostname": "one", "ansible_play_hosts_all": hosts})("line")
    assert capsys.readouterr().out == shown
