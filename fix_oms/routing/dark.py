"""What a dark venue has filled, and so what it may fill: learning from censored samples.

A dark venue tells only what it filled of what it was sent: at least so much was there, and nothing
more is known where all was filled. Taking fills for what is there, such a sample is *censored*; to
average it with the others makes the venue look as small as our own orders to it were, so that it is
sent less, and looks smaller yet.

The estimator is Kaplan and Meier's (1958), as Ganchev, Kearns, Nevmyvaka and Wortman Vaughan use it
("Censored exploration and the dark pool problem", UAI 2009; Communications of the ACM 53 (5),
2010). Counted in units: of the orders for more than ``s`` units that were filled at least ``s``,
``seen[s]`` many, ``ended[s]`` were filled exactly ``s``. Their ratio estimates the chance that
liquidity ends at ``s`` once it has come so far, censored samples counting wherever they do say
something; the chance that at least ``s`` is there is the product of what remains. It is consistent
for every ``s`` that orders keep reaching.

*Optimism.* Estimates count once :data:`KNOWN` orders have seen a place. At the first place beyond,
the paper takes the chance not to fall at all, so that the next unit there is as attractive as the
last one known, and an allocation either is near the best or teaches something. Places further on
the paper leaves to whatever the data say; here they are given one imagined order in four that ends,
so that venues of which nothing is known share what is sent. And no estimate is ever 0, but at least
half an order in those seen: where 16 orders of 16 got nothing, one in 20 may well get something,
and the paper's thresholds, which exclude this by thousands of orders, are out of a desk's reach.

Liquidity changes, so all counts may be halved at times (:meth:`DarkBelief.faded`); a venue that is
no longer used becomes unknown, and is tried again.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.model.routing import MILLION

LONGEST: Final = 64
"""Units of one order that are told apart; what is filled beyond counts as these."""
KNOWN: Final = 16
"""So many orders make an estimate count."""
ONE: Final = 1 << 10
"""An order's weight when it is new: it can be halved ten times."""


@final
class DarkBelief:
    """What is known of one side of an instrument at a dark venue.

    ``seen`` and ``ended`` are by place, in 1/1024 of an order.
    """

    __slots__ = ("ended", "seen")

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.ended: list[int] = []

    def observed(self, sent_units: int, filled_units: int) -> None:
        """An order for ``sent_units`` is over and was filled ``filled_units``."""
        sent = min(sent_units, LONGEST)
        filled = min(max(filled_units, 0), sent)
        if sent <= 0:
            return
        places = min(filled + 1, sent)
        while len(self.seen) < places:
            self.seen.append(0)
            self.ended.append(0)
        for place in range(places):
            self.seen[place] += ONE
        if filled < sent:
            self.ended[filled] += ONE

    def tail(self) -> tuple[int, ...]:
        """The chances, in millionths, that at least 1, 2, 3 … units fill; they never rise."""
        seen, ended = self.seen, self.ended
        chances: list[int] = []
        chance, beyond = MILLION, False
        for place in range(LONGEST):
            orders = seen[place] if place < len(seen) else 0
            over = ended[place] if place < len(ended) else 0
            if beyond:
                orders, over = orders + 4 * ONE, over + ONE
                chance = chance * (orders - over) // orders
            elif orders >= KNOWN * ONE:
                chance = chance * max(orders - over, ONE // 2) // orders
            else:
                beyond = True
            if not chance:
                break
            chances.append(chance)
        return tuple(chances)

    def faded(self) -> None:
        """A half-life has passed: everything known counts half."""
        self.seen = [count >> 1 for count in self.seen]
        self.ended = [count >> 1 for count in self.ended]

    def facts(self) -> tuple[object, ...]:
        """All of it, for the replay's state hash."""
        return (tuple(self.seen), tuple(self.ended))
