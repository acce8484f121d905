"""Law 4: the worst case is the worst case.

An adversary who knows all: by the venues' own books, each position could come to so much, long and
short. The gate's ends must hold that, whatever has been heard of it. And no fills within accepted
terms take a position past its limit; where a broker went beyond them, nothing more is let out.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from fix_oms.engine.state import State
from fix_oms.model.fix import OrdType, Side
from fix_oms.model.inputs import NewOrder
from fix_oms.model.messages import Terms
from fix_oms.model.units import text_of
from fix_oms.world.laws.truth import account_of
from fix_oms.world.mixes import LOTS

if TYPE_CHECKING:
    from fix_oms.risk.check import Check
    from fix_oms.world.laws import Laws
    from fix_oms.world.world import World

_SCALE: Final = 10**8


class Exposure:
    """Looked at now and then: it walks over all that is open at the venues."""

    def __init__(self, laws: Laws, world: World) -> None:
        self._laws: Final = laws
        self._world: Final = world

    def look(self, state: State) -> None:
        """The ends of each position, by the venues and by the gate."""
        if self._laws.is_calm:
            self._cover(state)
        for check in state.gate.lanes.checks.values():
            if check.control == "position_limit":
                self._limit(state, check)

    def _cover(self, state: State) -> None:
        held: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        for broker in self._world.brokers.values():
            for order in broker.orders():
                ends = held[account_of(order), order.terms.symbol]
                left = order.leaves_qty if order.ended is None else 0
                ends[0] += order.cum_qty if order.is_buy else -order.cum_qty
                ends[1 if order.is_buy else 2] += left
        for key, (done, opened, offered) in held.items():
            ours = state.ledger.position(*key)
            longest, shortest = ours.longest - ours.opening, ours.shortest - ours.opening
            if done + opened > longest or done - offered < shortest:
                theirs = f"{text_of(done - offered)} to {text_of(done + opened)}"
                mine = f"{text_of(shortest)} to {text_of(longest)}"
                text = f"by the venues {key} could come to {theirs}; the gate reckons with {mine}"
                self._laws.wrong("exposure", text)

    def _limit(self, state: State, check: Check) -> None:
        now = self._world.clock.now
        said = check.breach(now)
        if not said:
            return
        if self._laws.is_calm:
            self._laws.wrong("limit", said)
        account, _, symbol, _, _ = check.bucket
        position = check.position  # type: ignore[attr-defined]  # a position limit has one
        way = Side.BUY if position.longest > check.most else Side.SELL
        symbol = symbol or position.valuation.symbol
        terms = Terms(
            symbol=symbol,
            side=way,
            order_qty=LOTS[symbol] * 10 * _SCALE,
            ord_type=OrdType.MARKET,
            account=account,
        )
        passes = self._world.engine.check(now, [NewOrder(by="law", terms=terms)]) == [None]
        if passes and not check.soft:
            self._laws.wrong("limit", f"{said}, and more of it would be let out")
