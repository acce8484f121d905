"""Messages broken at random, from a seed: whatever comes, engine and session live through it.

A round is one order and then a handful of messages that a broken or hostile venue might send in
its place: reports, session messages, each right or wrong in ways that are drawn (fields left out,
twice, emptied, exchanged, given a nasty value; numbers beside the next one; bytes flipped, cut, put
in; length and checksum made right again or not), and at times the connection's end. What such a
message makes of that order is not looked at, for it may say anything. What must hold afterwards:
the session is ready again, by itself or, where no side could know better, after the desk has set
the numbers; nothing left twice or under a number of before; and a new order passes and fills.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Final

import attrs

from acceptance.hostile.lane import Lane
from acceptance.hostile.message import SOH
from acceptance.hostile.venue import HostileVenue, Missing

Body = list[tuple[str, str]]
PATIENCE_S: Final = 20.0
"""For the session to recover by itself: a silence, a reconnection, and a bit."""
NASTY: Final = (
    *("", "-1", "0", "1", "999999999999999999999999", "9223372036854775808", "1e9", "-0.0", "NaN"),
    *("Y", "N", "\x00", "\xff\xfe", "=", "8=FIX.4.4", "10=000", "x" * 5000, "20000230-25:61:61"),
)
SESSION: Final[tuple[tuple[str, Body], ...]] = (
    ("0", []),
    ("0", [("112", "nobody")]),
    ("1", [("112", "fuzz")]),
    ("2", [("7", "1"), ("16", "0")]),
    ("3", [("45", "2"), ("58", "fuzz"), ("372", "D"), ("373", "5")]),
    ("4", [("123", "Y"), ("36", "{next}")]),
    ("4", [("36", "{next}")]),
    ("5", [("58", "bye")]),
    ("A", [("98", "0"), ("108", "3")]),
    ("j", [("45", "2"), ("372", "D"), ("380", "0")]),
    ("9", [("37", "V1"), ("11", "x"), ("41", "y"), ("39", "8"), ("434", "1"), ("102", "1")]),
)


@attrs.define
class Tally:
    """What a campaign did. ``helped`` counts the rounds after which the desk set the numbers."""

    rounds: int = 0
    sent: int = 0
    helped: int = 0
    reasons: Counter[str] = attrs.Factory(Counter)
    """Why the session was down when it was helped."""


def round_of(lane: Lane, draw: random.Random, tally: Tally) -> None:
    """One round. Raises AssertionError when something does not hold afterwards."""
    lane.await_ready()
    venue = lane.venue
    venue.begin()
    victim = lane.order(50)
    for _ in range(draw.randrange(1, 9)):
        try:
            _hostile(venue, victim, draw)
        except Missing:  # the engine has hung up
            if draw.random() < 0.7:
                break
        tally.sent += 1
    venue.behave()
    try:
        lane.await_ready(PATIENCE_S)
    except AssertionError:
        tally.helped += 1
        tally.reasons[re.sub(r"\d+", "N", lane.session().reason)] += 1
        lane.mend()
    venue.book.forget()
    for _ in range(3):  # the last word of the engine on what came before may come only now
        with contextlib.suppress(Missing):
            _fill_one(lane)
            break
        lane.await_ready()
    assert not venue.violations, venue.violations
    tally.rounds += 1


def _fill_one(lane: Lane) -> None:
    fresh = lane.order(1)
    lane.venue.send("8", lane.venue.book.fill(fresh, 1))
    lane.until(lambda: lane.is_filled(fresh), f"order {fresh} never filled")
    lane.venue.book.forget()


def _hostile(venue: HostileVenue, victim: str, draw: random.Random) -> None:
    """One message, or the connection's end."""
    lot = draw.random()
    if lot < 0.03:
        venue.close(reset=draw.random() < 0.5)
        return
    if lot < 0.08:
        venue.write(draw.randbytes(draw.randrange(1, 400)))
        return
    kind, body = meant = _message(venue, victim, draw)
    wrong = _wrong(venue, draw)
    for _ in range(draw.choice((0, 0, 1, 1, 2, 5))):
        body = draw.choice(BODIES)(body, draw)
    whole = venue.composed(kind, venue.next_out, body, wrong)
    if draw.random() < 0.35:
        whole = _bytes(whole, draw)
        if draw.random() < 0.6:
            whole = _summed(whole)
    venue.write(whole)
    lot = draw.random()
    if lot < 0.97:  # asked for again it comes right, mostly; else its number is used again
        venue.keep(*(meant if lot < 0.94 else (kind, body)))


def _message(venue: HostileVenue, victim: str, draw: random.Random) -> tuple[str, Body]:
    order = venue.book.orders.get(victim)
    if order is not None and draw.random() < 0.6:
        exec_type = draw.choice("0F124568ACDEI")
        return "8", venue.book.report(order, exec_type, draw.choice((0, 1, 50)))
    kind, body = draw.choice(SESSION)
    ahead = str(venue.next_out + draw.choice((-3, 0, 1, 1, 1, 1)))
    return kind, [(tag, value.replace("{next}", ahead)) for tag, value in body]


def _wrong(venue: HostileVenue, draw: random.Random) -> dict[str, str | None]:
    """What is wrong with header and trailer; mostly nothing."""
    lot = draw.random()
    if lot < 0.6:
        return {}
    if lot < 0.75:
        return {"34": str(venue.next_out + draw.choice((-5, -1, 1, 2, 10)))}
    if lot < 0.85:
        return {"43": "Y", "122": "20200101-00:00:00"}
    tag = draw.choice(("8", "9", "35", "34", "49", "52", "56", "43", "122", "10", "97", "1128"))
    return {tag: draw.choice((None, *(value for value in NASTY if SOH not in value)))}


def _left_out(body: Body, draw: random.Random) -> Body:
    at = draw.randrange(len(body) + 1)
    return body[:at] + body[at + 1 :]


def _twice(body: Body, draw: random.Random) -> Body:
    return [*body, draw.choice(body)] if body else body


def _nasty(body: Body, draw: random.Random) -> Body:
    at = draw.randrange(len(body) + 1)
    return [(t, draw.choice(NASTY)) if i == at else (t, v) for i, (t, v) in enumerate(body)]


def _exchanged(body: Body, draw: random.Random) -> Body:
    return draw.sample(body, len(body))


def _foreign(body: Body, draw: random.Random) -> Body:
    tag = draw.choice(("0", "-1", "453", "448", "95", "96", "5000", "99999999999", "abc", "58"))
    return [*body, (tag, draw.choice(NASTY))]


BODIES: Final[tuple[Callable[[Body, random.Random], Body], ...]] = (
    *(_left_out, _twice, _nasty, _nasty, _exchanged, _foreign),
)


def _bytes(whole: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(whole))
    by = draw.randrange(1, 12)
    return draw.choice(
        (
            whole[:at] + bytes([draw.randrange(256)]) + whole[at + 1 :],
            whole[:at] + whole[at + by :],
            whole[:at] + draw.randbytes(by) + whole[at:],
            whole[:at],
            whole[:at] + whole[max(0, at - by) :],
        )
    )


def _summed(whole: bytes) -> bytes:
    """With BodyLength(9) and CheckSum(10) right for what there is, where it still has them."""
    head, _, rest = whole.partition(b"\x0135=")
    inner, found, _ = rest.rpartition(b"\x0110=")
    begin = head.partition(b"\x019=")[0]
    if not found or not begin:
        return whole
    inner = b"35=" + inner + b"\x01"
    text = begin + b"\x019=%d\x01" % len(inner) + inner
    return text + b"10=%03d\x01" % (sum(text) % 256)
