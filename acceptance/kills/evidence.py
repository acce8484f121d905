"""What each side's own journal proves, read while both are at work.

*Ours* follows the engine's journal as a standby would: a second engine that has not stopped, beside
the set of what was asked to leave, what left, and what came in. *Theirs* follows a venue's journal
through a second Station: every message that the venue took in, every report that it gave out, and
its orders as it knows them. Neither asks a living process anything, so a kill changes nothing here.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from fix_oms.engine import Engine
from fix_oms.journal.follower import Follower
from fix_oms.model import inputs
from fix_oms.model.errors import SettingsError
from fix_oms.model.fix import FixVersion
from fix_oms.model.outputs import Output, Send
from fix_oms.orders.order import Order
from fix_oms.orders.requests import Request
from fix_oms.simulator.floor import ActRefused
from fix_oms.simulator.order import Order as VenueOrder
from fix_oms.simulator.station import Opened, Received, Station, decode

REQUESTS: Final = ("35=D\x01", "35=F\x01", "35=G\x01")
LOW: Final = "too low"
"""What a QuickFIX says to a peer whose number it has seen before."""


def field(text: str, tag: int) -> str:
    """The first field of this tag, or the empty text."""
    _, found, rest = f"\x01{text}".partition(f"\x01{tag}=")
    return rest.partition("\x01")[0] if found else ""


@attrs.define
class Numbers:
    """The inbound numbers of one session: each is expected once its predecessor was journaled.

    A Logon(A) that comes ahead of a gap is journaled at once, and its number passed over when the
    gap is closed.
    """

    next: int = 1
    skipped: list[str] = attrs.field(factory=list)
    _ahead: set[int] = attrs.field(factory=set)

    def heard(self, text: str, expected: int) -> None:
        """A message came in while ``expected`` was expected."""
        missed = [n for n in range(self.next, expected) if n not in self._ahead]
        if missed:
            self.skipped.append(f"{missed[0]} to {missed[-1]} never came in")
        number = int(field(text, 34))
        if number > expected:
            self._ahead.add(number)
        self.next = expected
        if number == expected:
            is_gap_fill = field(text, 35) == "4" and field(text, 123) == "Y"
            self.next = int(field(text, 36)) if is_gap_fill else expected + 1


class Ours:
    """The engine's side. ``poll`` reads on."""

    def __init__(self, journal: Path) -> None:
        self.engine: Final = Engine()
        self.asked: dict[str, str] = {}
        """ClOrdID(11) of every request that a step sent -> session, in order."""
        self.left: set[str] = set()
        self.not_sent: set[str] = set()
        self.answered: set[str] = set()
        """ClOrdID(11) of every message that came in."""
        self.exec_ids: Counter[tuple[str, str]] = Counter()
        self.refused_low: list[str] = []
        self.numbers: dict[str, Numbers] = {}
        self.resets: list[tuple[str, int]] = []
        """Session and time of every reset: what was on its way then is gone, by the standard."""
        self.downs: Counter[str] = Counter()
        """How often each session went down."""
        self.last_ns = 0
        self._follower: Final = Follower(journal)

    def close(self) -> None:
        self._follower.close()

    def poll(self) -> None:
        """Read what is new."""
        while batch := self._follower.poll():
            for record in batch:
                self.last_ns = record.time_ns
                value = inputs.decode(record.payload)
                self._note(record.time_ns, value)
                self._said(self.engine.step(record.time_ns, value))

    def _said(self, outputs: list[Output]) -> None:
        for output in outputs:
            if isinstance(output, Send) and output.text.startswith(REQUESTS):
                self.asked[output.cl_ord_id] = output.session

    def _note(self, now: int, value: inputs.AnyInput) -> None:
        match value:
            case inputs.Sent():
                self.left.add(value.cl_ord_id)
            case inputs.NotSent():
                self.not_sent.add(value.cl_ord_id)
            case inputs.FixIn():
                self._heard(value.session, value.text, value.expected)
                self.answered.add(field(value.text, 11))
                self.exec_ids[value.session, field(value.text, 17)] += 1
            case inputs.AdminIn():
                self._heard(value.session, value.text, value.expected)
                if LOW in field(value.text, 58):
                    self.refused_low.append(f"{value.session} refused us: {field(value.text, 58)}")
            case inputs.AdminOut():
                if LOW in value.text:
                    self.refused_low.append(f"we refused {value.session}: {value.text}")
            case inputs.SessionDown():
                self.downs[value.session] += 1
                if LOW in value.reason:
                    self.refused_low.append(f"{value.session} went down: {value.reason}")
            case inputs.SessionEpoch():
                self.numbers[value.session] = Numbers(value.next_in)
                self.resets.append((value.session, now))

    def _heard(self, session: str, text: str, expected: int) -> None:
        self.numbers.setdefault(session, Numbers()).heard(text, expected)

    def orders(self) -> Iterator[Order]:
        """Every order of our own, as it stands."""
        return (order for order in self.engine.state.book.orders if not order.external)

    def waiting(self) -> dict[str, Request]:
        """The requests without an answer, by ClOrdID(11)."""
        held = self.engine.state.waiting.items()
        return {cl_ord_id: w.request for cl_ord_id, w in held if not w.is_settled}


class Theirs:
    """One venue's side."""

    def __init__(self, name: str, version: str, directory: Path) -> None:
        self.name: Final = name
        self.received: Counter[str] = Counter()
        """ClOrdID(11) of every request that came in, with how often."""
        self.possible_duplicates: list[str] = []
        self.reports: dict[str, tuple[int, str]] = {}
        """ExecID(17) of every report that was given out -> its time (ns UTC) and ClOrdID(11)."""
        self.starts: list[int] = []
        self._station: Final = Station(name, FixVersion(version))
        self._follower: Final = Follower(directory / "journal")

    def close(self) -> None:
        self._follower.close()

    def poll(self) -> None:
        """Read what is new."""
        while batch := self._follower.poll():
            for record in batch:
                value = decode(record.payload)
                if isinstance(value, Received):
                    self._note(value.text)
                elif isinstance(value, Opened):
                    self.starts.append(record.time_ns)
                with contextlib.suppress(ActRefused, SettingsError):  # refused then, refused again
                    for _, text in self._station.step(record.time_ns, value):
                        if (exec_id := field(text, 17)) not in ("", "0"):
                            self.reports[exec_id] = (record.time_ns, field(text, 11))

    def _note(self, text: str) -> None:
        if field(text, 35) in ("D", "F", "G"):
            self.received[field(text, 11)] += 1
            if field(text, 43) == "Y":
                self.possible_duplicates.append(field(text, 11))

    @property
    def is_busy(self) -> bool:
        """Whether something is still to come by itself."""
        return self._station.next_due() is not None

    def orders(self) -> list[VenueOrder]:
        """The clients' orders."""
        return [order for order in self._station.venue.floor.orders.values() if order.session]
