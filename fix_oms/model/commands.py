"""What people and programs ask of the engine: its commands, one tagged value each.

They cross the control socket and stand in the journal unchanged. Every one carries ``by``, the
person or program that asks, and those that change what may leave carry a ``reason``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fix_oms.model.messages import Terms
from fix_oms.model.units import Fixed


class Input(msgspec.Struct, frozen=True, kw_only=True, tag_field="k"):
    """The base of all inputs."""


class Command(Input, frozen=True, kw_only=True):
    """The base of commands. ``by`` names the person or program, for the record."""

    by: str


class NewOrder(Command, frozen=True, kw_only=True, tag="new"):
    """Send an order. ``venue`` None lets the router choose. ``client_ref`` is the sender's own name
    for the order: the same one twice is refused as a duplicate, so a retry can never send twice.

    ``reduce_only``: refused unless it is certain to bring the position nearer to zero. ``parent``
    names the parent order of which this is a child: all children together never exceed it.
    """

    terms: Terms
    venue: str | None = None
    client_ref: str | None = None
    strategy: str | None = None
    reduce_only: bool = False
    parent: str | None = None


class CancelOrder(Command, frozen=True, kw_only=True, tag="cancel"):
    """Ask for a cancel. ``order`` is any ClOrdID of its chain, its client_ref or its OrderID; or it
    is a parent's ref, of which all children are then cancelled."""

    order: str


class ReplaceOrder(Command, frozen=True, kw_only=True, tag="replace"):
    """Ask for new terms; None keeps the term. ``order_qty`` is the new total quantity.

    ``order`` may be a routed parent's ref: its quantity and price can be replaced.
    """

    order: str
    order_qty: Fixed | None = None
    price: Fixed | None = None
    stop_px: Fixed | None = None
    time_in_force: str | None = None


class AskStatus(Command, frozen=True, kw_only=True, tag="status"):
    """Ask the broker for the state of one order, or of all orders of a session (order None)."""

    order: str | None = None
    session: str | None = None


class AskPositions(Command, frozen=True, kw_only=True, tag="askpositions"):
    """Ask the counterparty of a session what it holds for an account (None: the default one).

    Its statements are compared with our executions, as any are. ``cl_ord_id`` of the Accepted names
    the question.
    """

    session: str
    account: str | None = None


class Scoped(Command, frozen=True, kw_only=True):
    """A command for everything that matches all dimensions given; none given: for the firm."""

    venue: str | None = None
    symbol: str | None = None
    account: str | None = None
    strategy: str | None = None


class MassCancel(Scoped, frozen=True, kw_only=True, tag="masscancel"):
    """Cancel all working orders in the scope. New orders can still leave."""


class Halt(Scoped, frozen=True, kw_only=True, tag="halt"):
    """Let no new order out of the scope. Working orders stay; cancels still leave."""

    reason: str


class Kill(Scoped, frozen=True, kw_only=True, tag="kill"):
    """Let no new order out of the scope and take the working ones out, until it is confirmed of
    each by its own report; then stay shut until a :class:`Resume` of exactly this scope."""

    reason: str


class Resume(Scoped, frozen=True, kw_only=True, tag="resume"):
    """Lift the halt or kill of exactly this scope."""

    reason: str


class Rearm(Command, frozen=True, kw_only=True, tag="rearm"):
    """Lift what the limit of this name has latched, and let it count anew (RTS 6 Art 15(3))."""

    limit: str
    reason: str


class SetLimits(Command, frozen=True, kw_only=True, tag="limits"):
    """Change limits while the engine runs: all of it or nothing.

    ``put`` are limits in the shape of the configuration's; one of a name that exists replaces it.
    ``remove`` are names. ``whole``: every limit that ``put`` does not hold is removed.
    """

    reason: str
    put: tuple[dict[str, Any], ...] = ()
    remove: tuple[str, ...] = ()
    whole: bool = False


class Override(Command, frozen=True, kw_only=True, tag="override"):
    """Let the next ``uses`` orders pass a soft limit, within ``for_s`` seconds (RTS 6 Art 15(6)).

    ``account`` and ``symbol``, where given, narrow it to orders of that account and symbol.
    """

    limit: str
    reason: str
    for_s: int = 300
    uses: int = 1
    account: str | None = None
    symbol: str | None = None


class NewParent(Command, frozen=True, kw_only=True, tag="parent"):
    """A parent order under ``ref``: its children (NewOrder.parent) never exceed it.

    Not ``routed``, that is all: its children are sent by whoever registered it. ``routed``, the
    router sends them by ``policy`` (empty: the instrument's), at ``price`` or better (None: at any
    price), and ``time_in_force`` says how long: DAY, GTC, or IOC for what can be had at once.
    ``venue`` is the one that a direct policy sends it to.
    """

    ref: str
    symbol: str
    side: str
    order_qty: Fixed
    account: str | None = None
    strategy: str | None = None
    routed: bool = False
    policy: str = ""
    price: Fixed | None = None
    time_in_force: str = "0"
    venue: str | None = None


class ResumeParent(Command, frozen=True, kw_only=True, tag="resumeparent"):
    """Route a parent again that is held: refused by the gate, routed too often, or short of what a
    bust took back after it had filled."""

    ref: str
    reason: str


class NewAlgo(Command, frozen=True, kw_only=True, tag="algo"):
    """Start an algo of this ``kind`` under ``ref``, with the parameters that the kind asks for.

    Quantities and prices in ``params`` are text ("100.5"), as in the configuration.
    """

    ref: str
    kind: str
    params: dict[str, Any] = msgspec.field(default_factory=dict)
    account: str | None = None
    strategy: str | None = None


class AmendAlgo(Command, frozen=True, kw_only=True, tag="amendalgo"):
    """Give a running algo other parameters: those that its kind lets be amended."""

    ref: str
    params: dict[str, Any]
    reason: str = ""


class PauseAlgo(Command, frozen=True, kw_only=True, tag="pausealgo"):
    """Let the algo send nothing new until it is resumed; by its kind, what works is taken out."""

    ref: str
    reason: str = ""


class ResumeAlgo(Command, frozen=True, kw_only=True, tag="resumealgo"):
    """Let an algo that is paused or held go on."""

    ref: str
    reason: str = ""


class StopAlgo(Command, frozen=True, kw_only=True, tag="stopalgo"):
    """End the algo: what works of it is taken out."""

    ref: str
    reason: str = ""


class TellAlgo(Command, frozen=True, kw_only=True, tag="tellalgo"):
    """Say something to the algo that its kind understands: a hedge is told to ``flush``."""

    ref: str
    word: str
    params: dict[str, Any] = msgspec.field(default_factory=dict)


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says an account holds of a symbol; ``px`` is its cost, where that matters.

    ``as_of_ns``, ``exec_id`` and ``seq`` say which moment it reflects, as far as they are known.
    """

    account: str
    symbol: str
    quantity: Fixed
    px: Fixed = 0
    as_of_ns: int = 0
    exec_id: str = ""
    seq: int = 0


class OpenPositions(Command, frozen=True, kw_only=True, tag="openpos"):
    """The positions that the day starts with, and where they are from (a file, a clearer).

    All rows or none. A second one for an account and symbol takes the place of the first.
    """

    source: str
    rows: tuple[Holding, ...]


class TellPositions(Command, frozen=True, kw_only=True, tag="tellpos"):
    """What a position feed says. Compared with our executions, never obeyed."""

    source: str
    rows: tuple[Holding, ...]


class SetBalance(Command, frozen=True, kw_only=True, tag="balance"):
    """An account's money as its broker or a person states it. ``available`` can still be used."""

    account: str
    currency: str
    available: Fixed
    total: Fixed = 0
    margin_used: Fixed = 0
    source: str = ""


class Funds(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says an account has, as :class:`SetBalance`."""

    account: str
    currency: str
    available: Fixed
    total: Fixed = 0
    margin_used: Fixed = 0


class SetBalances(Command, frozen=True, kw_only=True, tag="balances"):
    """The money of several accounts, stated together: all of it is taken, or none."""

    rows: tuple[Funds, ...]
    source: str


class SetRate(Command, frozen=True, kw_only=True, tag="rate"):
    """What one unit of ``currency`` is worth in the base currency."""

    currency: str
    rate: Fixed


class SetReference(Command, frozen=True, kw_only=True, tag="reference"):
    """State the reference price of a symbol, for the collar and for the value of market orders."""

    symbol: str
    price: Fixed


class Resolve(Command, frozen=True, kw_only=True, tag="resolve"):
    """A named person decides what the broker's evidence leaves open, and says why.

    ``outcome`` is accepted or refused, of the request in doubt (``request`` names its ClOrdID
    where there are several), or canceled, expired or rejected, of the order.
    """

    order: str
    outcome: str
    reason: str
    request: str | None = None


class DontKnow(Command, frozen=True, kw_only=True, tag="dk"):
    """Tell the broker that we do not accept an execution; ``dk_reason`` is DKReason(127)."""

    order: str
    exec_id: str
    dk_reason: str
    text: str = ""


class SettleBreak(Command, frozen=True, kw_only=True, tag="settle"):
    """A person has dealt with what a drop copy of ``session`` tells otherwise of an execution: it
    is no open break any more, unless it comes to differ in something else. ``exec_ids`` are those
    of its chain."""

    session: str
    exec_ids: tuple[str, ...]
    reason: str


class SessionCommand(Command, frozen=True, kw_only=True, tag="sessioncmd"):
    """The support desk's act on a session: logon, logout, disable, enable, reset or set-next."""

    session: str
    action: str
    reason: str
    next_in: int | None = None
    next_out: int | None = None


AnyCommand = (
    NewOrder
    | CancelOrder
    | ReplaceOrder
    | AskStatus
    | AskPositions
    | MassCancel
    | Halt
    | Kill
    | Resume
    | Rearm
    | SetLimits
    | Override
    | NewParent
    | ResumeParent
    | NewAlgo
    | AmendAlgo
    | PauseAlgo
    | ResumeAlgo
    | StopAlgo
    | TellAlgo
    | OpenPositions
    | TellPositions
    | SetBalance
    | SetBalances
    | SetRate
    | SetReference
    | Resolve
    | DontKnow
    | SettleBreak
    | SessionCommand
)
