"""Read-ahead through the real server, against an emulated AWS: whoever writes, no module is told what was so only before the start."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import processes
from tests.support.emulated import Emulated

from .conftest import LIBRARY, Warm, behave, holder, keepers_in, parent, payload, run_in
from .test_faults import gone

STEPS = LIBRARY / "ansible_collections" / "railyard" / "fargate" / "plugins" / "modules" / "steps.py"
GROUPS = ("one", "two", "three")
DAYS = (1, 3, 5, 7, 14)
Begin = Callable[[Path, Path], AbstractContextManager["Begun"]]


class Begun:
    """A run: modules of a server that reads ahead, its record, and what the emulator was asked meanwhile."""

    def __init__(self, emulated: Emulated, warm: Warm, record: Path) -> None:
        self.emulated, self.warm, self.record = emulated, warm, record

    def module(self, *steps: tuple[Any, ...], key: str = "EMULATOR", **more: Any) -> list[int]:
        """What one module's reads have seen."""
        params = {"endpoint": self.emulated.state.url, "key": key, "steps": [list(map(str, step)) for step in steps], **more}
        code, out, error = self.warm.run(payload(STEPS, params))
        assert code == 0 and not self.warm.reasons, (out, error, self.warm.reasons)
        return list(json.loads(out)["seen"])

    def say(self, word: str) -> Any:
        from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead import ipc

        return ipc.tell(self.warm.folder, word)


@pytest.fixture(scope="module")
def keepers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every server of these tests but the first is a keeper's."""
    with keepers_in(tmp_path_factory.mktemp("keepers") / "here") as folder:
        yield folder


@pytest.fixture
def begin(emulated: Emulated, keepers: Path) -> Begin:
    """To begin a run in a new folder, with a record of what to read ahead."""
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    @contextmanager
    def run(folder: Path, record: Path) -> Iterator[Begun]:
        with run_in(folder, record, server_socket.Keep(keepers, 60.0)) as warm:
            yield Begun(emulated, warm, record)

    return run


@pytest.fixture
def emulated(_emulator: Emulated) -> Emulated:
    _emulator.reset()
    for number, group in enumerate(GROUPS):
        _emulator.client("logs").create_log_group(logGroupName=group)
        write(_emulator, group, DAYS[number])
    return _emulator


def write(emulated: Emulated, group: str, days: int) -> None:
    emulated.client("logs").put_retention_policy(logGroupName=group, retentionInDays=days)


def asked(emulated: Emulated) -> int:
    return sum(entry["operation"] == "DescribeLogGroups" for entry in emulated.journal())


def settled(emulated: Emulated, count: int) -> None:
    """Wait until so many reads have reached AWS."""
    deadline = time.monotonic() + 60
    while asked(emulated) < count:
        assert time.monotonic() < deadline
        select.select([], [], [], 0.01)


@pytest.fixture
def recorded(begin: Begin, tmp_path: Path) -> Path:
    """The record of a run in which three modules have read one group each, and a fourth all of them."""
    record = tmp_path / "record.json"
    with begin(tmp_path / "first", record) as begun:
        for group in GROUPS:
            begun.module(("read", group))
        begun.module(*(("read", group) for group in GROUPS))
        assert begun.say("keep").startswith("0 of 6 reads")
    return record


@pytest.fixture
def ahead(begin: Begin, emulated: Emulated, recorded: Path, tmp_path: Path) -> Iterator[Begun]:
    """A run that has read everything ahead, before somebody else wrote 14 days to group two; its first module has read group one."""
    before = asked(emulated)
    with begin(tmp_path / "run", recorded) as begun:
        assert begun.module(("read", "one")) == [1]
        settled(emulated, before + 6)
        write(emulated, "two", 14)
        yield begun


def test_what_was_read_is_read_ahead_and_handed_out_once(ahead: Begun) -> None:
    assert ahead.module(("read", "two"), ("read", "two"), ("read", "two")) == [3, 3, 14], "two were read, and nothing is left of them"
    assert ahead.module(("read", "three")) == [5]
    assert ahead.say("keep").split()[:3] in (["3", "of", "5"], ["4", "of", "5"]), "the first may be faster than what it starts"


def test_what_a_module_repeats_is_read_ahead_as_often(begin: Begin, emulated: Emulated, recorded: Path, tmp_path: Path) -> None:
    with begin(tmp_path / "repeats", recorded) as begun:
        begun.module(*[("read", "one")] * 4)
        begun.say("keep")
    before = asked(emulated)
    with begin(tmp_path / "run", recorded) as begun:
        begun.module(("read", "one"))
        settled(emulated, before + 4)
        write(emulated, "one", 14)
        assert begun.module(*[("read", "one")] * 4) == [1, 1, 1, 14]
        assert asked(emulated) == before + 5


@pytest.mark.parametrize("pause", ["sleep", "bound"])
def test_who_sleeps_waits_for_a_change_and_ends_it_for_all(pause: str, ahead: Begun) -> None:
    assert ahead.module(("read", "two"), (pause, "two"), ("read", "two")) == [3, 14]
    assert ahead.module(("read", "two")) == [14]


def test_a_write_of_the_run_ends_it_for_all(ahead: Begun) -> None:
    ahead.module(("ensure", "three", 7))
    assert ahead.module(("read", "two"), ("read", "three")) == [14, 7]


def test_what_comes_after_a_write_is_read_ahead_again(ahead: Begun, emulated: Emulated) -> None:
    before = asked(emulated)
    ahead.module(("ensure", "three", 7))
    ahead.module(("read", "one"))
    settled(emulated, before + 3)
    write(emulated, "two", 1)
    assert ahead.module(("read", "two"), ("read", "two")) == [14, 1]
    assert ahead.module(("read", "three")) == [7]


def test_what_comes_after_a_module_that_has_slept_is_read_ahead_again(ahead: Begun, emulated: Emulated) -> None:
    before = asked(emulated)
    assert ahead.module(("read", "two"), ("sleep", ""), ("read", "one")) == [3, 1]
    ahead.module(("read", "three"))
    settled(emulated, before + 5)
    write(emulated, "two", 1)
    assert ahead.module(("read", "two"), ("read", "two")) == [14, 1]


def test_what_a_module_reads_after_it_has_slept_is_not_remembered(begin: Begin, emulated: Emulated, recorded: Path, tmp_path: Path) -> None:
    with begin(tmp_path / "sleeps", recorded) as begun:
        begun.module(("read", "one"), ("sleep", ""), ("read", "two"), ("ensure", "two", 14), ("read", "three"))
        begun.module(("read", "three"))
        begun.say("keep")
    assert [read["request"]["params"].split('"')[-2] for read in json.loads(recorded.read_text())["reads"]] == ["one", "three"]


def test_a_module_that_reports_its_calls_makes_them_and_its_writes_count(ahead: Begun) -> None:
    assert ahead.module(("read", "two"), ("ensure", "three", 7), debug_botocore_endpoint_logs=True) == [14]
    assert ahead.module(("read", "two"), ("read", "three")) == [14, 7]


def test_a_module_that_is_killed_while_it_writes_ends_it_for_good(ahead: Begun, emulated: Emulated) -> None:
    params = {"endpoint": emulated.state.url, "steps": [["die", "three"]]}
    assert ahead.warm.run(payload(STEPS, params))[0] != 0
    before = asked(emulated)
    for _time in range(3):
        assert ahead.module(("read", "two"), ("read", "three"), ("ensure", "three", 5)) == [14, 5]
    assert asked(emulated) == before + 9, "each module has made its own calls"


@pytest.mark.parametrize("what", ["another identity", "changed", "another module", "a module beside the server"])
def test_reads_that_get_no_answer_ahead(what: str, ahead: Begun) -> None:
    if what == "changed":
        assert ahead.say("changed")
    elif what == "another module":
        assert ahead.warm.run(behave(act="leave", number=0))[0] == 0
    elif what == "a module beside the server":
        ahead.warm.run(behave(act="leave", number=0), "/bin/sh -c 'exit 3'")
        ahead.warm.reasons.clear()
    assert ahead.module(("read", "two"), key="OTHER" if what == "another identity" else "EMULATOR") == [14]


def test_the_record_holds_requests_and_no_more(recorded: Path) -> None:
    text = recorded.read_text()
    assert stat.S_IMODE(recorded.stat().st_mode) == 0o600
    assert "DescribeLogGroups" in text and "EMULATOR" not in text and "retention" not in text


def test_refusals_are_not_handed_out(begin: Begin, recorded: Path, tmp_path: Path) -> None:
    text = recorded.read_text().replace("logGroupNamePrefix", "logGroupNamePattern").replace("one", "o:n:e")
    recorded.write_text(text)
    with begin(tmp_path / "run", recorded) as begun:
        assert [begun.module(("read", group)) for group in GROUPS] == [[1], [3], [5]]


def test_an_endpoint_that_the_run_does_not_have_is_not_called(begin: Begin, emulated: Emulated, recorded: Path, tmp_path: Path) -> None:
    """The record is of a run against an AWS on another port: what it asked there is not asked with the credentials of this one."""
    said = json.loads(recorded.read_text())
    before = asked(emulated)
    with socket.create_server(("127.0.0.1", 0)) as other:
        for read in said["reads"][:-1]:
            read["request"]["endpoint"] = f"http://127.0.0.1:{other.getsockname()[1]}"
        recorded.write_text(json.dumps(said))
        with begin(tmp_path / "run", recorded) as begun:
            assert begun.module(("read", "one")) == [1]
            settled(emulated, before + 2)
            assert begun.module(("read", "three")) == [5]
            assert not select.select([other], [], [], 0)[0]


def fetcher(begun: Begun) -> int:
    """The id of the process that reads ahead."""
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead import ipc

    begun.module(("read", "one"))
    with ipc.connect(begun.warm.folder) as connection:
        server = holder(connection)
    # Modules are children of the server, too, and end at any time.
    (ours,) = [child for child in processes.children(server) if processes.name(child) == "railyard-ahead"]
    return ours


def test_a_killed_fetcher_costs_time_and_nothing_else(begin: Begin, recorded: Path, tmp_path: Path) -> None:
    with begin(tmp_path / "run", recorded) as begun:
        process = fetcher(begun)
        os.kill(process, signal.SIGKILL)
        assert gone(process)
        assert begun.module(("read", "one"), ("read", "two")) == [1, 3]
        assert begun.say("keep") is None


def test_the_fetcher_ends_with_the_server(begin: Begin, recorded: Path, tmp_path: Path) -> None:
    with begin(tmp_path / "run", recorded) as begun:
        process = fetcher(begun)
        os.kill(parent(process), signal.SIGKILL)
        assert gone(process)


STEP = st.tuples(st.sampled_from(["read", "read", "sleep"]), st.sampled_from(GROUPS))
ACTIONS = st.one_of(
    st.tuples(st.just("hand"), st.sampled_from(GROUPS), st.sampled_from(DAYS)),
    st.tuples(st.just("settle")),
    st.tuples(st.just("module"), st.lists(STEP, min_size=1, max_size=3)),
    st.tuples(st.just("ensure"), st.sampled_from(GROUPS), st.sampled_from(DAYS)),
)


def looked(begun: Begun, steps: list[tuple[str, str]], live: dict[str, list[int]], since: dict[str, int]) -> None:
    """Run a module of these steps and judge what it has seen. `since`: what of `live` was so at any time after the run's last write."""
    seen = iter(begun.module(*steps))
    slept = False
    for kind, group in steps:
        if kind == "read":
            days = next(seen)
            assert days == live[group][-1] if slept else days in live[group][since[group] :]
        slept = slept or kind == "sleep"
    if slept:
        since.update({group: len(days) - 1 for group, days in live.items()})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(actions=st.lists(ACTIONS, min_size=4, max_size=10))
def test_any_interleaving_of_writers(
    actions: list[tuple[Any, ...]], begin: Begin, emulated: Emulated, recorded: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Writes by hand before and between the modules of this run. What a module sees has been so since the start of the run, and since the
    run's last write or sleep; after a sleep of its own it is so now. What the run ensures is so at the end, unless somebody else has
    changed it since."""
    live: dict[str, list[int]] = {}
    for number, group in enumerate(GROUPS):
        write(emulated, group, DAYS[number])
        live[group] = [DAYS[number]]
    since = dict.fromkeys(GROUPS, 0)
    before = asked(emulated)
    written = False
    wanted: dict[str, int] = {}
    with begin(tmp_path_factory.mktemp("runs") / "run", recorded) as begun:
        for verb, *what in actions:
            if verb == "hand":
                write(emulated, what[0], what[1])
                live[what[0]].append(what[1])
                wanted.pop(what[0], None)
            elif verb == "settle" and asked(emulated) > before and not written:
                settled(emulated, before + 1)
            elif verb == "module":
                looked(begun, what[0], live, since)
                written = written or "sleep" in [kind for kind, _group in what[0]]
            elif verb == "ensure":
                writes = len(emulated.writes())
                begun.module(("ensure", *what))
                fresh = len(live[what[0]]) == since[what[0]] + 1
                if len(emulated.writes()) > writes:
                    written = True
                    live[what[0]].append(what[1])
                    since = {group: len(days) - 1 for group, days in live.items()}
                    fresh = True
                if fresh:
                    wanted[what[0]] = what[1]
    groups = emulated.client("logs").describe_log_groups()["logGroups"]
    found = {group["logGroupName"]: group["retentionInDays"] for group in groups}
    assert found == {group: days[-1] for group, days in live.items()}
    assert {group: found[group] for group in wanted} == wanted
