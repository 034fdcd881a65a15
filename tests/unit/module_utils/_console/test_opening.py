"""From an agent that has reported to a session, by answers as AWS gives them one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.railyard.fargate.plugins.module_utils._console import opening
from ansible_collections.railyard.fargate.plugins.module_utils._console.request import EXEC, Request
from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from tests.support.names import names

HYBRID = Request(names("shop", "production"), requested_by="deborah")
TASK = "arn:aws:ecs:eu-west-1:123456789012:task/shop-production/abc"
OPENED = {"image": "x", "task": TASK, "target": "mi-0123456789abcdef0"}
SESSION = {"SessionId": "s-1", "StreamUrl": "wss://x", "TokenValue": "t"}
RUNNING = {"tasks": [{"lastStatus": "RUNNING"}]}


def refused(code: str, message: str = "not now") -> Callable[..., Any]:
    def refuse(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": message}}, "Operation")

    return refuse


class Client:
    """Answers in turn, the last one for ever."""

    class meta:
        region_name = "eu-west-1"

    def __init__(self, **answers: list[Any]) -> None:
        self._answers = answers
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def answer(**params: Any) -> Any:
            self.calls.append(name)
            found = self._answers[name][0] if len(self._answers[name]) == 1 else self._answers[name].pop(0)
            return found(**params) if callable(found) else dict(found)

        return answer


def clock() -> Clock:
    """An hour of it passes in no time."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return Clock(now=lambda: now[0], sleep=sleep)


def clients(ssm: Client, **ecs: list[Any]) -> dict[str, Any]:
    return {"ssm": ssm, "ecs": Client(**{"describe_tasks": [RUNNING], **ecs}), "logs": Client()}


def test_a_session_is_asked_for_once_the_agent_has_connected() -> None:
    no, yes = {"Status": "notconnected"}, {"Status": "connected"}
    ssm = Client(get_connection_status=[no, no, yes], start_session=[refused("TargetNotConnected"), SESSION])
    assert opening.session(clients(ssm), HYBRID, OPENED, clock()) == SESSION
    assert ssm.calls == ["get_connection_status"] * 3 + ["start_session", "get_connection_status", "start_session"]


def test_a_tier_that_was_turned_on_a_moment_ago_is_waited_for() -> None:
    pending = refused("BadRequest", "Enable advanced-instances tier to use Session Manager with your on-premises instances")
    ssm = Client(get_connection_status=[{"Status": "connected"}], start_session=[pending, pending, SESSION])
    assert opening.session(clients(ssm), HYBRID, OPENED, clock()) == SESSION
    never = Client(get_connection_status=[{"Status": "connected"}], start_session=[pending])
    with pytest.raises(RailyardError, match="BadRequest: Enable advanced-instances tier"):
        opening.session(clients(never), HYBRID, OPENED, clock())


def test_whoever_may_not_ask_for_the_connection_tries() -> None:
    ssm = Client(get_connection_status=[refused("AccessDeniedException")], start_session=[refused("TargetNotConnected"), SESSION])
    assert opening.session(clients(ssm), HYBRID, OPENED, clock()) == SESSION


def test_ecs_exec_is_asked_again_while_its_agent_is_not_connected() -> None:
    answer = {"session": {"sessionId": "s-1", "streamUrl": "wss://x", "tokenValue": "t"}}
    made = clients(Client(), execute_command=[refused("TargetNotConnectedException"), answer])
    assert opening.session(made, replace(HYBRID, mode=EXEC), OPENED, clock()) == SESSION


def test_another_refusal_is_told_at_once() -> None:
    ssm = Client(get_connection_status=[{"Status": "connected"}], start_session=[refused("InvalidParameters")])
    with pytest.raises(RailyardError, match="InvalidParameters"):
        opening.session(clients(ssm), HYBRID, OPENED, clock())
    assert ssm.calls.count("start_session") == 1


@pytest.mark.parametrize("status", ["connected", "notconnected"])
def test_an_agent_that_never_connects_is_told(status: str) -> None:
    ssm = Client(get_connection_status=[{"Status": status}], start_session=[refused("TargetNotConnected")])
    with pytest.raises(RailyardError, match=r"has not connected to Session Manager within 120 s.*ssmmessages"):
        opening.session(clients(ssm), HYBRID, OPENED, clock())


def test_a_task_that_stops_meanwhile_is_told() -> None:
    stopped = {"tasks": [{"lastStatus": "STOPPED", "taskArn": TASK, "taskDefinitionArn": "d", "stoppedReason": "out of memory"}]}
    ssm = Client(get_connection_status=[{"Status": "notconnected"}])
    made = clients(ssm, describe_tasks=[RUNNING, stopped], describe_task_definition=[{}])
    with pytest.raises(RailyardError, match="out of memory"):
        opening.session(made, HYBRID, OPENED, clock())


@pytest.mark.parametrize(("code", "helps"), [("UserInitiated", False), ("TaskFailedToStart", True)])
def test_the_words_of_a_person_who_has_stopped_it_are_told_alone(code: str, helps: bool) -> None:
    task = {"lastStatus": "STOPPED", "taskArn": TASK, "taskDefinitionArn": "d", "stoppedReason": "no such host", "stopCode": code}
    why = opening.stopped(clients(Client(), describe_task_definition=[{}]), task)
    assert (why == "no such host") != helps
