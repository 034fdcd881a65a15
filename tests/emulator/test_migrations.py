"""Tasks that migrate a database on the emulated ECS: what they write, when, how they end, and what each database has then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import process
from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, CONTAINER, Fargate, build, slowly

FIRST = {"version": "20260101000000", "name": "CreateOrders", "seconds": 5}
SECOND = {"version": "20260102000000", "name": "RemoveNote", "destructive": ["remove_column"], "seconds": 20}
RUNNER = ["bin/rails", "runner", 'mode = ENV.fetch("RAILYARD_MIGRATE")']
PLAIN = ["bin/rails", "db:migrate"]


@pytest.fixture
def fargate(emulated: Emulated) -> Fargate:
    return build(emulated)


def start(fargate: Fargate, command: list[str], mode: str | None = None, **changes: Any) -> str:
    override: dict[str, Any] = {"name": "web", "command": command}
    if mode:
        override["environment"] = [{"name": "RAILYARD_MIGRATE", "value": mode}]
    return fargate.run(overrides={"containerOverrides": [override]}, **changes)


def lines(fargate: Fargate, arn: str) -> list[str]:
    stream = f"rails/web/{arn.rsplit('/', 1)[1]}"
    events = fargate.emulated.client("logs").get_log_events(logGroupName="/shop", logStreamName=stream, startFromHead=True)["events"]
    return [event["message"] for event in events]


def run(fargate: Fargate, command: list[str], mode: str | None = None, **changes: Any) -> tuple[int, list[str]]:
    """Exit code and lines of a task that has ended."""
    arn = start(fargate, command, mode, **changes)
    return fargate.ended(arn)["containers"][0]["exitCode"], lines(fargate, arn)


def said(line: str) -> dict[str, Any]:
    assert line.startswith("railyard: "), line
    found: dict[str, Any] = json.loads(line.removeprefix("railyard: "))
    return found


def databases(fargate: Fargate) -> dict[str, list[str]]:
    found: dict[str, list[str]] = process.control(fargate.emulated.state, "migrations")
    return found


def test_what_is_pending_is_listed_and_not_done(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", migrations=[SECOND, FIRST])
    code, written = run(fargate, RUNNER, "list")
    pending = [
        {"version": FIRST["version"], "name": "CreateOrders", "destructive": []},
        {"version": SECOND["version"], "name": "RemoveNote", "destructive": ["remove_column"]},
    ]
    assert (code, [said(line) for line in written]) == (0, [{"version": None, "pending": pending}])
    assert databases(fargate) in ({}, {"shop": []})


def test_the_safe_mode_stops_before_what_drops(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", migrations=[FIRST, SECOND])
    code, written = run(fargate, RUNNER, "safe")
    assert code == 65 and len(written) == 1 and databases(fargate)["shop"] == []
    fargate.emulated.script(image="shop:1", migrations=[FIRST])
    assert run(fargate, RUNNER, "safe")[0] == 0 and databases(fargate)["shop"] == [FIRST["version"]]


def test_migrations_come_one_after_the_other_in_their_time(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", migrations=[FIRST, SECOND])
    with slowly(fargate.emulated):
        arn = start(fargate, RUNNER, "all")
        fargate.emulated.advance(22)
        assert databases(fargate)["shop"] == [FIRST["version"]]
        fargate.emulated.advance(2)  # A line is shown five seconds after it was written, which was at 18.
        half = lines(fargate, arn)
        assert "== 20260101000000 CreateOrders: migrated (5.0000s) ============================" in half
        assert half[-1].startswith("== 20260102000000 RemoveNote: migrating ===")
        assert fargate.ended(arn)["containers"][0]["exitCode"] == 0
    assert said(lines(fargate, arn)[-1]) == {"version": SECOND["version"], "applied": [FIRST["version"], SECOND["version"]]}
    code, written = run(fargate, RUNNER, "all")
    assert code == 0 and [said(line) for line in written] == [
        {"version": SECOND["version"], "pending": []},
        {"version": SECOND["version"], "applied": []},
    ]


def test_a_migration_that_fails_ends_the_task_and_leaves_those_before_it(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", migrations=[FIRST, {**SECOND, "fails": True, "error": "PG::Boom"}])
    code, written = run(fargate, RUNNER, "all")
    assert code == 1 and databases(fargate)["shop"] == [FIRST["version"]]
    assert written[-2:] == ["StandardError: An error has occurred, this and all later migrations canceled:", "PG::Boom"]
    assert said(written[-3]) == {"version": FIRST["version"], "applied": [FIRST["version"]]}


def test_rails_own_task_migrates_as_well(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", migrations=[FIRST, {**SECOND, "fails": True}])
    code, written = run(fargate, PLAIN)
    assert code == 1 and "bin/rails aborted!" in written and not [line for line in written if "railyard" in line]
    assert databases(fargate)["shop"] == [FIRST["version"]]
    fargate.emulated.script(image="shop:1", migrations=[FIRST])
    assert run(fargate, PLAIN) == (0, [])


def test_of_two_at_once_on_one_database_the_second_is_refused(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", migrations=[FIRST, SECOND])
    with slowly(fargate.emulated):
        arns = [start(fargate, RUNNER, "all") for _ in range(2)]
        codes = [fargate.ended(arn)["containers"][0]["exitCode"] for arn in arns]
    assert codes == [0, 1] and databases(fargate)["shop"] == [FIRST["version"], SECOND["version"]]
    assert any(line.startswith("ActiveRecord::ConcurrentMigrationError") for line in lines(fargate, arns[1]))
    assert run(fargate, RUNNER, "all")[0] == 0


def test_a_task_that_is_stopped_lets_the_lock_go_and_applies_no_more(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", migrations=[FIRST, SECOND])
    with slowly(fargate.emulated):
        arn = start(fargate, RUNNER, "all")
        fargate.emulated.advance(22)
        fargate.ecs.stop_task(cluster=CLUSTER, task=arn)
        fargate.emulated.advance(60)
    assert databases(fargate)["shop"] == [FIRST["version"]]
    assert run(fargate, RUNNER, "all")[0] == 0 and databases(fargate)["shop"] == [FIRST["version"], SECOND["version"]]


def test_each_database_has_its_own(fargate: Fargate) -> None:
    fargate.emulated.client("ssm").put_parameter(
        Name="/shop/DATABASE_URL", Value="postgres://rails:secret@db.example.com:5432/shop?sslmode=require", Type="SecureString"
    )
    fargate.emulated.script(image="shop:1", migrations=[FIRST])
    assert run(fargate, RUNNER, "all")[0] == 0
    arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/DATABASE_URL"
    fargate.allow("ssm:GetParameters", arn)
    fargate.define(containerDefinitions=[{**CONTAINER, "secrets": [{"name": "DATABASE_URL", "valueFrom": arn}]}])
    code, written = run(fargate, RUNNER, "list")
    assert code == 0 and len(said(written[0])["pending"]) == 1
    assert run(fargate, RUNNER, "all")[0] == 0
    assert databases(fargate) == {"db.example.com/shop": [FIRST["version"]], "shop": [FIRST["version"]]}


def test_what_else_an_image_runs_is_not_touched_by_its_migrations(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", migrations=[FIRST])
    assert run(fargate, ["bin/rails", "db:seed"]) == (0, ["done"])
    fargate.emulated.script(command="*db:migrate*", lines=["killed"], seconds=1, exit_code=137)
    assert run(fargate, PLAIN) == (137, ["killed"])
    fargate.emulated.script(command="*", image="other:1", migrations=[FIRST])
    fargate.define(containerDefinitions=[{**CONTAINER, "image": "never-heard-of:1"}])
    assert run(fargate, RUNNER, "sideways")[0] == 1


def test_a_task_that_finds_no_capacity_is_no_task(fargate: Fargate) -> None:
    reason = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
    fargate.emulated.script(image="shop:1", failure=reason)
    answer = fargate.ecs.run_task(**fargate.task(clientToken="once"))
    assert answer["tasks"] == [] and answer["failures"] == [{"reason": reason}]
    fargate.emulated.script(image="shop:1", seconds=1)
    assert len(fargate.ecs.run_task(**fargate.task(clientToken="once"))["tasks"]) == 1
