"""What only a few orders have to remember, apart from what all of them do.

A firm holds a million orders and most lives are plain, so each slot costs eight megabytes. These
are read from one empty stand-in until an order needs its own.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.units import SCALE, Fixed
from fix_oms.orders.said import Said


@final
class Aside:
    """``stated`` are the terms that reports stated, ``loose`` Replaced reports under another id.

    ``rejections`` are those under the id of a replace: ClOrdID(11), CumQty(14), time.
    ``dk`` are the ExecIDs that we do not accept (35=Q); ``unknown_told`` and ``unbookable`` that
    the broker said it does not know the order, or told an execution that cannot be booked;
    ``unknown_ids`` are ClOrdIDs of ours by which it did not know it, ``order_ids`` the OrderIDs(37)
    that it told beside the order's own;
    ``last_date`` the newest TradeDate(75) of a report that is no fill; ``cash_estimate`` what a
    cash order may come to, in quantity, while the broker has not derived OrderQty(38), and
    ``cash_multiplier`` what turns its price times quantity into that money.
    """

    __slots__ = (
        "cash_estimate",
        "cash_multiplier",
        "dk",
        "last_date",
        "loose",
        "order_ids",
        "rejections",
        "stated",
        "unbookable",
        "unknown_ids",
        "unknown_told",
    )

    def __init__(self) -> None:
        self.stated: tuple[Said, ...] = ()
        self.loose: tuple[Said, ...] = ()
        self.rejections: tuple[tuple[str, Fixed, int], ...] = ()
        self.dk: tuple[str, ...] = ()
        self.order_ids: tuple[str, ...] = ()
        self.unknown_told = False
        self.unknown_ids: frozenset[str] = frozenset()
        self.unbookable = False
        self.last_date = 0
        self.cash_estimate: Fixed = 0
        self.cash_multiplier: Fixed = SCALE


EMPTY: Final = Aside()
"""Of every order that needs none of it; never written to."""
