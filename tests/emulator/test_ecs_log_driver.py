"""The log driver of the emulated ECS: lines are shown late, and in one of its modes some are lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.fargate import CONTAINER, LOGS, Fargate, build, slowly

LINES = ["first", "second"]


@pytest.fixture
def fargate(emulated: Emulated) -> Fargate:
    return build(emulated)


def lines(fargate: Fargate, arn: str) -> list[str]:
    stream = f"rails/web/{arn.rsplit('/', 1)[1]}"
    events = fargate.emulated.client("logs").get_log_events(logGroupName="/shop", logStreamName=stream, startFromHead=True)["events"]
    return [event["message"] for event in events]


def state(fargate: Fargate, arn: str) -> str:
    return str(fargate.ecs.describe_tasks(cluster="shop", tasks=[arn])["tasks"][0]["lastStatus"])


def test_a_line_is_shown_seconds_after_it_was_written(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", lines=LINES, at=[1, 2], seconds=60)
    with slowly(fargate.emulated):
        arn = fargate.run()
        fargate.emulated.advance(12)
        assert state(fargate, arn) == "RUNNING"
        fargate.emulated.advance(4)
        assert lines(fargate, arn) == []
        fargate.emulated.advance(5)
        assert lines(fargate, arn) == LINES


def test_the_last_lines_can_come_after_the_task_has_stopped(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", lines=LINES, at=[1, 29], seconds=30, late=20)
    with slowly(fargate.emulated):
        arn = fargate.run()
        fargate.emulated.advance(68)
        assert state(fargate, arn) == "STOPPED" and lines(fargate, arn) == LINES[:1]
        fargate.emulated.advance(2)
        assert lines(fargate, arn) == LINES


@pytest.mark.parametrize(
    ("option", "account", "shown"),
    [({}, "", LINES[:1]), ({"mode": "blocking"}, "", LINES), ({}, "blocking", LINES), ({"mode": "non-blocking"}, "blocking", LINES[:1])],
)
def test_lines_are_lost_in_the_mode_that_does_not_block(fargate: Fargate, option: dict[str, Any], account: str, shown: list[str]) -> None:
    """It is ECS's default since June 2025, unless the account says otherwise."""
    if account:
        fargate.ecs.put_account_setting_default(name="defaultLogDriverMode", value=account)
    logs = {**LOGS, "options": {**LOGS["options"], **option}}
    fargate.define(containerDefinitions=[{**CONTAINER, "logConfiguration": logs}])
    fargate.emulated.script(image="shop:1", lines=LINES, seconds=2, dropped="sec*")
    arn = fargate.run()
    fargate.ended(arn)
    assert lines(fargate, arn) == shown
