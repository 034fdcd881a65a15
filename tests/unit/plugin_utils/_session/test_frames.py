"""Frames byte by byte, as the table in frames.py has them."""

from __future__ import annotations

import hashlib
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.railyard.fargate.plugins.plugin_utils._session import frames

# The head says its length without the payload's: 0x74 is 116. The second half of the UUID comes first.
GOLDEN = bytes.fromhex(
    "00000074"
    "6f75747075745f73747265616d5f646174612020202020202020202020202020"
    "00000001"
    "0000018bcfe56800"
    "0000000000000007"
    "0000000000000001"
    "8899aabbccddeeff"
    "0011223344556677"
    "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
    "00000001"
    "00000002"
    "6869"
)
IDENTITY = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")


def test_a_frame_is_read() -> None:
    frame = frames.unpack(GOLDEN)
    assert frame == frames.Frame("output_stream_data", 7, 1, IDENTITY, 1, b"hi")


def test_a_frame_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames.time, "time", lambda: 1_700_000_000.0)
    monkeypatch.setattr(frames.uuid, "uuid4", lambda: IDENTITY)
    assert frames.pack("output_stream_data", b"hi", 7, frames.Payload.OUTPUT, frames.SYN) == GOLDEN


def test_an_acknowledgement_names_what_it_is_of() -> None:
    said = frames.unpack(frames.acknowledge(frames.unpack(GOLDEN)))
    assert (said.kind, said.number, said.flags) == ("acknowledge", 0, 3)
    assert json.loads(said.payload) == {
        "AcknowledgedMessageType": "output_stream_data",
        "AcknowledgedMessageId": "00112233-4455-6677-8899-aabbccddeeff",
        "AcknowledgedMessageSequenceNumber": 7,
        "IsSequentialMessage": True,
    }


def test_a_kind_may_be_filled_with_zeros() -> None:
    raw = GOLDEN[:4] + b"output_stream_data".ljust(32, b"\0") + GOLDEN[36:]
    assert frames.unpack(raw).kind == "output_stream_data"


@pytest.mark.parametrize("raw", [b"", GOLDEN[:119], GOLDEN[:-1] + b"o", GOLDEN[:-1]])
def test_broken_frames_are_refused(raw: bytes) -> None:
    with pytest.raises(frames.Broken):
        frames.unpack(raw)


@pytest.mark.parametrize("kind", ["start_publication", "pause_publication"])
def test_what_the_service_itself_says_has_no_digest(kind: str) -> None:
    raw = GOLDEN[:4] + kind.encode().ljust(32) + GOLDEN[36:-1] + b"o"
    assert frames.unpack(raw).payload == b"ho"


@given(st.binary(max_size=2000), st.integers(0, 2**62), st.sampled_from(frames.Payload))
def test_written_frames_are_read(payload: bytes, number: int, payload_type: frames.Payload) -> None:
    raw = frames.pack(frames.INPUT, payload, number, payload_type)
    frame = frames.unpack(raw)
    assert (frame.kind, frame.number, frame.payload_type, frame.payload) == (frames.INPUT, number, payload_type, payload)
    assert raw[80:112] == hashlib.sha256(payload).digest()
