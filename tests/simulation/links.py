"""What lies between the gate and everybody else, in virtual time: two kinds of link.

A *FIX session* loses, repeats and reorders nothing by itself. It is late, and it breaks: what was
on its way is then lost on the wire, whoever sent it learns of that only later, and on the next
logon the venue's reports are resent in order while orders of ours are not (they are gap-filled, and
the venue's ResendRequest(7) says which they were). A venue may say a report again under a new
number, flagged PossResend(97): that is the venue's doing, and it happens.

A *channel* (position messages, what the bot hears of its orders) promises nothing: each message may
be late on its own, lost, or come twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import attrs

from fix_oms.model import inputs
from fix_oms.model.outputs import Send
from fix_oms.world.clock import Act, Clock
from fix_oms.world.wire import Line

Give = Callable[[inputs.Input], object]


@attrs.frozen(kw_only=True)
class Lateness:
    """How a channel treats what it carries; ``delay`` in ms, the others are shares of 1."""

    delay: tuple[float, float] = (10, 20)
    loss: float = 0.0
    again: float = 0.0


class Channel:
    """Late, lossy, repeating. ``silent`` while nobody speaks at all."""

    def __init__(self, clock: Clock, draw: random.Random, lateness: Lateness) -> None:
        self._clock: Final = clock
        self._draw: Final = draw
        self._lateness: Final = lateness
        self.silent = False

    def put(self, act: Act) -> None:
        """Carry one message, whose arrival is ``act``."""
        lateness, draw = self._lateness, self._draw
        lost, again = draw.random() < lateness.loss, draw.random() < lateness.again
        first, second = draw.uniform(*lateness.delay), draw.uniform(*lateness.delay)
        if self.silent or lost:
            return
        self._clock.after_ms(first, act)
        if again:
            self._clock.after_ms(first + second, act)


class FixSession:
    """The session of one venue: ``give`` takes what the gate hears, ``hears`` what the venue does.

    ``store`` holds the venue's reports by number, from 1 on, as a FIX acceptor keeps them.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        draw: random.Random,
        delay_ms: tuple[float, float],
        give: Give,
        hears: Callable[[str], None],
    ) -> None:
        self.name: Final = name
        self.store: list[str] = []
        self._clock: Final = clock
        self._give: Final = give
        self._hears: Final = hears
        self._out: Final = Line(clock, draw, delay_ms)
        self._in: Final = Line(clock, draw, delay_ms)
        self._joined = False  # whether the wire carries
        self._is_up = False  # whether the gate's side holds it for up
        self._next_out = 1
        self._heard_by_venue = 0
        self._heard_by_gate = 0

    def leave(self, message: Send) -> None:
        """A message of the gate's is handed to the session."""
        if not self._is_up:
            self._give(
                inputs.NotSent(
                    session=self.name,
                    cl_ord_id=message.cl_ord_id,
                    text=message.text,
                    reason="the session is down",
                )
            )
            return
        seq, self._next_out = self._next_out, self._next_out + 1
        if self._joined:
            self._out.put(lambda: self._reach_venue(seq, message.text))
        now = self._clock.now
        self._give(
            inputs.Sent(
                session=self.name,
                epoch=1,
                seq=seq,
                cl_ord_id=message.cl_ord_id,
                text=message.text,
                received_ns=now,
                stepped_ns=now,
                durable_ns=now,
                sent_ns=now,
            )
        )

    def say(self, text: str) -> None:
        """The venue says something; while it is away it is kept for the next logon."""
        self.store.append(text)
        number = len(self.store)
        if self._joined:
            self._in.put(lambda: self._reach_gate(number, ""))

    def cut(self, noticed_ms: float, back_ms: float) -> None:
        """The wire breaks. The gate's side notices later, and logs on again after that."""
        if not self._joined:
            return
        self._joined = False
        self._out.cut()
        self._in.cut()
        self._clock.after_ms(noticed_ms, self._notice)
        self._clock.after_ms(noticed_ms + back_ms, self.join)

    def join(self) -> None:
        """Log on: what the gate missed is resent, what the venue missed is asked about."""
        self._joined = self._is_up = True
        self._give(inputs.SessionUp(session=self.name))
        missed = self._heard_by_venue + 1
        if missed < self._next_out:
            self._heard_by_venue = self._next_out - 1
            ask = inputs.PeerResend(session=self.name, begin=missed, end=0)
            self._in.put(lambda: self._give(ask))
        for number in range(self._heard_by_gate + 1, len(self.store) + 1):
            self._resend(number)
        self._in.put(lambda: self._give(inputs.SessionReady(session=self.name)))

    def _resend(self, number: int) -> None:
        self._in.put(lambda: self._reach_gate(number, "43=Y\x01"))

    def _notice(self) -> None:
        self._is_up = False
        self._give(inputs.SessionDown(session=self.name, reason="cut"))

    def _reach_venue(self, seq: int, text: str) -> None:
        self._heard_by_venue = seq
        self._hears(f"8=FIX.4.4\x019=0\x01{text}34={seq}\x0110=000\x01")

    def _reach_gate(self, number: int, flags: str) -> None:
        assert number == self._heard_by_gate + 1, "a session skips and repeats nothing"
        self._heard_by_gate = number
        body = self.store[number - 1]
        text = f"8=FIX.4.4\x019=0\x01{body}34={number}\x01{flags}10=000\x01"
        self._give(inputs.FixIn(session=self.name, text=text, expected=number))
