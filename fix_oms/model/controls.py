"""The catalogue of controls: every one by its proper name, once, as data.

A control is a rule that can refuse an order or stop a desk. What a configuration may say of it, how
its limit is read, what it counts apart, which orders it spares and which rule asks for it stands
here; what it does is in ``fix_oms.risk``. The page ``spec/CONTROLS.md`` is drawn from this table,
and tests hold that each control has a test just inside, a test one unit beyond, a text and a
replay that decides the same.

A control is *configured* by ``[[limits]]`` entries, or *standing*: always on, or told by the
instrument, the venue or the order itself. One that *spares* reducing orders lets an order out that
can only bring a position nearer to zero, whatever else of ours fills: a throttle that kept a desk
from getting flat would be a risk of its own.
"""

from __future__ import annotations

from typing import Final

import attrs

PRE: Final = "pre-trade"
AT: Final = "at-trade"
DIMENSIONS: Final = ("account", "strategy", "symbol", "venue", "session")
"""What a limit may be scoped to, and what it may count apart (``per``)."""

_EACH: Final = ("account", "symbol")
_RUN: Final = ("account", "strategy", "symbol")


@attrs.frozen(kw_only=True)
class Control:
    """One control. ``unit`` is that of its limit; empty: it takes none, its scope says all.

    ``least`` is 0 where a limit of 0 means something; ``most`` is the largest that does.
    ``per`` are the dimensions that are counted apart where a limit does not say, ``always`` those
    that are whatever it says, and ``within`` all that a limit of it may name. ``keys`` are further
    keys that a limit of it takes. ``window_s`` is the default window, 0 for a control without one.
    """

    id: str
    phase: str
    unit: str = ""
    refuses: str
    asked_by: str
    least: int = 1
    most: int | None = None
    per: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    within: tuple[str, ...] = DIMENSIONS
    window_s: int = 0
    keys: tuple[str, ...] = ()
    spares_reducing: bool = False
    latches: bool = False
    standing: bool = False


COUNTS: Final = frozenset({"messages", "orders", "round trips", "executions", "events"})
"""Units of which there are whole ones only."""

_RTS6: Final = "RTS 6 Art 15"
_15C3: Final = "15c3-5(c)"

CONTROLS: Final[dict[str, Control]] = {
    control.id: control
    for control in (
        # -- one order by itself ------------------------------------------------------------------
        Control(
            id="max_order_qty",
            phase=PRE,
            unit="shares",
            refuses="an OrderQty(38) above it; a replace as the order it becomes",
            asked_by=f"{_RTS6}(1)(c); {_15C3}(1)(ii); FIA 2024",
        ),
        Control(
            id="max_order_value",
            phase=PRE,
            unit="money",
            refuses="price x quantity x multiplier above it, at the worst price it may trade at",
            asked_by=f"{_RTS6}(1)(b); {_15C3}(1)(ii); FIA 2024",
            keys=("currency",),
        ),
        Control(
            id="price_collar",
            phase=PRE,
            unit="percent",
            refuses="a price further than that beyond the touch, the last trade or the reference "
            "(`against`), on the side that would hurt; any order without such a price",
            asked_by=f"{_RTS6}(1)(a); FIA 2024",
            most=99,
            keys=("against",),
        ),
        Control(
            id="market_data",
            phase=PRE,
            unit="seconds",
            refuses="an order while the venue's quote is missing, one-sided, crossed or older",
            asked_by="FIA 2024; UMIR 7.1 (fail closed)",
            spares_reducing=True,
        ),
        Control(
            id="restricted",
            phase=PRE,
            refuses="every order in its scope",
            asked_by=f"{_15C3}(2)(ii)",
        ),
        Control(
            id="permission",
            phase=PRE,
            refuses="in its scope all but the symbols, venues, order types and sides it lists",
            asked_by=f"{_15C3}(2)(iii); {_RTS6}(5)",
            keys=("symbols", "venues", "ord_types", "sides"),
        ),
        # -- the worst case -----------------------------------------------------------------------
        Control(
            id="position_limit",
            phase=PRE,
            unit="shares",
            refuses="an order that could take the position beyond it, long or short, were it and "
            "every open order of its side to fill",
            always=("symbol",),
            asked_by=f"FIA 2024; {_15C3}(1)(i); {_RTS6}(2)",
            least=0,
            per=("symbol",),
        ),
        Control(
            id="short_sale_locate",
            phase=PRE,
            unit="shares",
            refuses="a sale that could leave the account short of more than was located",
            always=("symbol",),
            asked_by=f"{_15C3}(2)(i); Regulation SHO 203(b)",
            least=0,
            per=_EACH,
        ),
        Control(
            id="reduce_only",
            phase=PRE,
            refuses="what is not certain to bring the position nearer to zero",
            always=("symbol",),
            asked_by="practice",
            per=_EACH,
        ),
        Control(
            id="gross_notional",
            phase=PRE,
            unit="money",
            refuses="worst-case value of all positions, long and short added up, above it",
            asked_by=f"{_15C3}(1)(i); {_RTS6}(4)",
            keys=("currency",),
        ),
        Control(
            id="net_notional",
            phase=PRE,
            unit="money",
            refuses="worst-case value of longs less shorts, either way, above it",
            asked_by=f"{_15C3}(1)(i); {_RTS6}(4)",
            keys=("currency",),
        ),
        Control(
            id="unexecuted_value",
            phase=PRE,
            unit="money",
            refuses="value of all open orders, this one included, above it",
            asked_by="NI 23-103; UMIR 7.1",
            keys=("currency",),
        ),
        Control(
            id="buying_power",
            phase=PRE,
            unit="money",
            refuses="use since the account's last balance above what it left available, less "
            "this reserve; any order of an account without a balance",
            always=("account",),
            within=("account",),
            asked_by=f"{_15C3}(1)(i)",
            least=0,
            per=("account",),
            keys=("currency",),
            spares_reducing=True,
        ),
        Control(
            id="self_match",
            phase=PRE,
            refuses="an order that could trade with one of ours at the same venue, or cancels "
            "the resting one, or both (`action`)",
            always=("symbol",),
            asked_by="FIA 2024",
            per=("symbol", "venue"),
            keys=("action",),
        ),
        # -- too many, too fast -------------------------------------------------------------------
        Control(
            id="message_rate",
            phase=PRE,
            unit="messages",
            refuses="more within the window; new orders and replaces are counted apart, cancels "
            "never wait",
            asked_by=f"{_RTS6}(1)(d); FIA 2024",
            keys=("reserve_hedge_pct",),
            window_s=1,
            spares_reducing=True,
        ),
        Control(
            id="duplicate_order",
            phase=PRE,
            unit="orders",
            refuses="more orders of the same terms within the window (children of a parent apart)",
            asked_by=f"{_15C3}(1)(ii)",
            per=_RUN,
            window_s=5,
            spares_reducing=True,
        ),
        # -- conduct, at trade --------------------------------------------------------------------
        *(
            Control(
                id=name,
                phase=AT,
                unit=unit,
                refuses=f"new risk once there were more {what} within the window, until re-armed",
                asked_by=rule,
                per=_RUN,
                always=("symbol",) if name in ("flip_flop", "round_trip_loss") else (),
                window_s=window_s,
                most=4095 if name == "order_to_trade" else None,
                spares_reducing=True,
                latches=True,
            )
            for name, unit, what, rule, window_s in (
                ("flip_flop", "round trips", "losing round trips", "practice", 60),
                ("round_trip_loss", "money", "losses of round trips", "practice; FIA 2024", 3600),
                ("order_rate", "messages", "new orders and replaces", f"{_RTS6}(3)", 60),
                ("cancel_rate", "messages", "cancels", f"{_RTS6}(3)", 60),
                (
                    "order_to_trade",
                    "messages a trade",
                    "messages for a trade (from 300 on)",
                    "RTS 9",
                    3600,
                ),
                (
                    "repeated_execution",
                    "orders",
                    "orders executed on one side in a row",
                    f"{_RTS6}(3)",
                    60,
                ),
            )
        ),
        Control(
            id="loss_limit",
            phase=AT,
            unit="money",
            refuses="new risk while the day's loss, realised and not, is above it",
            asked_by="FIA 2024",
            per=("account",),
            keys=("currency",),
            spares_reducing=True,
        ),
        Control(
            id="beyond_terms",
            phase=AT,
            unit="events",
            refuses="new risk once a broker went beyond the accepted terms more often than that "
            "(bust, correction, overfill, unsolicited increase, phoned order, split), until "
            "re-armed",
            within=_EACH,
            asked_by="practice",
            least=0,
            per=_EACH,
            window_s=86_400,
            spares_reducing=True,
            latches=True,
        ),
        Control(
            id="unconfirmed_fills",
            phase=AT,
            unit="executions",
            refuses="new risk while more executions than that await the position feed's word",
            always=_EACH,
            within=_EACH,
            keys=("against",),
            asked_by="practice",
            least=0,
            per=_EACH,
            spares_reducing=True,
        ),
        Control(
            id="position_break",
            phase=AT,
            unit="shares",
            refuses="new risk while the position feed differs from our executions by more",
            always=_EACH,
            within=_EACH,
            asked_by="RTS 6 Art 17",
            least=0,
            per=_EACH,
            spares_reducing=True,
        ),
        Control(
            id="position_feed",
            phase=AT,
            unit="seconds",
            refuses="new risk while the position feed has been silent for longer",
            always=_EACH,
            within=_EACH,
            asked_by="RTS 6 Art 17",
            per=_EACH,
            spares_reducing=True,
        ),
        # -- standing -----------------------------------------------------------------------------
        Control(
            id="conservation",
            phase=PRE,
            refuses="a child that with its parent's other children comes to more than the parent",
            asked_by="SEC 34-70694 (Knight Capital)",
            standing=True,
        ),
        Control(
            id="tick_size",
            phase=PRE,
            refuses="a price that is no multiple of the instrument's `tick`",
            asked_by="venue rules",
            standing=True,
        ),
        Control(
            id="lot_size",
            phase=PRE,
            refuses="a quantity that is no multiple of the instrument's `lot`",
            asked_by="venue rules",
            standing=True,
        ),
        Control(
            id="quantity_bounds",
            phase=PRE,
            refuses="a quantity below the instrument's `min_qty` or above its `max_qty`",
            asked_by="venue rules",
            standing=True,
        ),
        Control(
            id="min_notional",
            phase=PRE,
            refuses="an order worth less than the instrument's `min_notional`",
            asked_by="venue rules",
            standing=True,
        ),
        Control(
            id="trading_hours",
            phase=PRE,
            refuses="an order outside its venue's `hours`",
            asked_by="venue rules",
            standing=True,
        ),
        Control(
            id="trading_halt",
            phase=PRE,
            refuses="an order in an instrument that its venue has halted (SecurityStatus(35=f))",
            asked_by="venue rules",
            standing=True,
        ),
        Control(
            id="session_up",
            phase=PRE,
            refuses="an order while its session is not ready",
            asked_by="venue rules",
            standing=True,
        ),
        Control(
            id="reconciling",
            phase=PRE,
            refuses="after a reconnect, an order that adds risk in an account and symbol where the "
            "broker has not told of an open order yet",
            asked_by="start-up reconciliation",
            standing=True,
        ),
        Control(
            id="halt",
            phase=AT,
            refuses="every new order, and replaces that do more than reduce; working orders stay",
            asked_by="FIA 2024",
            standing=True,
        ),
        Control(
            id="kill",
            phase=AT,
            refuses="every new order and replace, takes the working ones out, and lists what the "
            "broker has not confirmed",
            asked_by="RTS 6 Art 12; FIA 2024",
            standing=True,
        ),
    )
}
"""All of them, in the order in which an order meets them."""

LIMITED: Final = tuple(name for name, control in CONTROLS.items() if not control.standing)
"""Those that ``[[limits]]`` may name."""
