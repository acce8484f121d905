"""What takes more than a line: floods, storms, messages cut anywhere. ``act NAME …`` in a case.

What is drawn at random comes from a seed in the case's line, so that it is the same each time.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable
from typing import Final

from acceptance.hostile.book import Order
from acceptance.hostile.lane import Lane
from acceptance.hostile.message import SOH, utc
from acceptance.hostile.venue import Missing
from fix_oms.model.fix import FixVersion

Act = Callable[..., None]


def storm(lane: Lane, cl_ord_id: str, count: str) -> None:
    """A fill of 1 under the next number, and then again so many times as a possible duplicate."""
    venue = lane.venue
    number, sent = venue.next_out, utc()
    body = venue.book.fill(cl_ord_id, 1)
    venue.send("8", body)
    again = venue.composed("8", number, body, {"43": "Y", "122": sent})
    _write(lane, again, int(count))


def renumbered(lane: Lane, cl_ord_id: str, count: str) -> None:
    """The same fill so many times, each under a number of its own: new to the session."""
    venue = lane.venue
    body = venue.book.fill(cl_ord_id, 1)
    for _ in range(int(count)):
        venue.send("8", [*body, ("97", "Y")])


def flood(lane: Lane, count: str, kind: str, *fields: str) -> None:
    """So many messages of a kind, as fast as they go, or until the engine hangs up."""
    body = [(tag, value) for tag, _, value in (f.partition("=") for f in fields)]
    venue = lane.venue
    at = venue.connections
    for _ in range(int(count)):
        if venue.connections == at and venue.connected:
            with contextlib.suppress(Missing):
                venue.send(kind, body)


def cut(lane: Lane, seed: str, times: str) -> None:
    """A fill cut at a byte drawn at random, then the connection is closed; so many times."""
    draw, venue = random.Random(int(seed)), lane.venue
    for _ in range(int(times)):
        lane.await_ready()
        name = lane.order(1)
        whole = venue.composed("8", venue.next_out, venue.book.fill(name, 1), {})
        body = [p.split("=", 1) for p in whole.decode("latin-1").split(SOH)[7:-2]]
        at = draw.randrange(1, len(whole))
        venue.write(whole[:at])
        venue.close()
        venue.keep("8", [(t, v) for t, v in body])
        lane.await_ready()


def drip(lane: Lane, cl_ord_id: str) -> None:
    """A fill in segments of one byte."""
    venue = lane.venue
    whole = venue.composed("8", venue.next_out, venue.book.fill(cl_ord_id, 1), {})
    for at in range(len(whole)):
        venue.write(whole[at : at + 1])
        time.sleep(0.001)
    venue.next_out += 1


def packed(lane: Lane, cl_ord_id: str, count: str) -> None:
    """So many fills in one segment, and half of the next message; the rest follows."""
    venue = lane.venue
    texts = []
    for _ in range(int(count)):
        body = venue.book.fill(cl_ord_id, 1)
        texts.append(venue.composed("8", venue.next_out, body, {}))
        venue.next_out += 1
    data = b"".join(texts)
    venue.write(data[:-40])
    venue.write(data[-40:])


def shuffled(lane: Lane, cl_ord_id: str, seed: str, count: str) -> None:
    """So many fills, their fields behind MsgType(35) in an order drawn from the seed."""
    venue, draw = lane.venue, random.Random(int(seed))
    for _ in range(int(count)):
        body = venue.book.fill(cl_ord_id, 1)
        whole = venue.composed("8", venue.next_out, body, {}).decode("latin-1")
        begin, length, kind, *rest, _check, _end = whole.split(SOH)
        draw.shuffle(rest)
        text = SOH.join([begin, length, kind, *rest]) + SOH
        venue.write(f"{text}10={sum(text.encode('latin-1')) % 256:03d}{SOH}".encode("latin-1"))
        venue.keep("8", body)


def parting(lane: Lane, new_seq_no: str) -> None:
    """A Logout(5), and in the same segment a SequenceReset(4) in reset mode to this number."""
    venue = lane.venue
    first = venue.composed("5", venue.next_out, [], {})
    venue.keep("5", [])
    venue.write(first + venue.composed("4", venue.next_out, [("36", new_seq_no)], {}))


def behind(lane: Lane, cl_ord_id: str, length: str) -> None:
    """A heartbeat and a fill with this BodyLength(9), in one segment."""
    venue = lane.venue
    first = venue.composed("0", venue.next_out, [], {})
    venue.keep("0", [])
    body = venue.book.fill(cl_ord_id, 1)
    venue.write(first + venue.composed("8", venue.next_out, body, {"9": length}))
    venue.keep("8", body)


def big(lane: Lane, cl_ord_id: str, shape: str, size: str) -> None:
    """A fill that is far too long: ``field`` one value, ``fields`` many, ``group`` many entries."""
    venue, n = lane.venue, int(size)
    body = venue.book.fill(cl_ord_id, 1)
    more = {
        "field": [("58", "x" * n)],
        "fields": [(str(10_000 + i), "x") for i in range(n if shape == "fields" else 0)],
        "group": [
            ("453", str(n)),
            *[("448", f"P{i}") for i in range(n if shape == "group" else 0)],
        ],
    }[shape]
    venue.send("8", body + more)


def stream(lane: Lane, seconds: str, *text: str) -> None:
    """The same bytes again and again, without a pause, until the engine hangs up."""
    data = " ".join(text).replace("|", SOH).encode("latin-1") * 256
    limit = time.monotonic() + float(seconds)
    at = lane.venue.connections
    while time.monotonic() < limit:
        if not lane.venue.connected or lane.venue.connections != at:
            return
        try:
            lane.venue.write(data)
        except AssertionError:
            return
        time.sleep(0.05)
    raise AssertionError(f"the engine listens to it for {seconds} s")


def forget(lane: Lane, number: str) -> None:
    """The venue has lost its numbers: its next message bears this one."""
    lane.venue.next_out = int(number)


def jump(lane: Lane, by: str) -> None:
    """The venue's numbers go on so much further."""
    lane.venue.next_out += int(by)


def reset(lane: Lane, *fields: str) -> None:
    """In the middle of it all a Logon(A) with ResetSeqNumFlag(141)=Y, and its answer awaited."""
    venue = lane.venue
    venue.reset()
    said = dict(f.split("=", 1) for f in fields)
    body = [("98", "0"), ("108", "3"), ("141", "Y")]
    if venue.version is FixVersion.FIX50SP2:
        body.append(("1137", "9"))
    venue.send("A", [(t, said.get(t, v)) for t, v in body])
    venue.until(lambda: not venue.resetting, "the answer to a Logon with reset")


def sip(lane: Lane, seconds: str) -> None:
    """Of what the engine sends, a few bytes are read now and then: it is never quite stuck."""
    venue = lane.venue
    venue.sips = True
    limit = time.monotonic() + float(seconds)
    body = [("112", "x" * 50_000)]
    while time.monotonic() < limit and venue.connected:
        try:
            venue.send("1", body)
        except AssertionError:
            return
        time.sleep(0.02)


def stuff(lane: Lane, count: str) -> None:
    """TestRequests whose long answers fill every buffer."""
    for _ in range(int(count)):
        lane.venue.send("1", [("112", "x" * 100_000)])


def refuse(lane: Lane, seconds: str) -> None:
    """For so long no connection is accepted: the queue is full, a SYN is not answered."""
    lane.venue.refuse(float(seconds))


def foreign(lane: Lane, count: str) -> None:
    """Fills of an order that nobody knows: buys and sells, so that the position stays as it is."""
    venue = lane.venue
    order = Order("NOBODY", "NOBODY", "1", lane.symbol, int(count))
    for number in range(int(count)):
        order.side, order.cum = "12"[number % 2], number + 1
        body = venue.book.report(order, "F", 1)
        venue.send("8", [(t, f"{v}{order.side}" if t in ("37", "11") else v) for t, v in body])


def _write(lane: Lane, data: bytes, count: int) -> None:
    for _ in range(count):
        lane.venue.write(data)


ACTS: Final[dict[str, Act]] = {
    "storm": storm,
    "renumbered": renumbered,
    "flood": flood,
    "cut": cut,
    "drip": drip,
    "packed": packed,
    "behind": behind,
    "parting": parting,
    "shuffled": shuffled,
    "big": big,
    "stream": stream,
    "forget": forget,
    "jump": jump,
    "reset": reset,
    "sip": sip,
    "stuff": stuff,
    "refuse": refuse,
    "foreign": foreign,
}
