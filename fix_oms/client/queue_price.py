"""``price_match``: a price by its place in the order book instead of a number.

``QUEUE_1`` is the best price of the order's own side, where it joins the end of the queue,
``QUEUE_n`` the n-th; ``OPPONENT_1`` is the best price of the other side, which it takes. The book
is that of the venue named, else the consolidated one; only fresh books count. The price is looked
up when the order is sent and stays what it is then: an order that follows its place is a peg, which
is an algo.
"""

from __future__ import annotations

import re
from typing import Final

from fix_oms.client.books import levels
from fix_oms.client.errors import BadArgument, NoPrice
from fix_oms.model.talk_routing import Book
from fix_oms.model.units import Fixed

_FORM: Final = re.compile(r"(QUEUE|OPPONENT)_([1-9][0-9]{0,3})", re.ASCII)


def place_of(price_match: str) -> tuple[bool, int]:
    """Whether it is the own side, and which level. Raises BadArgument."""
    found = _FORM.fullmatch(str(price_match).upper())
    if found is None:
        raise BadArgument("price_match", f"{price_match!r} is not QUEUE_n or OPPONENT_n, n from 1")
    return found[1] == "QUEUE", int(found[2])


def matched(book: Book, price_match: str, *, buys: bool, venue: str | None) -> Fixed:
    """The price at that place. Raises BadArgument, NoPrice."""
    is_own, place = place_of(price_match)
    found = levels(book, is_bid=buys is is_own, venue=venue)
    if place <= len(found):
        return found[place - 1][0]
    states = {s.venue: s.state for s in book.sources if venue in (None, s.venue)}
    side = "bid" if buys is is_own else "offer"
    many = f"{len(found)} {side} level{'' if len(found) == 1 else 's'}"
    told = ", ".join(f"{name} {state}" for name, state in states.items()) or "no venue has one"
    raise NoPrice(f"price_match {price_match}: the book of {book.symbol} has {many} ({told})")
