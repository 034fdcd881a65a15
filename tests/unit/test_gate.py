"""The gate runs every test, and knows what it names."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests import gate
from tests.support import account, lanes

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_is_in_one_part() -> None:
    files = [str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")]
    places = [(place, part) for part, places in gate.PARTS.items() for place in places]
    within = {name: [part for place, part in places if f"{name}/".startswith(f"{place}/")] for name in files}
    assert {name: parts for name, parts in within.items() if len(parts) != 1} == {}


def test_what_is_long_is_there() -> None:
    assert [name for name in (*lanes.LONGEST, *lanes.APART) if not (ROOT / name).exists()] == []


def test_the_longest_come_first_and_others_stay_as_they_are() -> None:
    names = ["tests/unit/b.py::one", "tests/unit/a.py::one", "tests/site/test_run.py::one", f"{lanes.LONGEST[0]}::one"]
    items = [cast(pytest.Item, SimpleNamespace(nodeid=name)) for name in names]
    assert [item.nodeid for item in lanes.in_order(items)] == [names[3], names[2], names[0], names[1]]


def test_tests_of_a_file_stay_together_except_where_they_know_nothing_of_one_another() -> None:
    assert lanes.scope("tests/site/test_run.py::one[a::b]") == lanes.scope("tests/site/test_run.py::two") == "tests/site/test_run.py"
    assert lanes.scope(f"{lanes.APART[0]}::one[a]") != lanes.scope(f"{lanes.APART[0]}::one[b]")


def test_the_account_has_each_part_and_its_slowest_tests() -> None:
    said: list[str] = []
    told = account.Account({"unit": ("tests/unit",), "site-test": ("tests/site",)})
    for number in range(12):
        report: Any = SimpleNamespace(when="teardown", nodeid=f"tests/unit/a.py::test_{number}", user_properties=[(account.NAME, number)])
        told.pytest_runtest_logreport(report)
    told.pytest_terminal_summary(SimpleNamespace(write_line=said.append))
    assert said[0].split() == ["unit", "66", "CPU", "s", "12", "tests,", "the", "slowest:"]
    assert [line.split()[-1].rpartition("_")[2] for line in said[1:-1]] == [str(number) for number in range(11, 1, -1)]
    assert said[-1].startswith("66 CPU s")
