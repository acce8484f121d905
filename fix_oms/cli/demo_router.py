"""The router's part of ``fix-oms demo``: one parent over four venues, that sweeps and posts.

The venues' books move by themselves, so the order is made to fit them as they are: its price takes
in the first two levels of the best offer's venue, and its quantity is more than all of them show.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from fix_oms.cli.exits import Exit
from fix_oms.client import Client
from fix_oms.model.units import SCALE, Fixed, text_of

CONFIGS: Final = ("router.toml", "router-venues.toml")
SYMBOL: Final = "AAPL"
MORE: Final = 10_000
"""So many shares more than what is shown: they are posted, and more than others trade with while
the demo runs."""
Story = tuple[tuple[str, tuple[tuple[str, Exit], ...]], ...]


def story(price: Fixed, qty: Fixed) -> Story:
    """What is typed, given the parent's price and quantity."""
    parent = f"route BUY {text_of(qty)} {SYMBOL} @ {text_of(price)} --ref big"
    return (
        (
            "Three venues that show their books, and a dark one",
            ((f"book {SYMBOL} --depth 3", Exit.DONE),),
        ),
        (
            "One order: what is shown within its price is taken at once, the rest is posted",
            ((parent, Exit.DONE), ("parents", Exit.DONE), ("orders", Exit.DONE)),
        ),
        (
            "What the router saw, decided, and what came of it",
            (("explain big --all", Exit.DONE),),
        ),
        (
            "The parent is cancelled: nothing more is sent, all children come out",
            (("cancel big", Exit.DONE), ("orders --open", Exit.DONE), ("positions", Exit.DONE)),
        ),
    )


def fitting(path: Path, wait_s: float) -> tuple[Fixed, Fixed]:
    """The price and the quantity of the parent, by the books that the engine has now.

    Raises TimeoutError while no venue shows an offer.
    """
    with Client(path) as client:
        until = time.monotonic() + wait_s
        while True:
            book = client.book(SYMBOL)
            offers = sorted((row.price, row.size) for row in book.rows if not row.is_bid)
            fresh = sum(source.state == "fresh" for source in book.sources)
            if len(offers) > 1 and fresh > 1:
                break
            if time.monotonic() > until:
                raise TimeoutError(f"no offers of {SYMBOL} within {wait_s:.0f} s")
            time.sleep(0.1)
    price = next((px for px, _ in offers if px > offers[0][0]), offers[0][0])
    shown = sum(size for px, size in offers if px <= price)
    return price, shown + MORE * SCALE
