"""Our side of a reconciliation: what the journal holds, as a reader of it sees it.

The journal is read, so an engine that runs is neither asked nor slowed, and a day long gone is seen
with all that has become known of it since: late fills, busts, corrections.

A position at one broker is what was executed there. What the day opened with is not told broker by
broker; so it counts for an account that trades nowhere else, and for no other.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from fix_oms.engine import Engine
from fix_oms.engine.state import State
from fix_oms.journal.follower import records
from fix_oms.journal.recovery import Recovery
from fix_oms.journal.replay import Replayer
from fix_oms.model.errors import JournalError
from fix_oms.model.units import Fixed
from fix_oms.orders.execution import Execution
from fix_oms.orders.order import Order
from fix_oms.reconcile.positions import Place
from fix_oms.reconcile.trades import Trade


def state_of(
    journal: Path, since_ns: int = 0, warn: Callable[[str], None] = lambda text: None
) -> State:
    """The state at a journal's end, from its newest snapshot that can be used; ``warn`` is told of
    those that cannot. Raises JournalError.

    The engine forgets orders that have been closed for days. Where ``since_ns`` is given, what was
    heard of since then must not be forgotten: the state is that of the last moment when it was not.
    """
    recovery = Recovery.of(journal, warn)
    try:
        recovery.catch_up()
        if not recovery.replayer.index:
            raise JournalError(f"{journal}: holds no record")
        state = recovery.engine.state
    finally:
        recovery.close()
    return _before_forgetting(journal, since_ns) if 0 < since_ns < forgotten_ns(state) else state


def forgotten_ns(state: State) -> int:
    """Closed orders that have been silent since before this time may be forgotten."""
    return state.forgotten.before_ns


def _before_forgetting(journal: Path, since_ns: int) -> State:
    """Found by replaying twice: which record makes the engine forget is known when it has."""
    first = Replayer(Engine())
    for record in records(journal):
        first.take((record,))
        if forgotten_ns(first.engine.state) > since_ns:
            break
    again = Replayer(Engine())
    again.take(itertools.islice(records(journal), first.index - 1))
    return again.engine.state


class OurSide:
    """Our executions and positions at the brokers behind ``sessions``.

    ``day_of`` gives the broker's trading day (YYYYMMDD) of a time in ns; it is asked where no
    report told TradeDate(75).
    """

    def __init__(
        self, state: State, sessions: Collection[str], day_of: Callable[[int], int]
    ) -> None:
        self._state: Final = state
        self._sessions: Final = sessions
        self.trades: Final = [
            trade
            for order in state.book.orders
            if order.session in sessions
            for trade in trades_of(order, day_of)
        ]

    def multipliers(self) -> dict[str, Fixed]:
        """What price times quantity is multiplied by to be money, by symbol."""
        return {s: i.multiplier for s, i in self._state.settings.instruments.items()}

    def positions(self, day: int) -> dict[Place, Fixed]:
        """The positions at the end of a trading day."""
        held: dict[Place, Fixed] = defaultdict(int)
        later: dict[Place, Fixed] = defaultdict(int)
        for trade in self.trades:
            if not trade.gone:
                sums = held if trade.day <= day else later
                sums[trade.account, trade.symbol] += trade.signed
        elsewhere = {o.account for o in self._state.book.orders if o.session not in self._sessions}
        for place, position in self._state.ledger.positions.items():
            if place[0] not in elsewhere:
                held[place] = position.quantity - later[place]
        return dict(held)


def trades_of(order: Order, day_of: Callable[[int], int]) -> Iterator[Trade]:
    """Each execution of an order, after its corrections and busts."""
    done = order.executions
    chains: dict[str, list[str]] = {root: [root] for root in done.trades}
    for correction in done.corrections.values():
        root = done.root(correction.ref)
        if root is not None:
            chains[root].append(correction.exec_id)
    busted = {done.root(bust.ref): bust for bust in done.busts.values()}
    counts = {trade.exec_id: version for version, _, trade in done.counted()}
    names = tuple(n for n in (order.order_id, *(r.cl_ord_id for r in order.requests)) if n)
    for root, first in done.trades.items():
        bust = busted.get(root)
        version = counts.get(first.exec_id, first)
        yield Trade(
            exec_ids=tuple(dict.fromkeys(_told(chains[root]))),
            orders=names,
            account=order.account,
            symbol=order.symbol,
            buys=order.buys,
            qty=version.qty,
            px=version.px,
            time_ns=version.time,
            day=_day(first, order, day_of),
            gone=f"busted by {bust.exec_id}" if bust is not None else "",
            where=f"order {order.reference}",
        )


def _told(exec_ids: Iterable[str]) -> Iterator[str]:
    """ExecIDs as the broker told them: two executions under one are kept apart by a mark."""
    return (exec_id.partition("\x01")[0] for exec_id in exec_ids)


def _day(trade: Execution, order: Order, day_of: Callable[[int], int]) -> int:
    return trade.day or day_of(trade.time or order.created_ns)
