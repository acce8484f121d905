"""What the venue's desk can do by hand, and what it can be asked: one tagged value each.

They cross the control socket, and those that change the venue stand in its journal, so that a
restart replays them. ``order`` is an OrderID(37), a ClOrdID(11), or SESSION/ClOrdID where two
sessions use the same one.
"""

from __future__ import annotations

import msgspec

from fix_oms.model.units import Fixed
from fix_oms.simulator.script import Script


class Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="k"):
    """The base of what changes a venue."""


class Set(Act, frozen=True, kw_only=True, tag="set"):
    """Change one behaviour; ``value`` as it would stand in TOML."""

    key: str
    value: str


class Fill(Act, frozen=True, kw_only=True, tag="fill"):
    """Trade an order outside the book. On an order that has ended this is a late fill."""

    order: str
    quantity: Fixed
    price: Fixed


class Cancel(Act, frozen=True, kw_only=True, tag="cancel"):
    """An unsolicited cancel."""

    order: str
    text: str | None = None


class Refuse(Act, frozen=True, kw_only=True, tag="reject"):
    """Reject an order, also after it was acknowledged."""

    order: str
    text: str | None = None


class Expire(Act, frozen=True, kw_only=True, tag="expire"):
    order: str


class Done(Act, frozen=True, kw_only=True, tag="done"):
    """Done for the day: a Day order is over, a GTC order rests until the market opens again."""

    order: str


class Bust(Act, frozen=True, kw_only=True, tag="bust"):
    exec_id: str
    text: str | None = None


class Correct(Act, frozen=True, kw_only=True, tag="correct"):
    """Restate a trade: ``quantity`` is the corrected size, not a difference."""

    exec_id: str
    quantity: Fixed
    price: Fixed
    text: str | None = None


class CloseMarket(Act, frozen=True, kw_only=True, tag="close"):
    """Every Day order expires; new orders are rejected until the market opens."""


class OpenMarket(Act, frozen=True, kw_only=True, tag="open"):
    """A new day: Good Till orders that were done for the day are restated and work again."""


class Play(Act, frozen=True, kw_only=True, tag="play"):
    """Play the broker of a published scenario to a session, in place of the book.

    ``symbol`` says whose orders are for the play, None the one of the first order that comes.
    Each request must come within ``timeout_ms``.
    """

    session: str
    script: Script
    symbol: str | None = None
    timeout_ms: int = 60_000


AnyAct = (
    Set | Fill | Cancel | Refuse | Expire | Done | Bust | Correct | CloseMarket | OpenMarket | Play
)
