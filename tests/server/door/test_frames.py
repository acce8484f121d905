"""Where messages begin and end, however the bytes come."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fix_oms.server.door.frames import Frames, NotFix, TooLong
from tests.server.door.caller import whole

MESSAGES = [whole("A", 1), whole("D", 2, "58=8=FIX.4.4|"), whole("0", 3)]
STREAM = b"".join(MESSAGES)


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_the_same_messages_are_found_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    frames, found = Frames(1000), []
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in itertools.pairwise(edges):
        found += frames.add(STREAM[start:end])
    assert (found, frames.rest) == (MESSAGES, b"")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03",
        b"8=FIX.4.4\x0135=A\x019=5\x01" + 20 * b"x",
        b"8=FIX.4.4\x019=-5\x01" + 30 * b"x",
        b"8=FIX.4.4\x019=99999999999999999999999\x01",
        whole("A", 1).replace(b"\x0135=A", b"\x0135=AAAA"),
        b"\x00" * 100,
        b"8=" + 64 * b"\xff",
    ],
    ids=["http", "tls", "order", "below 0", "endless", "kind too long", "nothing", "no text"],
)
def test_what_is_no_message_is_told_from_its_first_bytes(data: bytes) -> None:
    with pytest.raises(NotFix):
        Frames(1000).add(data)


def test_a_message_that_is_too_long_is_refused_by_what_it_says_of_itself() -> None:
    with pytest.raises(TooLong, match="a message of 200000029 bytes; at most 1000 are taken"):
        Frames(1000).add(b"8=FIX.4.4\x019=200000000\x01")


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_wait_or_are_refused_and_nothing_else(data: bytes) -> None:
    frames = Frames(100)
    try:
        found = frames.add(data)
    except NotFix:
        return
    assert b"".join(found) + frames.rest == data
    assert len(frames.rest) <= 100
