"""The pre-trade gate: what stands between a bug and the account.

An order meets the halts, then the checks of its lane (``lanes``), in the order of the catalogue
(``fix_oms.model.controls``) and the tightest first, until one refuses. A refusal names the control,
the limit by its name, the limit's value and the value found. A limit that spares reducing orders
lets them pass; a soft one lets an order pass that a named person has overridden it for.

What the gate judges by moves in the same step as the orders: an order counts from before it leaves
(RTS 6 Art 15(2)), an execution is in the position before anything else is judged. So no check ever
runs between an order's change and its position's.

A replace is judged as the order that it becomes: what it adds to the worst case is what counts.

What a broker does beyond the accepted terms (a bust, a correction, an overfill, an increase that
nobody asked for, an order by telephone, a split) raises the worst case by no request of ours. It is
told from that alone, in whatever report it comes: the check of every limit that it broke says so in
the same step, and refuses what would add to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fix_oms.market.references import References
from fix_oms.model.alert_codes import BREACHES
from fix_oms.model.limits import Limit
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Alert, Output, Refused
from fix_oms.model.units import Fixed
from fix_oms.orders.book import EXTERNAL, OrderBook
from fix_oms.orders.order import Order
from fix_oms.positions.balances import Balances
from fix_oms.positions.ledger import Ledger
from fix_oms.risk.check import CANCEL, NEW, REPLACE, Candidate, Check, Same
from fix_oms.risk.exposure_checks import not_reducing
from fix_oms.risk.halts import Halts
from fix_oms.risk.lanes import Lane, Lanes
from fix_oms.risk.latches import Latch
from fix_oms.risk.limits import LiveLimits
from fix_oms.risk.parents import Parents

_OF_ORDERS: Final = frozenset(
    {
        "max_order_qty",
        "max_order_value",
        "price_collar",
        "market_data",
        "permission",
        "self_match",
        "message_rate",
        "duplicate_order",
    }
)
"""Controls of a single order or message, which a parent is not: its children meet them."""


class Gate:
    """All controls with what they have counted, the halts in force, the limits as changed."""

    def __init__(self, ledger: Ledger, book: OrderBook, prices: References, base: str) -> None:
        self.balances: Final = Balances()
        self.lanes: Final = Lanes(ledger, book, prices, self.balances, base)
        self.limits: Final = LiveLimits()
        self.halts: Final = Halts()
        self.parents: Final = Parents()
        self.accounts: tuple[str, ...] = ()
        self.broken = 0
        """How many breaches have been told and not been taken back."""

    # -- limits -------------------------------------------------------------------------------

    def configure(
        self, limits: Iterable[Limit], accounts: Iterable[str], base: str, now: int
    ) -> list[str]:
        """Take the limits of a start. Returns what earlier changes it drops, in words."""
        self.accounts = tuple(accounts)
        dropped = self.limits.configure(limits)
        self._resolve(base, now)
        return dropped

    def changed(self, now: int, out: list[Output]) -> None:
        """The limits have been changed: resolve them anew, and count what is counted by them."""
        self.limits.prune()
        self._resolve(self.lanes.base, now)
        self._shut([c for c in self.lanes.checks.values() if isinstance(c, Latch)], now, out)

    def _resolve(self, base: str, now: int) -> None:
        self.lanes.set(self.limits.in_force().values(), base, now)
        self.broken = sum(check.told for check in self.lanes.checks.values())

    def rearm(self, name: str) -> list[str]:
        """Lift what the limit of that name has latched. Returns where, in words."""
        lifted = [c.where for c in self.lanes.checks.values() if c.name == name and c.rearm()]
        self.lanes.refresh()
        return lifted

    # -- judging ------------------------------------------------------------------------------

    def passes(
        self,
        terms: Terms,
        lane: Lane,
        buys: bool,
        px: Fixed,
        reserve: Fixed,
        reference: Fixed | None,
        now: int,
        same: Same,
    ) -> bool:
        """Whether a new order passes at once. False is no refusal: :meth:`check` decides then."""
        if self.halts.held:
            return False
        screen = lane.screen or self.lanes.screen(lane)
        return screen.passes(terms, buys, px, reserve, reference, now, same)

    def check(self, order: Candidate, lane: Lane, *, reduce_only: bool = False) -> Refused | None:
        """None when the order may leave, else the first control that refuses it. Changes nothing
        but ``order.cancels`` and ``order.used``."""
        if self.halts.held:
            refused = self.halts.refuse(order)
            if refused is not None:
                return refused
        if reduce_only and not order.reduces:
            text, limit, value, field = not_reducing(order, lane.line.position)
            return Refused(control="reduce_only", text=text, field=field, limit=limit, value=value)
        if order.only_less:
            return None
        for check in lane.checks:
            refused = check.refuse(order)
            if refused is None or (check.spares and order.reduces):
                continue
            if check.soft and self._overridden(check.name, order):
                order.used.append(check.name)
                continue
            return refused
        return None

    def check_parent(self, parent: Candidate, lane: Lane) -> Refused | None:
        """As :meth:`check`, of a whole parent before any child: the halts, and the controls of the
        worst case. It may be larger than any order, and is no message."""
        if self.halts.held:
            refused = self.halts.refuse(parent)
            if refused is not None:
                return refused
        for check in lane.checks:
            if check.control in _OF_ORDERS:
                continue
            refused = check.refuse(parent)
            if refused is None or (check.spares and parent.reduces):
                continue
            return refused
        return None

    def _overridden(self, name: str, order: Candidate) -> bool:
        """Whether an override is left for the order, after what goes before it in its batch."""
        override = self.limits.covering(name, order.scope, order.now)
        return override is not None and override.uses > order.spent.get(name, 0)

    def count_refusal(self, refused: Refused) -> None:
        """An order was refused for good: part of what a replay must reach."""
        for check in self.lanes.checks.values():
            if check.name == refused.limit_name:
                check.refused += 1
                return

    # -- what has happened --------------------------------------------------------------------

    def sent(
        self,
        lane: Lane,
        now: int,
        buys: bool,
        same: Same | None,
        out: list[Output],
        *,
        hedge: bool = False,
    ) -> None:
        """A new order that passed leaves. ``same`` is None for one that cannot be a duplicate."""
        for check in lane.counters:
            check.sent(now, NEW, buys, same)
        if lane.shared and not hedge:
            for rate in lane.shared:
                rate.sent_by_others(now, NEW)
        if lane.by_orders:
            self._shut(lane.by_orders, now, out)

    def replaced(
        self, lane: Lane, now: int, buys: bool, out: list[Output], *, hedge: bool = False
    ) -> None:
        """A replace that passed leaves."""
        for check in lane.counters:
            check.sent(now, REPLACE, buys, None)
        if not hedge:
            for rate in lane.shared:
                rate.sent_by_others(now, REPLACE)
        self._shut(lane.by_orders, now, out)

    def cancelled(self, lane: Lane, now: int, buys: bool, out: list[Output]) -> None:
        """A cancel leaves."""
        for check in lane.cancels:
            check.sent(now, CANCEL, buys, None)
        self._shut(lane.latches, now, out)

    def passed_by(self, order: Candidate, now: int, reference: str, out: list[Output]) -> None:
        """Say what the order passed by an override, and count its use."""
        for name in order.used:
            override = self.limits.used(name, order.scope, now)
            if override is not None:
                text = f"order {reference} passed {name} by the override of {override.by}"
                said = f"{text}: {override.reason}"
                out.append(Alert(severity="warning", code="override", text=said, order=reference))

    def filled(
        self, order: Order, lane: Lane, now: int, qty: Fixed, px: Fixed, out: list[Output]
    ) -> None:
        """An execution of the order came in."""
        first = order.executions.qty == qty
        for check in lane.watchers:
            check.filled(now, order.buys, qty, px, first)
        self._shut(lane.latches, now, out)

    def beyond(self, order: Order, lane: Lane, now: int, out: list[Output]) -> None:
        """The broker has gone beyond the accepted terms of an order."""
        found = [c for c in lane.latches if c.control == "beyond_terms"]
        if order.account == EXTERNAL:
            # Nobody here sent it, so it may be any account's: it stops them all in its symbol.
            all_of = [c for a in self.accounts for c in self.lanes.checks_of(a, order.symbol)]
            found = list(dict.fromkeys(all_of))  # one that counts all accounts counts it once
        for check in found:
            check.beyond(now)
        self._shut(found, now, out)
        self.tell_breaches(now, out, lane.checks)

    def _shut(self, latches: Iterable[Latch], now: int, out: list[Output]) -> None:
        for check in latches:
            if check.shuts(now):
                self.lanes.refresh()
                text = f"{check.why}: no new risk until it is re-armed"
                at = check.subject
                out.append(Alert(severity="severe", code="latched", text=text, subject=at))

    def tell_breaches(
        self, now: int, out: list[Output], checks: Iterable[Check] | None = None
    ) -> None:
        """Say which limits are broken as things stand, and which no more; each once."""
        for check in self.lanes.breakable() if checks is None else checks:
            text = check.breach(now)
            if bool(text) == check.told:
                continue
            check.told = bool(text)
            self.broken += 1 if text else -1
            again = f"{check.where} is within {check.name} again"
            out.append(
                Alert(
                    severity="severe" if text else "info",
                    code=BREACHES.get(check.control, "limit_breach"),
                    text=f"{text} [{check.name}]" if text else again,
                    subject=check.subject,
                )
            )

    def is_due(self, now: int) -> bool:
        """Whether :meth:`tell_breaches` would say anything."""
        return any(bool(c.breach(now)) != c.told for c in self.lanes.breakable())

    def facts(self) -> tuple[object, ...]:
        """For the replay's state hash."""
        checks = sorted(
            (c.name, tuple(k or "" for k in c.bucket), c.refused, c.told, c.facts())
            for c in self.lanes.checks.values()
        )
        feeds = [(*key, feed.facts()) for key, feed in sorted(self.lanes.feeds.items())]
        balances = [b.facts() for _, b in sorted(self.balances.held.items())]
        parents = [p.facts() for _, p in sorted(self.parents.parents.items())]
        halts = sorted(halt.facts() for halt in self.halts.held.values())
        return (checks, feeds, balances, parents, halts, self.limits.facts())
