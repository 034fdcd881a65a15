"""What is made of a journal and of a tool's output."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench import report
from bench.runs import TERRAFORM, Run, Way, busy, concurrency, environment


def call(at: float, seconds: float, operation: str = "DescribeVpcs", changed: bool = False) -> dict[str, Any]:
    return {"at": at, "ms": seconds * 1000, "operation": operation, "write": changed, "changed": changed}


def ran(wall: float, lines: list[tuple[float, str]] | None = None, calls: list[dict[str, Any]] | None = None) -> Run:
    return Run(100.0, 100.0 + wall, 1.0, True, lines or [], calls or [])


def way(name: str) -> Way:
    return Way(name, SimpleNamespace(name=name), (), {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("calls", "seconds", "mean", "peak"),
    [
        ([], 0, 0, 0),
        ([call(0, 1), call(1, 1)], 2, 1, 1),
        ([call(0, 1), call(5, 1)], 2, 1, 1),
        ([call(0, 4), call(1, 1), call(1.5, 1)], 4, 1.5, 3),
        ([call(0, 2), call(0, 2)], 2, 2, 2),
    ],
)
def test_how_many_calls_were_under_way(calls: list[dict[str, Any]], seconds: float, mean: float, peak: int) -> None:
    assert busy(calls) == pytest.approx(seconds)
    assert concurrency(calls) == (pytest.approx(mean), peak)


def test_time_in_calls_ends_with_the_window() -> None:
    assert busy([call(0, 10)], 4, 6) == pytest.approx(2)


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("shop_local : ok=51   changed=31   unreachable=0    failed=0", 31),
        ("Apply complete! Resources: 41 added, 2 changed, 1 destroyed.", 44),
        ("TASK [changed=3] ***", 0),
    ],
)
def test_what_a_tool_says_that_it_changed(line: str, changed: int) -> None:
    assert ran(1, [(101.0, line)]).changed == changed


def test_what_counts_as_made() -> None:
    names = [("CreateVpc", True), ("CreateVpc", False), ("PutRolePolicy", True), ("ModifyVpcAttribute", True), ("DescribeVpcs", False)]
    assert ran(1, calls=[call(0, 1, name, changed) for name, changed in names]).made == 2


def test_the_chain_is_all_tasks_from_start_to_end() -> None:
    lines = [(102.0, "TASK [a : b] *****"), (102.5, "changed: [x]"), (106.0, "TASK [c] *****"), (109.0, "PLAY RECAP *****")]
    run = ran(10, lines, [call(103, 2), call(107, 0.5)])
    assert report.tasks(run) == [
        ("ansible-playbook starts", 100.0, 102.0),
        ("a : b", 102.0, 106.0),
        ("c", 106.0, 109.0),
        ("PLAY RECAP", 109.0, 110.0),
    ]
    assert [" ".join(line.split()) for line in report.chain(run)] == [
        "2.0 s, 0.0 s of it in calls ansible-playbook starts",
        "4.0 s, 2.0 s of it in calls a : b",
        "3.0 s, 0.5 s of it in calls c",
        "1.0 s, 0.0 s of it in calls PLAY RECAP",
        "0.0 s in the other 0; all in all 10.0 s, 2.5 s of it in calls",
    ]


def test_the_longest_of_terraform() -> None:
    lines = [(1.0, "aws_lb.alb: Creation complete after 1m2s [id=x]"), (2.0, 'aws_subnet.a["b"]: Creation complete after 11s [id=y]')]
    assert [line.split() for line in report.graph(ran(70, lines))][:2] == [["62", "s", "aws_lb.alb"], ["11", "s", 'aws_subnet.a["b"]']]


def test_ratios_are_of_the_same_round_and_per_resource() -> None:
    runs = {way("site.yml, warm"): [ran(10), ran(12)], way(TERRAFORM): [ran(10), ran(6)]}
    _, ours, theirs = report.table(runs, {"site.yml, warm": 80, TERRAFORM: 40})
    assert ours.split()[-4:] == ["1.50", "(1.00..2.00)", "0.75", "(0.50..1.00)"]
    assert theirs.split()[-4:] == ["1.00", "(1.00..1.00)", "1.00", "(1.00..1.00)"]


def test_a_run_has_no_settings_of_the_callers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "ANSIBLE_STDOUT_CALLBACK", "TF_LOG", "RAILYARD_READ_AHEAD", "TF_CLI_CONFIG_FILE"):
        monkeypatch.setenv(name, "mine")
    made = environment(tmp_path, RAILYARD_READ_AHEAD="0")
    assert [name for name, value in made.items() if value == "mine"] == ["TF_CLI_CONFIG_FILE"]
    assert made["RAILYARD_READ_AHEAD"] == "0"


def test_a_no_op_that_changes_something_is_told() -> None:
    quiet, loud = ran(1, calls=[call(0, 1)]), ran(1, calls=[{**call(0, 1, "PutRolePolicy", True), "service": "iam"}] * 2)
    assert list(report.surprises({way("a"): [quiet], way("b"): [quiet, loud]})) == ["not a no-op: b did iam:PutRolePolicy 2 times"]
