"""Who trades how much at one price.

What is displayed is asked of a :class:`FillModel`, so that a backtest can bring its own queue;
:class:`PriceTime` gives the full displayed size in order of time. A taker that has got all of that
goes on into what is not displayed: first the reserve orders, which show their next part one after
the other in the order in which they were exhausted, then the hidden ones, earliest first. So what
is displayed always trades before what is not (as exchanges publish it: displayed, then
non-displayed, each by time).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import Final, Protocol

from fix_oms.model.units import Fixed
from fix_oms.simulator.resting import BookOrder

Allotment = tuple[BookOrder, Fixed]


class FillModel(Protocol):
    """Decides which displayed orders at one price trade how much with a taker."""

    def allocate(
        self,
        now_ns: int,
        taker: BookOrder,
        price: Fixed,
        makers: Iterable[BookOrder],
        wanted: Fixed,
    ) -> Iterable[Allotment]:
        """Each maker at most once, each quantity above 0 and at most what the maker shows, their
        sum at most ``wanted``. ``makers`` come earliest first. Called again for the same moment it
        must answer the same: an FOK is planned before it trades."""
        ...


class PriceTime:
    """The earliest first, each in full: what displayed exchanges publish."""

    def allocate(
        self,
        now_ns: int,
        taker: BookOrder,
        price: Fixed,
        makers: Iterable[BookOrder],
        wanted: Fixed,
    ) -> Iterator[Allotment]:
        for maker in makers:
            if wanted <= 0:
                return
            quantity = min(wanted, maker.shown_qty)
            wanted -= quantity
            yield maker, quantity


PRICE_TIME: Final = PriceTime()


def allotted(
    model: FillModel,
    now_ns: int,
    taker: BookOrder,
    price: Fixed,
    makers: Collection[BookOrder],
    wanted: Fixed,
) -> Iterator[Allotment]:
    """What each of ``makers`` (all that rest at ``price``) trades, in the order of the trades.

    A reserve order may come several times. Raises ValueError when the model gives what is not
    there.
    """
    displayed = [maker for maker in makers if not maker.is_hidden]
    unshown = sum(maker.shown_qty for maker in displayed)
    for maker, quantity in model.allocate(now_ns, taker, price, displayed, wanted):
        if not 0 < quantity <= min(wanted, maker.shown_qty):
            raise ValueError(f"the fill model gave {quantity} of order {maker.key}")
        yield maker, quantity
        wanted -= quantity
        unshown -= quantity
    if wanted and not unshown:
        yield from _not_displayed(displayed, makers, wanted)


def _not_displayed(
    displayed: Iterable[BookOrder], makers: Iterable[BookOrder], wanted: Fixed
) -> Iterator[Allotment]:
    reserves = deque((m, m.leaves_qty - m.shown_qty) for m in displayed if m.display is not None)
    while reserves and wanted:
        maker, rest = reserves.popleft()
        quantity = min(wanted, rest, maker.display or 0)
        if quantity:
            yield maker, quantity
            wanted -= quantity
            reserves.append((maker, rest - quantity))
    for maker in makers:
        if maker.is_hidden and wanted:
            quantity = min(wanted, maker.leaves_qty)
            yield maker, quantity
            wanted -= quantity


def ahead_of(order: BookOrder, makers: Iterable[BookOrder]) -> Fixed:
    """How much of what rests at its price trades before ``order`` does: what is displayed before
    it; for a hidden order all that is not hidden, reserves included, and the hidden before it."""
    before, hides = 0, order.is_hidden
    is_behind = True
    for maker in makers:
        if maker is order:
            is_behind = False
            if not hides:
                return before
        elif hides:
            before += maker.leaves_qty if is_behind or not maker.is_hidden else 0
        else:
            before += maker.shown_qty
    return before
