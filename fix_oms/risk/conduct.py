"""What for: round trips that lose, and every measure by its control.

A strategy that has gone wrong is known by what its trades come to. One that buys at the offer and
sells at the bid again and again pays the spread each time; a market maker earns it, and one that
bets on the market loses about as often as it wins. So what is judged is the *round trip*: quantity
that was taken on and given back, and the money between.

**A round trip.** Executions in a row on one side are a *leg*. A leg that adds to the position is
held as a lot; one on the other side closes lots, the newest first. A trip ends when its lot is
closed, or when the position turns back before that: then what was closed so far is a trip, and the
rest of the lot waits. From flat with equal sizes that is the position coming back to or through
zero. It is not defined by zero alone: a loop that runs on top of an inventory, or whose sells fill
in part, never comes back to zero and would never be seen.

It has a blind side: where the first order of a loop reduces an inventory, its first leg closes old
lots at their old price, and may win by it. The loss is then in the new lots' price.

Results are before fees and before the contract's multiplier: ``most`` of ``round_trip_loss`` is to
be stated without it too. A trip that came to exactly nothing neither lost nor won.

- ``flip_flop``: trips that lost, of which each that won takes one back.
- ``round_trip_loss``: money lost by trips, of which what others won is taken back.

Neither is let below zero: what was won earlier in the day is no licence to go mad now.

These rules were chosen by measurement (``python -m bench.conduct.training``). Let no good strategy
be stopped; of the bad ones that the figure is for, these go unseen:

    within a minute, of loops and wrong signals     a win takes back one           0.0 %     0.4 %
                                                    two                            0.1 %     1.1 %
                                                    none                          85.7 %   100.0 %
                                                    one; trips end only at zero   87.0 %    49.2 %
    within an hour, of strategies that bleed        one                            8.3 %
                                                    two                            9.0 %
                                                    none                          96.8 %
                                                    one; trips end only at zero   33.5 %
    their money within an hour                      wins taken off                63.7 %
                                                    wins left out                 80.5 %

Money alone tells little: a bet may lose as much in a few trips as a fault does in fifty. It is
there for the faults that lose much by few trips.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.units import Fixed, Notional
from fix_oms.risk.tempo import CancelRate, Measure, OrderRate, OrderToTrade, RepeatedExecution

MOST_LOSSES: Final = 1024
"""Beyond it the two oldest losses are held as one."""
MOST_LOTS: Final = 64
"""Beyond it the two oldest lots are held as one; they close last."""


@final
class Lot:
    """What one leg took on and has not given back, and what the part given back has earned."""

    __slots__ = ("notional", "qty", "result")

    def __init__(self, qty: Fixed, notional: Notional) -> None:
        self.qty = qty
        self.notional = notional
        self.result: Notional = 0

    def close(self, qty: Fixed, px: Fixed, was_bought: bool) -> None:
        """Give back ``qty`` at ``px``. The last part takes all that is left of the notional, so
        that rounding loses nothing."""
        cost = self.notional * qty // self.qty
        earned = qty * px - cost
        self.result += earned if was_bought else -earned
        self.qty -= qty
        self.notional -= cost


@final
class Trips:
    """The lots that are open, all of one side, and the trips as they end."""

    __slots__ = ("_bought", "_closes", "_lots")

    def __init__(self) -> None:
        self._lots: list[Lot] = []
        self._bought = True  # the side of the lots
        self._closes = False  # whether the last execution closed and left something open

    def executed(self, buys: bool, qty: Fixed, px: Fixed) -> list[Notional]:
        """What each trip that ends by this execution came to. One of no quantity is none."""
        ended: list[Notional] = []
        lots = self._lots
        if qty <= 0:
            return ended
        if lots and buys != self._bought:
            qty = self._close(qty, px, ended)
            self._closes = bool(lots)
        if not qty:
            return ended
        if self._closes:
            ended.append(lots[-1].result)  # the position turns back
            lots[-1].result = 0
        self._open(buys, qty, qty * px)
        return ended

    def facts(self) -> tuple[object, ...]:
        """The lots and where the leg stands."""
        lots = tuple((lot.qty, lot.notional, lot.result) for lot in self._lots)
        return (self._bought, self._closes, lots)

    def _close(self, qty: Fixed, px: Fixed, ended: list[Notional]) -> Fixed:
        """Close the newest lots; the quantity that is left when all are."""
        lots = self._lots
        while qty > 0 and lots:
            lot = lots[-1]
            part = min(qty, lot.qty)
            lot.close(part, px, self._bought)
            qty -= part
            if not lot.qty:
                ended.append(lot.result)
                lots.pop()
        return qty

    def _open(self, buys: bool, qty: Fixed, notional: Notional) -> None:
        lots = self._lots
        if lots and not self._closes:
            lots[-1].qty += qty
            lots[-1].notional += notional
            return
        self._bought, self._closes = buys, False
        lots.append(Lot(qty, notional))
        if len(lots) > MOST_LOTS:
            lots[1].qty += lots[0].qty
            lots[1].notional += lots[0].notional
            lots[1].result += lots[0].result
            del lots[0]


@final
class FlipFlop(Measure):
    """Round trips that lost money within the window and that no other has made good."""

    __slots__ = ("_trips",)
    CONTROL: Final = "flip_flop"

    def __init__(self, most: int, window_ns: int) -> None:
        super().__init__(most, window_ns)
        self._trips: Final = Trips()

    def filled(self, now: int, buys: bool, qty: Fixed, px: Fixed, first: bool) -> None:
        """Judge the trips that it ends."""
        for result in self._trips.executed(buys, qty, px):
            if result < 0:
                self._count(now)
            elif result > 0:
                self._window.take_back(now, 1)

    def facts(self) -> tuple[object, ...]:
        """With the open lots."""
        return (*super().facts(), self._trips.facts())


@final
class RoundTripLoss(Measure):
    """Money that round trips lost within the window and that no other has made good."""

    __slots__ = ("_trips",)
    CONTROL: Final = "round_trip_loss"
    EACH = 10**40

    def __init__(self, most: Notional, window_ns: int) -> None:
        super().__init__(most, window_ns)
        self._trips: Final = Trips()

    def filled(self, now: int, buys: bool, qty: Fixed, px: Fixed, first: bool) -> None:
        """Add what the trips that it ends have lost."""
        for result in self._trips.executed(buys, qty, px):
            if result < 0:
                self._window.add(now, -result)
                if self._window.entries > MOST_LOSSES:
                    self._window.merge_oldest()
            elif result > 0:
                self._window.take_back(now, result)

    def facts(self) -> tuple[object, ...]:
        """With the open lots."""
        return (*super().facts(), self._trips.facts())


MEASURES: Final[dict[str, type[Measure]]] = {
    FlipFlop.CONTROL: FlipFlop,
    RoundTripLoss.CONTROL: RoundTripLoss,
    OrderRate.CONTROL: OrderRate,
    CancelRate.CONTROL: CancelRate,
    OrderToTrade.CONTROL: OrderToTrade,
    RepeatedExecution.CONTROL: RepeatedExecution,
}
"""Each measure by the control that a limit names."""
