"""FIX's session layer as the world plays it: gaps, repeats, resets, and who is refused."""

from __future__ import annotations

from typing import Any

import pytest

from fix_oms.world.protocol import (
    HEARTBEAT,
    LOGON,
    LOGOUT,
    RESEND_REQUEST,
    SEQUENCE_RESET,
    Acceptor,
    Packet,
    whole,
)


class Venue:
    """An acceptor with what it said, heard and refused."""

    def __init__(self) -> None:
        self.said: list[Packet] = []
        self.heard: list[str] = []
        self.refused: list[str] = []
        self.end = Acceptor(self.said.append, self.heard.append, self.refused.append)

    def hear(self, kind: str, seq: int, **more: Any) -> list[tuple[str, int]]:
        """What it says to a packet: kind and number of each."""
        before = len(self.said)
        self.end.receive(Packet(kind, seq, f"35={kind}\x01", **more))
        return [(packet.kind, packet.seq) for packet in self.said[before:]]


@pytest.fixture
def venue() -> Venue:
    made = Venue()
    made.hear(LOGON, 1)
    return made


def test_a_logon_is_answered_with_a_logon(venue: Venue) -> None:
    assert [(packet.kind, packet.seq) for packet in venue.said] == [(LOGON, 1)]


def test_a_gap_is_asked_for_once(venue: Venue) -> None:
    assert venue.hear("app", 4) == [(RESEND_REQUEST, 2)]
    assert venue.hear("app", 5) == []


def test_what_came_too_early_is_heard_after_the_gap_is_filled(venue: Venue) -> None:
    venue.hear("app", 4)
    venue.hear(SEQUENCE_RESET, 2, poss_dup=True, new_seq=4)
    assert [text.count("34=4\x01") for text in venue.heard] == [1]


def test_what_a_gap_fill_goes_past_is_never_heard(venue: Venue) -> None:
    venue.hear("app", 3)
    venue.hear(SEQUENCE_RESET, 2, poss_dup=True, new_seq=4)
    assert venue.heard == []


def test_a_low_number_is_refused_unless_it_says_that_it_is_a_repeat(venue: Venue) -> None:
    venue.hear("app", 2)
    assert venue.hear("app", 2, poss_dup=True) == []
    assert venue.hear("app", 2) == [(LOGOUT, 2)]
    assert len(venue.refused) == 1


def test_what_was_said_is_said_again_and_the_rest_is_filled(venue: Venue) -> None:
    venue.end.say("35=8\x01")
    venue.hear(HEARTBEAT, 2)
    venue.end.say("35=9\x01")
    said = venue.hear(RESEND_REQUEST, 3, begin=1)
    assert said == [(SEQUENCE_RESET, 1), ("app", 2), ("app", 3)]


def test_what_is_said_while_nobody_is_there_is_kept(venue: Venue) -> None:
    venue.end.leave()
    venue.end.say("35=8\x01")
    venue.hear(LOGON, 2)
    assert venue.hear(RESEND_REQUEST, 3, begin=2)[0] == ("app", 2)


def test_a_reset_begins_both_numbers_anew(venue: Venue) -> None:
    venue.hear("app", 2)
    assert venue.hear(LOGON, 1, reset=True) == [(LOGON, 1)]
    assert (venue.end.next_in, venue.end.next_out) == (2, 2)


def test_a_whole_message_has_its_number_in_the_header() -> None:
    assert whole("35=8\x0117=E\x01", 7, "43=Y\x01").split("\x01")[2:5] == ["35=8", "34=7", "43=Y"]
