"""What goes over a session's channel: order, acknowledgement, handshake, keys, ports, and what goes wrong."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from emulator.sessions.order import Sent
from tests.support.channels import CHALLENGE, CHALLENGED, COMPLETE, FLAG, OUTPUT, SIZE, Client, frame
from tests.support.emulated import Emulated
from tests.support.hybrid import Hybrid, build
from tests.support.persons import until

PROMPT = "shop> "
PORTS = {"portNumber": "5432", "type": "LocalPortForwarding", "localPortNumber": "0"}
DISCONNECT = struct.pack(">I", 1)
TERMINATE = struct.pack(">I", 2)


@pytest.fixture
def hybrid(emulated: Emulated) -> Hybrid:
    return build(emulated)


@pytest.fixture
def node(hybrid: Hybrid) -> str:
    return hybrid.node()[0]


def test_without_a_need_there_is_no_handshake_and_the_first_frame_is_output(hybrid: Hybrid, node: str) -> None:
    hybrid.emulated.consoles(program=["echo", "hello"])
    client = hybrid.client(node)
    first = client.hear()
    assert (first.kind, first.number, first.content, first.payload) == ("output_stream_data", 0, OUTPUT, b"hello\r\n")
    again = client.hear()
    assert (again.number, again.identity) == (first.number, first.identity), "what nobody acknowledges comes again"
    assert client.next().number == 0 and client.next("channel_closed").json()["SessionId"] == client.answer["SessionId"]


def test_a_handshake_is_answered_before_the_program_begins(hybrid: Hybrid, node: str) -> None:
    hybrid.emulated.consoles(handshake=True)
    client = hybrid.client(node, hybrid.document("console"))
    client.types("typed too early\r")
    client.number = 1
    assert client.shake().content == COMPLETE
    client.types("1 + 1\r")
    said = client.until("=> 2")
    assert "too early" not in said
    failing = hybrid.client(node, "console")
    failing.next()
    answer = {"ActionType": "SessionType", "ActionStatus": 3, "Error": "unknown"}
    failing.send(6, json.dumps({"ClientVersion": "1.2.0.0", "ProcessedClientActions": [answer]}).encode())
    assert "SessionType failed on client with status 3" in failing.next("channel_closed").json()["Output"]


def test_frames_are_taken_in_their_order_and_once(hybrid: Hybrid, node: str) -> None:
    client = hybrid.client(node)
    client.until(PROMPT)
    client.send(OUTPUT, b"+1", number=1)
    assert client.next("acknowledge").json()["AcknowledgedMessageSequenceNumber"] == 1
    client.send(OUTPUT, b"4", number=0)
    client.send(OUTPUT, b"4", number=0)
    client.send(OUTPUT, b"\r", number=2)
    numbers = [client.next("acknowledge").json()["AcknowledgedMessageSequenceNumber"] for _ in range(3)]
    assert numbers == [0, 0, 2]
    assert "=> 5\r\n" in client.until(PROMPT), "4+1, neither 44+1 nor +14"


def test_sizes_and_signals_reach_the_program(hybrid: Hybrid, node: str) -> None:
    client = hybrid.client(node)
    client.until(PROMPT)
    client.send(SIZE, json.dumps({"cols": 101, "rows": 33}).encode())
    client.types("__import__('os').get_terminal_size()\r")
    assert "columns=101, lines=33" in client.until(PROMPT)
    client.types("half\x03")
    assert "^C" in client.until(PROMPT)
    client.send(FLAG, TERMINATE)
    client.next("channel_closed")


@pytest.mark.parametrize("fault", [{"lost": 2}, {"unheard": 2}, {"twice": True}, {"pauses": True}])
def test_what_goes_wrong_on_the_way_is_repaired(hybrid: Hybrid, node: str, fault: dict[str, Any]) -> None:
    hybrid.emulated.consoles(program=["cat"], **fault)
    client = hybrid.client(node)
    answered: set[int] = set()
    said, kinds = b"", set()
    for _ in range(30):
        for number, word in enumerate((b"one\r", b"two\r", b"three\r")):
            if number not in answered:
                client.send(OUTPUT, word, number=number)
        for got in client.heard_within(0.3):
            kinds.add(got.kind)
            if got.kind == "acknowledge":
                answered.add(got.json()["AcknowledgedMessageSequenceNumber"])
            elif got.kind == "output_stream_data":
                said += got.payload if got.number not in client.seen else b""
                client.acknowledge(got)
        if said.count(b"three") == 2:
            break
    assert [said.count(word) for word in (b"one", b"two", b"three")] == [2, 2, 2], "what was typed, and what cat says"
    assert ("pause_publication" in kinds) is ("pauses" in fault)


def test_a_connection_breaks_and_another_one_goes_on(hybrid: Hybrid, node: str) -> None:
    hybrid.emulated.consoles(cut=1)
    client = hybrid.client(node)
    client.until(PROMPT)
    client.types("x = 1")
    client.next("acknowledge")
    client.types(" + 1\r")
    assert client.closed
    answer = hybrid.ssm.resume_session(SessionId=client.answer["SessionId"])
    assert answer["TokenValue"] != client.answer["TokenValue"] and answer["StreamUrl"] == client.answer["StreamUrl"]
    again = Client(answer, number=1, seen=client.seen)
    again.types("\r")
    assert "SyntaxError" in again.until(PROMPT), "it is the same program, with what it was told before"


@pytest.mark.parametrize("fault", [{"silent": True}, {"mute": 1}])
def test_a_server_that_says_nothing_any_more(hybrid: Hybrid, node: str, fault: dict[str, Any]) -> None:
    hybrid.emulated.consoles(**fault)
    client = hybrid.client(node)
    if "mute" in fault:
        client.until(PROMPT)
        client.types("1")
        client.until("1")
    client.types("+ 1\r")
    assert [got for got in client.heard_within(0.5) if got.kind == "output_stream_data"] == []
    assert len(hybrid.sessions()) == 1


def test_what_is_no_frame_ends_the_connection(hybrid: Hybrid, node: str) -> None:
    client = hybrid.client(node)
    client.until(PROMPT)
    raw = bytearray(frame("input_stream_data", b"1\r", 0, OUTPUT))
    raw[-1:] = b"2"
    client.raw(bytes(raw))
    assert client.closed


def sealed(hybrid: Hybrid, name: str) -> str:
    key = hybrid.emulated.client("kms").create_key()["KeyMetadata"]["KeyId"]
    return hybrid.document(name, inputs={"kmsKeyId": key})


def data_key(hybrid: Hybrid, client: Client, target: str) -> tuple[bytes, dict[str, Any]]:
    """A key of KMS for a session, and how the handshake tells it."""
    asked = client.next().json()["RequestedClientActions"]
    key = next(each for each in asked if each["ActionType"] == "KMSEncryption")["ActionParameters"]["KMSKeyId"]
    context = {"aws:ssm:SessionId": client.answer["SessionId"], "aws:ssm:TargetId": target}
    made = hybrid.emulated.client("kms").generate_data_key(KeyId=key, NumberOfBytes=64, EncryptionContext=context)
    results = {"SessionType": None, "KMSEncryption": {"KMSCipherTextKey": base64.b64encode(made["CiphertextBlob"]).decode()}}
    done = [{"ActionType": name, "ActionStatus": 1, "ActionResult": result} for name, result in results.items()]
    return made["Plaintext"], {"ClientVersion": "1.2.0.0", "ProcessedClientActions": done, "Errors": None}


def test_a_session_with_a_key_is_encrypted_both_ways(hybrid: Hybrid, node: str) -> None:
    client = hybrid.client(node, sealed(hybrid, "sealed"))
    key, answer = data_key(hybrid, client, node)
    client.send(6, json.dumps(answer).encode())
    mine, theirs = AESGCM(key[32:]), AESGCM(key[:32])

    def opened(raw: bytes) -> bytes:
        return theirs.decrypt(raw[:12], raw[12:], None)

    def close(clear: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + mine.encrypt(nonce, clear, None)

    asked = client.next()
    assert asked.content == CHALLENGE
    challenge = opened(base64.b64decode(asked.json()["Challenge"]))
    client.send(CHALLENGED, json.dumps({"Challenge": base64.b64encode(close(challenge)).decode()}).encode())
    assert client.next().content == COMPLETE
    client.send(OUTPUT, close(b"6 * 7\r"))
    said = b""
    while b"=> 42" not in said:
        said += opened(client.next().payload)


def test_a_key_for_another_target_opens_nothing(hybrid: Hybrid, node: str) -> None:
    client = hybrid.client(node, sealed(hybrid, "sealed"))
    _, answer = data_key(hybrid, client, "mi-00000000000000000")
    client.send(6, json.dumps(answer).encode())
    assert "Unable to decrypt data key" in client.next("channel_closed").json()["Output"]


@contextmanager
def echoing() -> Iterator[tuple[int, list[int]]]:
    """A port that answers everything in capital letters, and how many have connected."""
    connected: list[int] = []

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                found, place = listening.accept()
            except OSError:
                return
            connected.append(place[1])
            with found:
                while data := found.recv(4096):
                    found.sendall(data.upper())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1], connected
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_a_port_is_connected_to_again_after_a_caller_has_gone(hybrid: Hybrid, node: str) -> None:
    name = hybrid.document("forward", "Port", {**PORTS, "host": "db.example"})
    with echoing() as (port, connected):
        hybrid.emulated.consoles(port=port)
        client = hybrid.client(node, name)
        client.version = "1.1.61.0"
        assert client.shake().content == COMPLETE
        for word in (b"select", b"commit"):
            client.send(OUTPUT, word)
            assert client.next().payload == word.upper()
            client.send(FLAG, DISCONNECT)
        assert len(connected) == 2
        client.send(FLAG, TERMINATE)
        client.next("channel_closed")


def test_the_port_of_an_emulated_database_answers_whoever_calls(hybrid: Hybrid, node: str) -> None:
    rds = hybrid.emulated.client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="shop", DBSubnetGroupDescription="shop", SubnetIds=hybrid.made.subnets)
    made = {"DBInstanceClass": "db.t4g.micro", "Engine": "postgres", "AllocatedStorage": 20}
    made |= {"DBSubnetGroupName": "shop", "VpcSecurityGroupIds": [hybrid.made.group]}
    rds.create_db_instance(DBInstanceIdentifier="shop", MasterUsername="shop", MasterUserPassword="x" * 20, **made)
    hybrid.emulated.advance(3600)
    endpoint = rds.describe_db_instances()["DBInstances"][0]["Endpoint"]
    where = {"host": endpoint["Address"], "portNumber": str(endpoint["Port"])}
    client = hybrid.client(node, hybrid.document("forward-to-it", "Port", {**PORTS, **where}))
    client.version = "1.1.61.0"
    assert client.shake().content == COMPLETE
    client.send(OUTPUT, struct.pack(">II", 8, 80877103))
    assert client.next().payload == b"N", "no TLS here"
    client.send(OUTPUT, struct.pack(">II", 8, 196608))
    answer = client.next().payload
    assert answer[:1] == b"E" and f"the emulated database {endpoint['Address']}".encode() in answer
    assert len(answer) == 1 + struct.unpack(">I", answer[1:5])[0]


def test_a_port_that_nobody_listens_on_and_a_client_that_wants_to_multiplex(hybrid: Hybrid, node: str) -> None:
    name = hybrid.document("forward", "Port", {**PORTS, "host": "db.example"})
    client = hybrid.client(node, name)
    client.version = "1.1.61.0"
    assert client.shake().content == COMPLETE
    assert "Unable to connect to specified port" in client.next("channel_closed").json()["Output"]
    with echoing() as (port, connected):
        client = hybrid.client(node, "AWS-StartPortForwardingSession", Parameters={"portNumber": [str(port)]})
        assert client.version == "1.2.0.0" and client.shake().content == COMPLETE
        client.send(OUTPUT, b"select")
        client.next("channel_closed")
        until(lambda: bool(connected))
        assert len(connected) == 1


def test_ten_megabytes_arrive_whole(hybrid: Hybrid, node: str) -> None:
    hybrid.emulated.consoles(program=["sh", "-c", "stty raw; head -c 10000000 /dev/zero | tr '\\0' x"])
    client = hybrid.client(node)
    said, pieces = 0, set()
    while said < 10_000_000:
        got = client.next()
        assert not got.payload.strip(b"x")
        said += len(got.payload)
        pieces.add(len(got.payload))
    assert max(pieces) == 1024
    client.next("channel_closed")


def test_the_timeout_follows_the_round_trips() -> None:
    sent = Sent()
    sent.add(b"0", 0.0)
    assert sent.due == 0.2 and sent.again(0.2) == b"0" and sent.due == 0.4
    sent.acknowledged(0, 0.25)
    assert sent.due is None
    for number in range(1, 60):
        sent.add(b"", float(number))
        sent.acknowledged(number, number + 0.02)
    assert 0.02 < sent.timeout < 0.05
    for number in range(60, 120):
        sent.add(b"", float(number))
        sent.acknowledged(number, number + 5.0)
    assert sent.timeout == 1.0
    sent.acknowledged(1, time.monotonic())
