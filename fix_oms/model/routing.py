"""What routing is made of, as values: fees, contracts, policies, what a decision saw and decided.

A routing policy is data (:class:`Policy`, a table of the configuration) and one small pure function
of it and of a :class:`View`. A view holds all that the decision may look at, and stands in the
journal beside the :class:`Plan` that came of it, so that anybody can ask of any child why it was
sent (``fix-oms explain``).

In a view all is said from the parent's side: a venue's ``take`` are the levels that it could trade
with at once (the offers, for a buy), its ``join`` those among which it would wait.
"""

from __future__ import annotations

from typing import Final

import attrs
import msgspec

from fix_oms.model.units import Fixed, Notional
from fix_oms.model.validators import is_name, not_negative, positive

DIRECT: Final = "direct"
BEST: Final = "best"
SWEEP: Final = "sweep"
POST: Final = "post"
SPLIT: Final = "split"
DARK: Final = "dark"
PRO_RATA: Final = "pro_rata"
KINDS: Final = (DIRECT, BEST, SWEEP, POST, SPLIT, DARK, PRO_RATA)

REST_POST: Final = "post"
REST_STOP: Final = "stop"
REST_SWEEP: Final = "sweep"
RESTS: Final = (REST_POST, REST_STOP, REST_SWEEP)

OUTFLOW_S: Final = 30
"""The length of the intervals whose traded quantities a venue's ``outflow`` holds."""
MILLION: Final = 1_000_000
"""Shares (of what was sent, filled, rejected) are whole millionths: no float decides anything."""


# -- the configuration ----------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Fees:
    """What an execution costs at a venue; below 0 is a rebate. The two parts are added up.

    ``taker`` and ``maker`` are money for one unit of quantity; ``taker_bps`` and ``maker_bps`` are
    hundredths of a percent of the execution's notional. A taker removes liquidity, a maker rests.
    """

    taker: Fixed = 0
    maker: Fixed = 0
    taker_bps: Fixed = 0
    maker_bps: Fixed = 0


NO_FEES: Final = Fees()


@attrs.frozen(kw_only=True)
class Contract:
    """What a venue asks of an instrument otherwise than the instrument's own table says.

    None: as there. Quantities are multiples of ``lot`` and at least ``min_qty``; ``min_notional``
    is money.
    """

    tick: Fixed | None = attrs.field(default=None, validator=positive)
    lot: Fixed | None = attrs.field(default=None, validator=positive)
    min_qty: Fixed | None = attrs.field(default=None, validator=positive)
    max_qty: Fixed | None = attrs.field(default=None, validator=positive)
    min_notional: Fixed | None = attrs.field(default=None, validator=positive)
    fees: Fees | None = None


@attrs.frozen(kw_only=True)
class Policy:
    """How a parent's quantity goes to market.

    ``kind`` is direct (one named venue, the parent's own terms, nothing else), best (the one venue
    that costs least, fees and rebates counted), sweep (all that the books show within the limit, at
    once, by IOC orders), post (wait where it is likeliest to fill), split (part now, part waiting:
    Cont and Kukanov 2017), dark (venues that show nothing, by what they have filled: Ganchev et
    al. 2010), pro_rata (by displayed size).
    """

    name: str = attrs.field(validator=is_name)
    kind: str = attrs.field(validator=attrs.validators.in_(KINDS))
    rest: str = attrs.field(default=REST_POST, validator=attrs.validators.in_(RESTS))
    """What becomes of what was not taken at once: it is posted, it is not sent (stop), or, after
    dark venues, it is swept and then posted."""
    venues: tuple[str, ...] = ()
    """The router may choose from these; empty: from all of the instrument's."""
    max_reroutes: int = attrs.field(default=10, validator=positive)
    """So often running the parent is routed again without any execution in between; then it is
    held until a person resumes or cancels it."""
    skip_s: int = attrs.field(default=30, validator=not_negative)
    """A venue that has rejected a child, or let one wait for its acknowledgement, is left out for
    so long."""
    rework_s: int = attrs.field(default=0, validator=not_negative)
    """Posted quantity is taken back and routed again once a venue shows something to take within
    the limit; at most once in so many seconds. 0: what is posted stays."""
    under_bps: Fixed = attrs.field(default=1_000_000_000, validator=not_negative)
    """split: what each unit that is not filled in time is taken to cost, in hundredths of a
    percent of the price: what chasing it would."""
    over_bps: Fixed = attrs.field(default=1_000_000_000, validator=not_negative)
    """split: the same for a unit too many. As none is ever sent it changes no decision
    (:mod:`fix_oms.routing.splitting`)."""
    dark_unit: Fixed = attrs.field(default=10_000_000_000, validator=positive)
    """dark: the learning counts in such steps (100 shares)."""


BUILT_IN: Final[dict[str, Policy]] = {kind: Policy(name=kind, kind=kind) for kind in KINDS}
"""There without configuration, each under its kind's name."""


# -- what a decision saw ---------------------------------------------------------------------------


LevelSeen = tuple[Fixed, Fixed]
"""A price, and the quantity shown at it."""


class VenueView(msgspec.Struct, frozen=True, kw_only=True):
    """One venue as a decision saw it. ``shut`` says why nothing may go there; empty: it may.

    ``take`` and ``join`` are best first, ``take`` within the parent's limit and less what our own
    orders on the way will have taken, ``join`` less what of the parent itself is shown there.
    ``book`` says why its book is not traded with (stale, crossed, gap, missing); empty: it is. Fees
    as in :class:`Fees`. ``fill_rate`` is the share of what was sent to take and was filled,
    ``post_rate`` that of what was posted, ``reject_rate`` that of orders refused, in millionths;
    ``ack_ns`` the time to the acknowledgement that half of them took. ``outflow`` are quantities
    that traded there in past intervals of ``OUTFLOW_S``; ``dark`` the learned chances, in
    millionths, that 1, 2, 3 … units fill.
    """

    venue: str
    shut: str = ""
    take: tuple[LevelSeen, ...] = ()
    join: tuple[LevelSeen, ...] = ()
    lot: Fixed
    tick: Fixed
    min_qty: Fixed = 0
    max_qty: Fixed = 0
    min_notional: Fixed = 0
    taker: Fixed = 0
    maker: Fixed = 0
    taker_bps: Fixed = 0
    maker_bps: Fixed = 0
    age_ns: int = -1
    is_dark: bool = False
    book: str = ""
    fill_rate: int = MILLION
    post_rate: int = 500_000
    reject_rate: int = 0
    ack_ns: int = 0
    outflow: tuple[Fixed, ...] = ()
    dark: tuple[int, ...] = ()


class View(msgspec.Struct, frozen=True, kw_only=True):
    """All that a decision may look at. ``qty`` is what is to be placed now, ``limit`` the parent's
    price (None: none), ``posts`` whether an order may be left waiting."""

    now: int
    buys: bool
    qty: Fixed
    limit: Fixed | None
    posts: bool
    multiplier: Fixed
    venues: tuple[VenueView, ...]


# -- what was decided ------------------------------------------------------------------------------


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One child to send: ``takes`` by IOC at ``price`` or better, else it rests at ``price``.

    ``price`` None is a market order (a direct parent's own terms). ``why`` is for people.
    """

    venue: str
    qty: Fixed
    price: Fixed | None
    takes: bool
    why: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent, in this order. ``left`` is what stays with the parent for now, ``why`` in
    words. ``cost`` is what the taking legs cost by the books seen, fees included: notional paid for
    a buy, the negative of what is fetched for a sale. ``exact``: no cheaper way to take as much was
    left untried."""

    legs: tuple[Leg, ...]
    left: Fixed
    why: str = ""
    cost: Notional = 0
    exact: bool = True


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One routing decision of a parent: the ``number``-th, by which policy, upon what (``cause``).

    Its legs are sent; or it is suspended, where ``holds`` says why; or the children ``recall`` are
    taken back, because something can be taken.

    ``view`` is what it saw; ``plan.cost`` is money in 10^-8 here. It stands in the journal behind
    the input that brought it about, and is carried out from there.
    """

    parent: str
    number: int
    policy: str
    cause: str
    view: View
    plan: Plan
    holds: str = ""
    recall: tuple[str, ...] = ()
