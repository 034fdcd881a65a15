"""What a task that migrates has written, line by line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._one_off import migrate_rb, migration, migration_report
from ansible_collections.railyard.fargate.plugins.module_utils._one_off.migration_report import Report

ADD = {"version": "20260102", "name": "AddTotal", "destructive": []}
DROP = {"version": "20260103", "name": "DropNote", "destructive": ["remove_column"]}
PENDING = 'railyard: {"version":"20260101","pending":' + json.dumps([ADD, DROP]) + "}"
APPLIED = 'railyard: {"version":"20260103","applied":["20260102","20260103"]}'
# What a task says of its end after which something is left to migrate, and a list of which more is to come.
HALF = 'railyard: {"version":"20260102","applied":["20260102"]}'
NOTHING = 'railyard: {"version":"20260101","applied":[]}'
PART = PENDING.replace(',"pending"', ',"more":true,"pending"')
RAILS = [
    "== 20260102 AddTotal: migrating =====",
    "-- add_column(:orders, :total, :integer)",
    "== 20260102 AddTotal: migrated (0.0020s) ==",
    "== 20260103 DropNote: migrating =====",
]
CANCELED = "StandardError: An error has occurred, this and all later migrations canceled:"


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([], Report()),
        (["booting", PENDING], Report("20260101", "20260101", [ADD, DROP], [], listed=True)),
        ([PENDING, APPLIED], Report("20260101", "20260103", [ADD, DROP], ["20260102", "20260103"], listed=True, ended=True)),
        # A task that a version before this one has started.
        (
            ['railyard: {"version":"1","pending":[{"version":"20260103","name":"DropNote","contract":["remove_column"]}]}'],
            Report("1", "1", [DROP], [], listed=True),
        ),
        # Other words before and after ours on the same line.
        ([f"I, INFO {PENDING} -- : and so on"], Report("20260101", "20260101", [ADD, DROP], [], listed=True)),
        ([PENDING[:40], PENDING[40:]], Report()),
        (['railyard: ["pending"]', 'railyard: {"pending":[1]}', 'railyard: {"version":1,"applied":[]}', "railyard: {}"], Report()),
        # A long list comes in several lines.
        (
            ['railyard: {"version":null,"pending":' + json.dumps([item]) + "}" for item in (ADD, DROP)],
            Report(None, None, [ADD, DROP], [], listed=True),
        ),
        ([PART], Report("20260101", "20260101", [ADD, DROP], [])),
        ([PART, PENDING], Report("20260101", "20260101", [ADD, DROP, ADD, DROP], [], listed=True)),
        # Killed in the middle: what Rails has written counts.
        ([PENDING, *RAILS], Report("20260101", "20260102", [ADD, DROP], ["20260102"], listed=True, failing="20260103 DropNote")),
        (RAILS[:3], Report(None, "20260102", [], ["20260102"])),
    ],
)
def test_lines_become_a_report(lines: list[str], wanted: Report) -> None:
    assert migration_report.read(lines) == wanted


class Pages:
    """A log of CloudWatch Logs, a line a page, of which the last `late` are shown from the n-th look from its beginning on."""

    def __init__(self, lines: list[str], late: int, look: int) -> None:
        self.lines, self.late, self.look = lines, late, look

    def get_log_events(self, nextToken: str = "0", **_place: Any) -> dict[str, Any]:
        number = int(nextToken)
        self.look -= not number
        shown = self.lines if self.look <= 0 else self.lines[: -self.late]
        return {"events": [{"message": line} for line in shown[number : number + 1]], "nextForwardToken": str(min(number + 1, len(shown)))}


def test_the_last_lines_of_a_long_log_are_read() -> None:
    lines = [PENDING, *(f"row {number}" for number in range(99)), APPLIED]
    task = {"kind": "succeeded", "log_group": "g", "log_stream": "s", "exit_code": 0}
    heard = lines[:-1]
    found = migration._read({"logs": Pages(lines, 1, 2)}, task, heard, "all", Clock(sleep=lambda seconds: None))
    assert found.ended and found.applied == ["20260102", "20260103"] and heard == lines


def test_contract_migrations_count_when_they_are_applied_or_may_be() -> None:
    report = migration_report.read([PENDING, *RAILS])
    assert report.values()["destructive_migrations"] == [] and report.values(possible=True)["destructive_migrations"] == ["20260103"]
    assert migration_report.read([PENDING, APPLIED]).values()["destructive_migrations"] == ["20260103"]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["Note: x", *RAILS, "boom", CANCELED, "PG::Error: no", APPLIED], [CANCELED, "PG::Error: no"]),
        (["rails aborted!", "KeyError: key"], ["rails aborted!", "KeyError: key"]),
        ([PENDING, "nothing of the kind"], ["nothing of the kind"]),
    ],
)
def test_what_rails_says_of_a_failure(lines: list[str], wanted: list[str]) -> None:
    assert migration_report.errors(lines) == wanted


@pytest.mark.parametrize(
    ("protected", "allowed", "mode"), [(True, False, "safe"), (True, True, "all"), (False, False, "all"), (False, True, "all")]
)
def test_mode_by_protection_and_permission(protected: bool, allowed: bool, mode: str) -> None:
    assert migration.mode_of({"protected": protected, "allow_destructive_migrations": allowed}) == mode


def test_token_differs_by_mode_and_environment() -> None:
    wanted = {"cluster": "shop-production", "token": "12-sha256:1"}
    tokens = [migration.token(wanted, mode) for mode in ("safe", "all")]
    tokens += [migration.token({**wanted, "token": "13-sha256:1"}, "all"), migration.token({**wanted, "cluster": "shop-staging"}, "all")]
    assert len(set(tokens)) == 4 and all(token and len(token) <= 64 for token in tokens)
    assert migration.token(wanted, "safe") == tokens[0]
    assert migration.token(wanted, "list") is None and migration.token({"cluster": "shop"}, "all") is None


@pytest.mark.parametrize(
    ("details", "mode", "lines", "words", "destructive"),
    [
        (
            {"kind": "failed", "exit_code": 65},
            "safe",
            [PENDING],
            ["1 of 2 pending", "  20260103 DropNote: remove_column", "Nothing was migrated", "-e allow_destructive_migrations=yes"],
            [],
        ),
        (
            {"kind": "failed", "exit_code": 1},
            "all",
            [PENDING, *RAILS, CANCELED, "PG::Error: no"],
            ["migration 20260103 DropNote has failed; applied before it: 20260102", f"  {CANCELED}", "  PG::Error: no", "is not known"],
            ["20260103"],
        ),
        ({"kind": "failed", "exit_code": 1}, "all", [PENDING, *RAILS, HALF, CANCELED], ["applied before it: 20260102\n"], []),
        ({"kind": "failed", "exit_code": 1}, "all", [PENDING, NOTHING], ["nothing was applied"], []),
        ({"kind": "failed", "exit_code": 1}, "all", [PENDING], ["Whether it has migrated is not known"], ["20260103"]),
        (
            {"kind": "failed", "exit_code": 137},
            "all",
            [PENDING, *RAILS],
            ["it ended", "Applied for certain: 20260102", "the last that had begun is 20260103 DropNote", "not known"],
            ["20260103"],
        ),
        ({"kind": "failed", "exit_code": 137}, "all", [PENDING, *RAILS, HALF], ["it ended\nApplied: 20260102"], []),
        ({"kind": "never_started"}, "all", [], ["nothing was migrated: it ended"], []),
        ({"kind": "timeout"}, "all", [PENDING], ["Applied for certain: nothing", "nothing is tried again", "-e list=yes"], ["20260103"]),
        ({"kind": "timeout"}, "safe", [PENDING], ["nothing is tried again"], []),
        ({}, "all", [PENDING, *RAILS], ["Applied for certain: 20260102"], ["20260103"]),
    ],
)
def test_how_a_migration_fails(details: dict[str, Any], mode: str, lines: list[str], words: list[str], destructive: list[str]) -> None:
    error = migration.explained(RailyardError("it ended", **details), migration_report.read(lines), mode, lines)
    assert all(text in error.message for text in words), error.message
    assert error.details["destructive_migrations"] == destructive and error.details["kind"] == (
        "destructive_migrations" if mode == "safe" and details.get("exit_code") else details.get("kind")
    )


@pytest.mark.parametrize(
    ("kind", "exit_code", "mode", "lines", "unknown", "schema"),
    [
        ("failed", 1, "all", [], True, None),
        ("failed", 1, "all", [PENDING], False, None),
        ("failed", 1, "safe", [PENDING], False, None),
        ("failed", 1, "all", [PART], True, None),
        ("failed", 1, "all", [PENDING, *RAILS, HALF], False, "20260102"),
        ("failed", 137, "all", [], True, None),
        ("failed", 137, "safe", [], False, None),
        ("failed", 65, "safe", [], False, None),
        ("timeout", None, "all", [], True, None),
        ("never_started", None, "all", [], False, None),
        ("refused", None, "all", [], False, None),
        ("failed", 1, "list", [], False, None),
    ],
)
def test_what_nobody_has_said_may_have_dropped_something(
    kind: str, exit_code: int | None, mode: str, lines: list[str], unknown: bool, schema: str | None
) -> None:
    error = RailyardError("it ended", kind=kind, exit_code=exit_code)
    told = migration.explained(error, migration_report.read(lines), mode, lines)
    assert (told.details["destructive_migrations_unknown"], told.details["schema_after"]) == (unknown, schema), told.message
    assert "nothing was applied" not in told.message


def test_the_runner_fits_into_the_overrides_of_a_task() -> None:
    assert len(json.dumps(migrate_rb.command())) < 8192 - 512
    assert migrate_rb.VARIABLE in migrate_rb.RUBY and f"status = {migrate_rb.DESTRUCTIVE}" in migrate_rb.RUBY
