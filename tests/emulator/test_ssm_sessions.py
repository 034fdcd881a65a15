"""Sessions: how they begin, what is known of them, and how they end."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support import roles
from tests.support.channels import Client
from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, CONTAINER
from tests.support.hybrid import SHELL, Hybrid, build

PROMPT = "shop> "


@pytest.fixture
def hybrid(emulated: Emulated) -> Hybrid:
    return build(emulated)


def events(hybrid: Hybrid, group: str, stream: str) -> list[str]:
    found = hybrid.emulated.client("logs").get_log_events(logGroupName=group, logStreamName=stream)["events"]
    return [event["message"] for event in found]


def test_from_an_activation_to_a_program_on_a_terminal(hybrid: Hybrid) -> None:
    node, _ = hybrid.node()
    name = hybrid.document("console", inputs={"cloudWatchLogGroupName": "/shop", "maxSessionDuration": "60"})
    client = hybrid.client(node, name, Reason="order 4711")
    assert "bin/rails console" in client.until(PROMPT)
    client.types("6 * 7, 'RAILYARD_CONSOLE_ACTIVATION_CODE' in ENV\r")
    assert "=> (42, False)" in client.until(PROMPT)

    (shown,) = hybrid.sessions()
    session = client.answer["SessionId"]
    assert (shown["SessionId"], shown["Target"], shown["DocumentName"], shown["Reason"]) == (session, node, name, "order 4711")
    assert (shown["Status"], shown["Owner"], shown["MaxSessionDuration"]) == ("Connected", "arn:aws:iam::123456789012:root", "60")
    client.types("exit\r")
    assert client.next("channel_closed").json()["SessionId"] == session and client.closed
    assert hybrid.sessions() == []
    (shown,) = hybrid.sessions("History")
    assert shown["Status"] == "Terminated" and shown["EndDate"] >= shown["StartDate"]
    (said,) = events(hybrid, "/shop", session)
    assert "=> (42, False)" in said


def test_sessions_are_found_by_what_they_are(hybrid: Hybrid) -> None:
    node, _ = hybrid.node()
    first, second = (hybrid.ssm.start_session(Target=node)["SessionId"] for _ in range(2))
    assert [item["SessionId"] for item in hybrid.sessions()] == [second, first]
    assert [item["SessionId"] for item in hybrid.sessions(Filters=[{"key": "SessionId", "value": first}])] == [first]
    since = hybrid.sessions()[0]["StartDate"] + timedelta(hours=1)
    later = {"key": "InvokedAfter", "value": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert hybrid.sessions(Filters=[later]) == []
    assert len(hybrid.sessions(Filters=[{**later, "key": "InvokedBefore"}])) == 2
    assert len(hybrid.ssm.describe_sessions(State="Active", MaxResults=1)["Sessions"]) == 1
    code, _ = hybrid.emulated.refused("ssm", "describe_sessions", State="Active", Filters=[{**later, "value": "yesterday"}])
    assert code == "ValidationException"
    hybrid.ssm.terminate_session(SessionId=first)
    assert [item["SessionId"] for item in hybrid.sessions("History", Filters=[{"key": "Target", "value": node}])] == [first]


def test_what_start_session_refuses(hybrid: Hybrid) -> None:
    node, _ = hybrid.node()
    pattern = {"command": {"type": "String", "allowedPattern": "bin/[a-z]+"}, "size": {"type": "String", "allowedValues": ["1", "2"]}}
    name = hybrid.document("console", parameters=pattern, properties={"linux": {"commands": "{{ command }} {{size}}"}})

    def refused(**parameters: list[str]) -> tuple[str, str]:
        return hybrid.emulated.refused("ssm", "start_session", Target=node, DocumentName=name, Parameters=parameters)

    assert refused(command=["bin/rails"], size=["2"]) == ("", "")
    assert refused(command=["bin/rails; ls"], size=["2"])[0] == "InvalidParameters"
    assert refused(command=["bin/rails"], size=["3"])[0] == "InvalidParameters"
    assert refused(command=["bin/rails", "bin/rake"], size=["2"])[0] == "InvalidParameters"
    assert refused(command=["bin/rails"])[1] == "Parameter size is missing"
    assert refused(command=["bin/rails"], size=["1"], user=["root"])[1] == "Parameter user is not defined in the document"
    assert hybrid.emulated.refused("ssm", "start_session", Target=node, DocumentName="nothing")[0] == "InvalidDocument"
    hybrid.ssm.create_document(Name="steps", DocumentType="Command", Content=json.dumps({"schemaVersion": "2.2", "mainSteps": []}))
    assert hybrid.emulated.refused("ssm", "start_session", Target=node, DocumentName="steps")[0] == "InvalidDocument"
    assert hybrid.emulated.refused("ssm", "start_session", Target="mi-00000000000000000")[0] == "TargetNotConnected"
    assert hybrid.emulated.refused("ssm", "start_session", Target="i-00000000000000000")[0] == "TargetNotConnected"


def test_a_token_is_good_for_one_connection_to_its_session(hybrid: Hybrid) -> None:
    node, _ = hybrid.node()
    answer = hybrid.ssm.start_session(Target=node)
    other = hybrid.ssm.start_session(Target=node)
    for wrong in ({**answer, "TokenValue": "x"}, {**answer, "StreamUrl": other["StreamUrl"]}):
        with pytest.raises(ConnectionClosed) as refused:
            Client(wrong).hear()
        assert refused.value.rcvd is not None and refused.value.rcvd.code == 1008
    good = Client(other)
    good.until(PROMPT)
    with pytest.raises(ConnectionClosed):
        Client(other).hear()
    good.types("1 + 1\r")
    assert "=> 2" in good.until(PROMPT)


def test_a_session_ends_when_somebody_terminates_it_and_is_not_resumed(hybrid: Hybrid) -> None:
    node, _ = hybrid.node()
    client = hybrid.client(node)
    client.until(PROMPT)
    session = client.answer["SessionId"]
    hybrid.ssm.terminate_session(SessionId=session)
    client.next("channel_closed")
    assert "TokenValue" not in hybrid.ssm.resume_session(SessionId=session)
    assert hybrid.ssm.terminate_session(SessionId=session)["SessionId"] == session
    assert hybrid.emulated.refused("ssm", "resume_session", SessionId="root-0")[0] == "DoesNotExistException"


def test_nobody_tells_a_client_that_the_task_has_gone(hybrid: Hybrid) -> None:
    node, task = hybrid.node()
    client = hybrid.client(node)
    client.until(PROMPT)
    hybrid.made.ecs.stop_task(cluster=CLUSTER, task=task)
    hybrid.emulated.advance(60)
    assert hybrid.sessions() == [] and hybrid.sessions("History")[0]["EndDate"]
    client.types("1 + 1\r")
    with pytest.raises(TimeoutError):
        client.hear(patience=0.5)
    assert "TokenValue" not in hybrid.ssm.resume_session(SessionId=client.answer["SessionId"])


@pytest.mark.parametrize("inputs", [{"idleSessionTimeout": "10"}, {"maxSessionDuration": "10"}])
def test_a_session_ends_by_itself_after_its_minutes(hybrid: Hybrid, inputs: dict[str, str]) -> None:
    node, _ = hybrid.node()
    client = hybrid.client(node, hybrid.document("short", inputs=inputs))
    client.until(PROMPT)
    hybrid.emulated.advance(9 * 60)
    assert len(hybrid.sessions()) == 1
    client.types("1\r")
    client.until(PROMPT)
    hybrid.emulated.advance(2 * 60)
    idle = "idleSessionTimeout" in inputs
    assert len(hybrid.sessions()) == (1 if idle else 0)
    hybrid.emulated.advance(9 * 60)
    assert hybrid.sessions() == [] and client.next("channel_closed").json()["Output"] == ""


def test_a_transcript_comes_line_by_line_where_it_streams(hybrid: Hybrid) -> None:
    node, _ = hybrid.node()
    name = hybrid.document("streams", inputs={"cloudWatchLogGroupName": "/shop", "cloudWatchStreamingEnabled": True})
    client = hybrid.client(node, name)
    client.until(PROMPT)
    client.types("40 + 2\r")
    client.until(f"=> 42\r\n{PROMPT}")
    said = [json.loads(message) for message in events(hybrid, "/shop", client.answer["SessionId"])]
    assert "=> 42" in [line for each in said for line in each["sessionData"]]
    assert said[0]["target"] == {"id": node} and said[0]["sessionId"] == client.answer["SessionId"]


def test_log_groups_that_are_not_there_or_not_encrypted(hybrid: Hybrid) -> None:
    node, _ = hybrid.node()
    missing = hybrid.document("missing", inputs={"cloudWatchLogGroupName": "/nothing", "cloudWatchEncryptionEnabled": True})
    client = hybrid.client(node, missing)
    client.until(PROMPT)
    hybrid.ssm.terminate_session(SessionId=client.answer["SessionId"])
    groups = hybrid.emulated.client("logs").describe_log_groups(logGroupNamePrefix="/nothing")["logGroups"]
    assert groups == []
    plain = hybrid.document("plain", inputs={"cloudWatchLogGroupName": "/shop", "cloudWatchEncryptionEnabled": True})
    closed = hybrid.client(node, plain).next("channel_closed").json()
    assert closed["Output"].startswith("We couldn't start the session because encryption is not set up")


def test_a_session_without_a_command_is_closed(hybrid: Hybrid) -> None:
    node, _ = hybrid.node()
    client = hybrid.client(node, hybrid.document("empty", properties={}))
    assert client.next("channel_closed").json()["Output"] == "Commands cannot be empty for session type InteractiveCommands"


def enabled(hybrid: Hybrid, **cluster: Any) -> dict[str, Any]:
    """A task with ECS Exec."""
    if cluster:
        hybrid.made.ecs.update_cluster(cluster=CLUSTER, configuration={"executeCommandConfiguration": cluster})
    hybrid.emulated.script(image="*")
    roles.put(hybrid.emulated, "execution", roles.CHANNELS)
    task = hybrid.made.run(enableExecuteCommand=True)
    hybrid.emulated.advance(60)
    return dict(hybrid.made.ecs.describe_tasks(cluster=CLUSTER, tasks=[task])["tasks"][0])


def execute(hybrid: Hybrid, task: dict[str, Any]) -> dict[str, Any]:
    answer = hybrid.made.ecs.execute_command(cluster=CLUSTER, task=task["taskArn"], command="bin/rails console", interactive=True)
    return {name[0].upper() + name[1:]: value for name, value in answer["session"].items()}


def test_ecs_exec_is_a_session_with_a_container(hybrid: Hybrid) -> None:
    hybrid.emulated.client("logs").create_log_group(logGroupName="/exec")
    where = {"cloudWatchLogGroupName": "/exec", "cloudWatchEncryptionEnabled": False}
    task = enabled(hybrid, logging="OVERRIDE", logConfiguration=where)
    (container,) = task["containers"]
    assert container["managedAgents"][0]["lastStatus"] == "RUNNING"
    client = Client(execute(hybrid, task))
    assert "bin/rails console" in client.until(PROMPT)
    target = f"ecs:{CLUSTER}_{task['taskArn'].rsplit('/', 1)[1]}_{container['runtimeId']}"
    assert hybrid.sessions()[0]["Target"] == target
    client.types("exit\r")
    client.next("channel_closed")
    assert "bin/rails console" in events(hybrid, "/exec", client.answer["SessionId"])[0]
    # The target is good for a session of Systems Manager too, in any tier.
    assert hybrid.client(target).until(PROMPT)
    assert hybrid.emulated.refused("ssm", "start_session", Target=target[:-1])[0] == "TargetNotConnected"


def test_ecs_exec_without_an_agent(hybrid: Hybrid) -> None:
    hybrid.made.define(containerDefinitions=[{**CONTAINER, "readonlyRootFilesystem": True}])
    task = enabled(hybrid)
    call = {"cluster": CLUSTER, "task": task["taskArn"], "command": "sh", "interactive": True}
    assert hybrid.emulated.refused("ecs", "execute_command", **call)[0] == "TargetNotConnectedException"
    assert "Interactive is the only mode" in hybrid.emulated.refused("ecs", "execute_command", **{**call, "interactive": False})[1]


def test_a_reset_ends_sessions(hybrid: Hybrid) -> None:
    node, _ = hybrid.node()
    client = hybrid.client(node, hybrid.document("console", properties=SHELL))
    client.until(PROMPT)
    hybrid.emulated.reset()
    assert client.closed and hybrid.sessions() == []


def test_a_copy_of_an_emulator_has_no_part_in_its_sessions(hybrid: Hybrid, tmp_path: Path) -> None:
    node, _ = hybrid.node()
    client = hybrid.client(node)
    client.until(PROMPT)
    other = hybrid.emulated.fork(tmp_path / "other.json")
    try:
        copied = other.client("ssm")
        assert copied.describe_sessions(State="Active")["Sessions"] == []
        copied.terminate_session(SessionId=client.answer["SessionId"])
        own = Client(copied.start_session(Target=node))
        own.until(PROMPT)
    finally:
        other.stop()
    client.types("6 * 7\r")
    assert "=> 42" in client.until(PROMPT)
    assert own.closed
