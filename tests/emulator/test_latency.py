"""Calls that take as long as AWS's: what is drawn, and that waiting calls hold nobody up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from emulator import latency, process
from tests.support.emulated import Emulated

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def late(emulated: Emulated) -> Iterator[Emulated]:
    yield emulated
    process.control(emulated.state, "latency", table={})


def _draws(table: dict[str, Any], name: str, seed: int = 7, count: int = 400) -> list[float]:
    drawn = latency.Latency(latency.lines(table), seed)
    return [drawn.draw(name) for _ in range(count)]


def test_a_draw_depends_on_seed_operation_and_ordinal_alone() -> None:
    alone = _draws(latency.AWS, "ec2:DescribeVpcs", count=5)
    mixed = latency.Latency(latency.lines(latency.AWS), 7)
    among = []
    for _ in range(5):
        mixed.draw("iam:GetRole")
        among.append(mixed.draw("ec2:DescribeVpcs"))
    assert among == alone
    assert len(set(alone)) == 5
    assert _draws(latency.AWS, "ec2:DescribeVpcs", seed=8, count=5) != alone
    assert _draws(latency.AWS, "ec2:DescribeSubnets", count=5) != alone


@pytest.mark.parametrize(
    ("name", "milliseconds"),
    [
        ("ec2:CreateVpc", 350),
        ("ec2:DescribeVpcs", 130),
        ("ec2:DeleteVpc", 220),
        ("iam:GetRole", 110),
        ("events:PutRule", 120),
        ("s3:GetObject", 40),
    ],
)
def test_the_medians_are_those_of_the_first_pattern_that_matches(name: str, milliseconds: float) -> None:
    assert median(_draws(latency.AWS, name)) == pytest.approx(milliseconds / 1000, rel=0.1)


def test_the_spread_is_that_of_the_table() -> None:
    table = {"ecs:*": [100, 0], "ssm:*": [100, 1.0], "logs:*": 100}
    assert set(_draws(table, "ecs:RunTask")) == {0.1}
    assert max(_draws(table, "ssm:GetParameter")) > 2 * max(_draws(table, "logs:CreateLogGroup"))
    assert set(_draws(table, "ec2:DescribeVpcs")) == {0.0}


@pytest.mark.parametrize(
    "table", [[], {"*": "slow"}, {"*": [1, 2, 3]}, {"*": -1}, {"*": [1, None]}, {"*": True}, {"*": float("nan")}, "aws"]
)
def test_a_table_that_is_none_is_refused(late: Emulated, table: Any) -> None:
    with pytest.raises(process.EmulatorError, match="latenc"):
        process.control(late.state, "latency", table=table)


def test_a_call_lasts_at_least_as_long_as_drawn_and_the_journal_says_so(late: Emulated) -> None:
    process.control(late.state, "latency", table={"logs:*": [60, 0]})
    late.client("logs").describe_log_groups()
    late.refused("logs", "create_log_group", logGroupName="a b")
    late.refused("ssm", "describe_ops_items")
    calls = {entry["operation"]: entry["ms"] for entry in late.journal()}
    assert calls["DescribeLogGroups"] >= 60
    assert calls["CreateLogGroup"] >= 60
    assert set(calls) == {"DescribeLogGroups", "CreateLogGroup", "DescribeOpsItems"}


def test_a_call_that_waits_holds_up_no_other_and_ends_with_its_table(late: Emulated) -> None:
    process.control(late.state, "latency", table={"ecs:CreateCluster": [3_600_000, 0]})
    ecs, logs = late.client("ecs"), late.client("logs")
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(ecs.create_cluster, clusterName="slow")
        while not ecs.describe_clusters(clusters=["slow"])["clusters"]:
            pass
        logs.create_log_group(logGroupName="quick")
        late.advance(60)
        assert not waits.done()
        process.control(late.state, "latency", table={})
        assert waits.result(timeout=60)["cluster"]["clusterName"] == "slow"
    slow, quick = (next(entry for entry in late.journal() if entry["operation"] == name) for name in ("CreateCluster", "CreateLogGroup"))
    assert slow["at"] <= quick["at"] <= quick["at"] + quick["ms"] / 1000 <= slow["at"] + slow["ms"] / 1000


def test_the_command_line(late: Emulated, tmp_path: Path) -> None:
    def cli(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "emulator", "--state", str(late.path), *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    file = tmp_path / "table.json"
    file.write_text(json.dumps({"ssm:*": 1}))
    for word in ("aws", "1", str(file)):
        assert cli("latency", word).returncode == 0
        assert "with latency" in cli("status").stdout
    assert cli("latency", "off").returncode == 0
    assert "latency" not in cli("status").stdout
    assert "with latency" in cli("start", "--latency", "2.5", "--seed", "3").stdout
    assert "with latency" in cli("start").stdout
    file.write_text("{")
    for word, reason in (("nothing", "aws, off, a number"), ("-1", "median"), (str(file), "JSON"), ("nan", "median")):
        answer = cli("latency", "--", word)
        assert answer.returncode == 2 and reason in answer.stderr, answer.stderr


def test_a_reset_begins_the_draws_anew_and_keeps_the_table() -> None:
    try:
        latency.use({"*": 100}, 5)
        first = [latency._current.draw("ecs:RunTask") for _ in range(3)]
        latency.again()
        assert [latency._current.draw("ecs:RunTask") for _ in range(3)] == first
        assert latency.on()
    finally:
        latency.use({})
