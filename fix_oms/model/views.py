"""What people and programs are shown of the engine's state: copies, made when asked.

Quantities, prices (``Fixed``) and times (ns UTC) stay exact; whoever shows them formats them.
The same values cross the control socket.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fix_oms.model.units import Fixed, Notional


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """A request of ours: ``kind`` is new, cancel or replace.

    ``outcome`` is pending, accepted, refused, moot (the order ended first) or unsent.
    """

    cl_ord_id: str
    kind: str
    outcome: str
    in_doubt: bool
    text: str = ""


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """One order. ``reference`` is its first ClOrdID; ``cl_ord_id`` the last one accepted.

    ``pending`` names what we asked for and have no answer to; ``breaks`` what does not add up.
    ``provisional_qty`` of ``cum_qty`` is told by the broker but not yet proven by executions;
    ``unexplained_qty`` is how far a CumQty(14) told is from what the executions can have come to.
    ``uncertain`` says that nothing but the order of arrival tells which of two reports is newer.
    The Day fields are None where no report told a date. ``parent`` is the ref of its parent order.
    """

    reference: str
    cl_ord_id: str
    order_id: str
    client_ref: str
    venue: str
    session: str
    account: str
    symbol: str
    side: str
    ord_type: str
    time_in_force: str
    order_qty: Fixed
    price: Fixed | None
    stop_px: Fixed | None
    ord_status: str
    cum_qty: Fixed
    leaves_qty: Fixed
    avg_px: Fixed
    provisional_qty: Fixed
    unexplained_qty: Fixed
    uncertain: bool
    day_order_qty: Fixed | None
    day_cum_qty: Fixed | None
    day_avg_px: Fixed | None
    cash_order_qty: Fixed | None
    currency: str
    pending: tuple[str, ...]
    in_doubt: bool
    breaks: tuple[str, ...]
    text: str
    created_ns: int
    updated_ns: int
    requests: tuple[RequestView, ...]
    parent: str = ""


class FillView(msgspec.Struct, frozen=True, kw_only=True):
    """One execution. ``state`` is effective, corrected (by a later one), busted or waiting (for
    what it corrects). ``key`` names it among those of its order: a broker may use an ExecID(17)
    twice."""

    order: str
    exec_id: str
    venue: str
    account: str
    symbol: str
    side: str
    last_qty: Fixed
    last_px: Fixed
    transact_time: int
    state: str
    key: str = ""


class PositionView(msgspec.Struct, frozen=True, kw_only=True):
    """A position from effective executions. ``average_px`` is the open quantity's entry price.

    ``quantity`` holds the ``opening`` one that the day started with. ``unrealised`` is at ``mark``
    (0: there is none), ``fees`` are those that reports told. ``breaks`` executions of it are told
    otherwise by a drop copy.
    """

    account: str
    symbol: str
    currency: str
    quantity: Fixed
    average_px: Fixed
    bought: Fixed
    sold: Fixed
    realised: Notional
    open_buy: Fixed
    open_sell: Fixed
    opening: Fixed = 0
    opening_source: str = ""
    mark: Fixed = 0
    unrealised: Notional = 0
    fees: Fixed = 0
    breaks: int = 0


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that holds now and that a person should know of.

    ``code`` and ``subject`` name it: an order's request, a session, an account and symbol, a limit
    in a place. ``since_ns`` is 0 where only whoever sees it first can say. Where many of one code
    and session hold at once the first stand each for itself, and one for the rest: ``count`` of
    them, with no subject.
    """

    code: str
    severity: str
    text: str
    subject: str
    session: str = ""
    order: str = ""
    since_ns: int = 0
    count: int = 1


class ExposureView(msgspec.Struct, frozen=True, kw_only=True):
    """What one account, strategy, symbol, venue or the firm (``dimension``) could come to.

    ``doubt_*`` is what of the open quantity hangs on a request of ours without an answer: a new
    order, a replace. Shares are summed for a symbol only. Money is in ``currency`` (the base
    currency), and 0 where a mark or rate is missing, which ``missing`` names.
    """

    dimension: str
    name: str
    currency: str
    position: Fixed
    open_buy: Fixed
    open_sell: Fixed
    longest: Fixed
    shortest: Fixed
    open_value: Notional
    gross: Notional
    net_long: Notional
    net_short: Notional
    profit: Notional
    missing: str = ""
    doubt_buy: Fixed = 0
    doubt_sell: Fixed = 0


class LimitView(msgspec.Struct, frozen=True, kw_only=True):
    """A limit in force. ``found`` is the present figure of each thing that it counts apart.

    ``plain`` is the limit itself in the configuration's shape (``settings_text.plain_limit``), so
    that it can be put again with another value.
    """

    name: str
    control: str
    limit: str
    scope: str
    soft: bool
    source: str
    note: str
    refused: int
    found: dict[str, str]
    latched: tuple[str, ...]
    override: str
    plain: dict[str, Any] = msgspec.field(default_factory=dict)


class BalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """An account's money as stated, and how much of what was available is used since."""

    account: str
    currency: str
    total: Fixed
    available: Fixed
    margin_used: Fixed
    used_since: Notional
    left: Notional
    source: str
    stated_ns: int


class FeedView(msgspec.Struct, frozen=True, kw_only=True):
    """What a position feed says of an account and symbol, beside our executions."""

    account: str
    symbol: str
    ours: Fixed
    told: Fixed
    difference: Fixed
    unconfirmed: int
    missing: str
    source: str
    told_ns: int


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """A FIX session. ``state`` is disabled, down, up (logged on) or ready (orders may leave)."""

    name: str
    version: str
    state: str
    reason: str
    since_ns: int
    epoch: int
    next_in: int
    next_out: int
    backing_off: bool


class HaltView(msgspec.Struct, frozen=True, kw_only=True):
    """A halt or kill in force; absent scopes mean everywhere.

    ``unconfirmed`` are the orders of a kill's scope of which the broker has not said that they are
    out, each with why: asked, in doubt, the session is down, the cancel was refused.
    """

    by: str
    reason: str
    venue: str | None
    symbol: str | None
    account: str | None
    strategy: str | None = None
    kill: bool = False
    since_ns: int = 0
    unconfirmed: tuple[str, ...] = ()


class ParentView(msgspec.Struct, frozen=True, kw_only=True):
    """A parent order: what its children amount to.

    ``open_qty`` is what its children could still fill, ``unrouted`` what no child holds. ``held``
    says why nothing of that is being sent, ``pending`` what was asked for and waits for children
    (cancel, replace). ``arrival_px`` is the middle of the best bid and offer when it came, 0 where
    there was none. ``notional`` is price times quantity of what has filled, ``fees`` what the
    venues' tariffs make of it. ``decisions`` counts them.
    """

    ref: str
    account: str
    strategy: str
    symbol: str
    side: str
    time_in_force: str
    policy: str
    order_qty: Fixed
    price: Fixed | None
    ord_status: str
    cum_qty: Fixed
    leaves_qty: Fixed
    avg_px: Fixed
    open_qty: Fixed
    unrouted: Fixed
    held: str
    pending: str
    text: str
    children: tuple[str, ...]
    decisions: int
    arrival_px: Fixed
    created_ns: int
    updated_ns: int
    in_doubt: bool = False


class VenueView(msgspec.Struct, frozen=True, kw_only=True):
    """A venue's scorecard (``routing.scorecard``). What is counted fades: half of it within the
    half-life.

    ``took`` of ``take_sent`` filled, ``posted`` of ``post_sent``; ``rejected`` of ``orders``. The
    times are lengths, 0 where there is none: to the acknowledgement, to the first fill of an order
    that takes, and (``wait``) of one that is posted. ``improvement`` is money: how much better than
    the price seen the taking orders filled. ``fees`` are those of the tariff. Both are in
    ``currency``, the base currency. ``shut`` says why nothing may be sent there now.
    """

    venue: str
    session: str
    shut: str
    orders: int
    rejected: int
    take_sent: Fixed
    took: Fixed
    post_sent: Fixed
    posted: Fixed
    ack_p50_ns: int
    ack_p99_ns: int
    fill_p50_ns: int
    fill_p99_ns: int
    improvement: Fixed
    fees: Fixed
    wait_p50_ns: int = 0
    wait_p99_ns: int = 0
    currency: str = ""


class BookRow(msgspec.Struct, frozen=True, kw_only=True):
    """One level of one venue in the consolidated book of a symbol."""

    venue: str
    is_bid: bool
    price: Fixed
    size: Fixed


class SourceView(msgspec.Struct, frozen=True, kw_only=True):
    """What a venue's book is worth now: ``state`` is fresh, stale, crossed, gap or missing."""

    venue: str
    state: str
    age_ns: int
