"""What algos ask for, as values: the acts that an algo returns, and the record of them.

An algo (``fix_oms.algos``) is told events and returns acts. They are not done at once: they stand
in the journal first (:class:`Acts`), and are carried out from there, as routing decisions are. So a
replay does what was done, also where the algo is another version by then or cannot be had at all,
and a crash between what an algo saw and what it did about it does it exactly once.

An algo gives each of its orders a ``name`` of its own, new each time.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from fix_oms.model.units import Fixed


class AlgoAct(msgspec.Struct, frozen=True, kw_only=True, tag_field="a"):
    """The base of all acts."""


class Place(AlgoAct, frozen=True, kw_only=True, tag="place"):
    """Send an order under ``name``, through the whole gate.

    ``policy`` None: one order, to ``venue`` or where the gate chooses. Else a parent that the
    router sends by that policy (empty: the instrument's). ``price`` None: a market order.
    ``account`` None: the algo's. ``hedge``: it may use the share of the message rate that is
    reserved for hedges.
    """

    name: str
    symbol: str
    side: str
    qty: Fixed
    price: Fixed | None = None
    stop_px: Fixed | None = None
    time_in_force: str = "0"
    venue: str | None = None
    policy: str | None = None
    reduce_only: bool = False
    account: str | None = None
    hedge: bool = False


class Change(AlgoAct, frozen=True, kw_only=True, tag="change"):
    """Replace the order of that name: its new total quantity, its new prices; None keeps it."""

    name: str
    qty: Fixed | None = None
    price: Fixed | None = None
    stop_px: Fixed | None = None


class Cancel(AlgoAct, frozen=True, kw_only=True, tag="cancel"):
    """Cancel the order of that name."""

    name: str


class Carry(AlgoAct, frozen=True, kw_only=True, tag="carry"):
    """Add ``qty`` (below 0: take it away) to the balance that is carried for an account (None: the
    algo's), venue, symbol and side: what is too little to be sent, shared by all algos."""

    symbol: str
    side: str
    qty: Fixed
    venue: str = ""
    account: str | None = None


class Wake(AlgoAct, frozen=True, kw_only=True, tag="wake"):
    """Call ``on_time`` at this time (ns UTC); takes the place of the one asked for before. 0: never
    mind."""

    at_ns: int


class Tell(AlgoAct, frozen=True, kw_only=True, tag="tell"):
    """Tell people."""

    severity: Literal["info", "warning", "severe"]
    text: str


class Hold(AlgoAct, frozen=True, kw_only=True, tag="hold"):
    """Stop here: a person has to look, and resumes it or stops it."""

    why: str


class Done(AlgoAct, frozen=True, kw_only=True, tag="done"):
    """There is nothing more to do: what still works is taken out, then the algo has ended."""

    why: str


AnyAct = Place | Change | Cancel | Carry | Wake | Tell | Hold | Done


class Acts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an algo does about one event (``cause``, in words): its ``number``-th record.

    ``mind`` is all that the algo remembers afterwards, encoded: it goes on from here. ``watches``
    are the symbols whose books it is told of from here on, and ``most`` its bounds (symbol, whether
    it buys, quantity); None: as before.
    """

    algo: str
    number: int
    cause: str
    acts: tuple[AnyAct, ...]
    mind: bytes
    watches: tuple[str, ...] | None = None
    most: tuple[tuple[str, bool, Fixed], ...] | None = None
