"""The client's side of a channel, against another side that is written here, on a way that loses, doubles and mixes up."""

from __future__ import annotations

import base64
import json
import os
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.railyard.fargate.plugins.plugin_utils._session import channel, frames
from ansible_collections.railyard.fargate.plugins.plugin_utils._session.channel import Channel, Closed, Event, Exit, Output, Ready, Said
from ansible_collections.railyard.fargate.plugins.plugin_utils._session.frames import Flag, Payload

STEP, STEPS = 0.1, 250
ARRIVES, LOST, TWICE, LATE = range(4)
FATES = st.lists(st.sampled_from([ARRIVES, LOST, TWICE, LATE]), max_size=60)
KEY = bytes(range(64))


def output(number: int, payload: bytes, payload_type: Payload = Payload.OUTPUT) -> bytes:
    return frames.pack(frames.OUTPUT, payload, number, payload_type)


def said(number: int, payload_type: Payload, **words: Any) -> bytes:
    return output(number, json.dumps(words).encode(), payload_type)


def sent(each: Channel) -> list[frames.Frame]:
    """What it wants to send, without what it acknowledges."""
    each.out, out = [], each.out
    return [frame for frame in map(frames.unpack, out) if frame.kind == frames.INPUT]


def acknowledged(each: Channel) -> list[int]:
    each.out, out = [], each.out
    found = [frame.json() for frame in map(frames.unpack, out) if frame.kind == frames.ACKNOWLEDGE]
    return [item["AcknowledgedMessageSequenceNumber"] for item in found]


class Agent:
    """Takes in order, acknowledges what it takes and took, and sends all again that nobody has acknowledged."""

    def __init__(self, words: list[bytes]) -> None:
        self.waiting = {number: output(number, word) for number, word in enumerate(words)}
        self.heard: list[bytes] = []

    def take(self, raw: bytes) -> list[bytes]:
        frame = frames.unpack(raw)
        if frame.kind == frames.ACKNOWLEDGE:
            self.waiting.pop(frame.json()["AcknowledgedMessageSequenceNumber"], None)
            return []
        if frame.number > len(self.heard):
            return []
        if frame.number == len(self.heard):
            self.heard.append(frame.payload)
        return [frames.acknowledge(frame)]


def way(raws: list[bytes], late: list[bytes], fates: Iterator[int]) -> list[bytes]:
    """What arrives now. What is late arrives the next time, after younger ones."""
    arrived, late[:], before = [], [], list(late)
    for raw in raws:
        fate = next(fates, ARRIVES)
        arrived += [raw] * (1 if fate == ARRIVES else 2 if fate == TWICE else 0)
        if fate == LATE:
            late.append(raw)
    return arrived + before


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=3), max_size=12), st.lists(st.binary(min_size=1, max_size=3), max_size=12), FATES, FATES)
def test_everything_arrives_once_and_in_order(ours: list[bytes], theirs: list[bytes], there: list[int], back: list[int]) -> None:
    client, agent, events, now = Channel("s", "t"), Agent(theirs), [], 0.0
    for word in ours:
        client.keys(word, now)
    fates, late = (iter(there), iter(back)), ([], [])
    answers: list[bytes] = []
    for _ in range(STEPS):
        client.resend(now)
        client.out, out = [], client.out
        answers += [answer for raw in way(out, late[0], fates[0]) for answer in agent.take(raw)]
        for raw in way([*agent.waiting.values(), *answers], late[1], fates[1]):
            events += client.receive(raw, now)
        answers, now = [], now + STEP
    assert agent.heard == ours
    assert [event.data for event in events if isinstance(event, Output)] == theirs
    assert (client.waiting, agent.waiting) == (0, {})


@given(st.permutations(range(8)))
def test_early_messages_are_kept_until_their_turn(order: list[int]) -> None:
    client, events = Channel("s", "t"), []
    for number in order:
        events += client.receive(output(number, bytes([number])), 0.0)
    assert b"".join(event.data for event in events if isinstance(event, Output)) == bytes(range(8))
    assert sorted(acknowledged(client)) == list(range(8))


def test_what_comes_again_is_acknowledged_again_and_not_shown() -> None:
    client = Channel("s", "t")
    client.receive(output(0, b"once"), 0.0)
    assert client.receive(output(0, b"once"), 0.0) == []
    assert acknowledged(client) == [0, 0]


def test_most_early_ones_are_neither_kept_nor_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST_EARLY", 2)
    client = Channel("s", "t")
    for number in (3, 2, 1):
        client.receive(output(number, b"x"), 0.0)
    assert acknowledged(client) == [3, 2]


def test_only_the_oldest_is_sent_again_and_only_when_it_is_due() -> None:
    client = Channel("s", "t")
    client.keys(b"a", 0.0)
    client.keys(b"b", 0.0)
    assert [frame.payload for frame in sent(client)] == [b"a", b"b"]
    due = client.due()
    assert due == channel.FIRST
    client.resend(due - 0.001)
    assert sent(client) == []
    client.resend(due)
    assert [frame.payload for frame in sent(client)] == [b"a"]


def test_patience_follows_the_other_side() -> None:
    """A way that takes longer is waited for longer, up to a second."""
    client, now = Channel("s", "t"), 0.0

    def answered(after: float) -> float:
        nonlocal now
        client.keys(b"x", now)
        (frame,) = sent(client)
        now += after
        client.receive(frames.acknowledge(frame), now)
        client.keys(b"y", now)
        (frame,) = sent(client)
        patience = (client.due() or 0) - now
        client.receive(frames.acknowledge(frame), now)
        return patience

    fast = [answered(0.01) for _ in range(50)][-1]
    slow = [answered(0.4) for _ in range(50)][-1]
    assert 0.01 < fast < 0.1 < 0.2 < slow <= channel.LONGEST
    assert [answered(9.0) for _ in range(9)][-1] == channel.LONGEST


def test_an_answer_to_what_was_sent_twice_says_nothing_of_the_way() -> None:
    client = Channel("s", "t")
    client.keys(b"x", 0.0)
    (frame,) = sent(client)
    client.resend(5.0)
    client.receive(frames.acknowledge(frame), 5.0)
    client.keys(b"y", 6.0)
    assert client.due() == 6.0 + channel.FIRST


def test_somebody_who_never_answers_is_a_lost_connection_and_a_new_one_begins_anew() -> None:
    client, now = Channel("s", "t"), 0.0
    client.keys(b"x", now)
    with pytest.raises(ConnectionError, match="does not answer"):
        while now < 2 * channel.ACKNOWLEDGED_WITHIN:
            client.resend(now)
            now += 1
    client.resumed(now)
    assert [(frame.number, frame.payload) for frame in sent(client)] == [(0, b"x")]
    client.resend(now + 1)
    client.keys(b"y", now + 1)
    assert [frame.number for frame in sent(client)] == [0, 1]


def test_keys_are_sent_in_pieces_that_the_agent_takes() -> None:
    client = Channel("s", "t")
    client.keys(b"x" * 2500, 0.0)
    assert [len(frame.payload) for frame in sent(client)] == [1024, 1024, 452]


def test_sizes_and_flags_are_as_the_agent_reads_them() -> None:
    client = Channel("s", "t")
    client.size(132, 41, 0.0)
    client.flag(Flag.TERMINATE, 0.0)
    size, flag = sent(client)
    assert (size.payload_type, size.json()) == (3, {"cols": 132, "rows": 41})
    assert (flag.payload_type, flag.payload) == (10, b"\0\0\0\2")


@pytest.mark.parametrize(
    ("raw", "events"),
    [
        (output(0, b"hi"), [Ready(""), Output(b"hi")]),
        (output(0, b"oh", Payload.STDERR), [Ready(""), Output(b"oh")]),
        (output(0, b"EXIT_CODE: 3", Payload.EXIT_CODE), [Ready(""), Exit(3)]),
        (said(0, Payload.HANDSHAKE_COMPLETE, HandshakeTimeToComplete=1, CustomerMessage="welcome"), [Ready("welcome")]),
        (output(0, struct.pack(">I", 3), Payload.FLAG), [Said(3)]),
        (output(0, b"{}", Payload.PARAMETER), []),
        (frames.pack("channel_closed", b'{"SessionId": "s", "Output": "Exiting"}'), [Closed("Exiting")]),
        (frames.pack("pause_publication", b"{}"), []),
        (frames.pack("start_publication", b"{}"), []),
        (frames.pack("something_new", b"{}"), []),
    ],
)
def test_messages_of_the_channel(raw: bytes, events: list[Event]) -> None:
    assert Channel("s", "t").receive(raw, 0.0) == events


def action(kind: str, **parameters: str) -> dict[str, Any]:
    return {"ActionType": kind, "ActionParameters": parameters}


def shaken(client: Channel, *actions: dict[str, Any]) -> dict[str, Any]:
    client.receive(said(0, Payload.HANDSHAKE_REQUEST, AgentVersion="3.3", RequestedClientActions=list(actions)), 0.0)
    (answer,) = sent(client)
    assert answer.payload_type == Payload.HANDSHAKE_RESPONSE
    return dict(answer.json())


@pytest.mark.parametrize("kind", ["Standard_Stream", "InteractiveCommands", "NonInteractiveCommands", "Port"])
def test_a_handshake(kind: str) -> None:
    client = Channel("s", "t")
    answer = shaken(client, action("SessionType", SessionType=kind))
    assert [(item["ActionType"], item["ActionStatus"]) for item in answer["ProcessedClientActions"]] == [("SessionType", 1)]
    assert (answer["Errors"], client.kind, client.ready) == (None, kind, False)
    # The agent multiplexes ports for newer clients, which is another protocol.
    assert (tuple(map(int, answer["ClientVersion"].split("."))) < (1, 1, 70)) is (kind == "Port")


@pytest.mark.parametrize(
    "unknown", [action("SessionType", SessionType="Hologram"), action("Juggling"), action("KMSEncryption", KMSKeyId="k")]
)
def test_unsupported_handshake_actions_are_refused(unknown: dict[str, Any]) -> None:
    answer = shaken(Channel("s", "t"), unknown)
    assert [item["ActionStatus"] for item in answer["ProcessedClientActions"]] == [3]
    assert len(answer["Errors"]) == 1


def test_keys_of_a_session_are_made_for_it_and_used_in_both_directions() -> None:
    asked = []

    def data_key(key: str, context: dict[str, str]) -> tuple[bytes, bytes]:
        asked.append((key, context))
        return b"sealed", KEY

    client = Channel("me-1", "mi-1", data_key)
    answer = shaken(client, action("SessionType", SessionType="InteractiveCommands"), action("KMSEncryption", KMSKeyId="k"))
    assert asked == [("k", {"aws:ssm:SessionId": "me-1", "aws:ssm:TargetId": "mi-1"})]
    assert answer["ProcessedClientActions"][1]["ActionResult"] == {"KMSCipherTextKey": base64.b64encode(b"sealed").decode()}
    agents, clients = AESGCM(KEY[:32]), AESGCM(KEY[32:])

    def seal(clear: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + agents.encrypt(nonce, clear, None)

    def unseal(sealed: bytes) -> bytes:
        return clients.decrypt(sealed[:12], sealed[12:], None)

    client.receive(said(1, Payload.CHALLENGE_REQUEST, Challenge=base64.b64encode(seal(b"riddle")).decode()), 0.0)
    (challenge,) = sent(client)
    assert challenge.payload_type == Payload.CHALLENGE_RESPONSE
    assert unseal(base64.b64decode(challenge.json()["Challenge"])) == b"riddle"
    assert client.receive(said(2, Payload.HANDSHAKE_COMPLETE, CustomerMessage=""), 0.0) == [Ready("")]
    assert client.receive(output(3, seal(b"shop> ")), 0.0) == [Output(b"shop> ")]
    assert client.receive(output(4, seal(b"EXIT_CODE: 0"), Payload.EXIT_CODE), 0.0) == [Exit(0)]
    client.keys(b"User.count", 0.0)
    client.size(80, 24, 0.0)
    keys, size = sent(client)
    assert unseal(keys.payload) == b"User.count"
    assert size.json() == {"cols": 80, "rows": 24}
