"""Where the examples play: the engine and the venues of ``site/``, in a directory of their own."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from fix_oms.client import Oms, OrderBook, connect
from fix_oms.simulator.acts import AnyAct
from fix_oms.simulator.control import VenueClient
from fix_oms.site import Site, running

CONFIGS: Final = Path(__file__).parent / "site"
Main = Callable[[Oms, Site], Awaitable[None]]


def play(main: Main) -> None:
    """Start a site, connect to its engine, run the example, and take all of it down."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with (
        tempfile.TemporaryDirectory(prefix="fix-oms-") as where,
        running(CONFIGS, Path(where), "oms.toml", "venues.toml") as site,
    ):
        asyncio.run(_connected(main, site))


async def _connected(main: Main, site: Site) -> None:
    async with await connect(site.path, by="ann") as oms:
        for spec in oms.contracts:  # an example begins when there is a market
            book = await oms.order_book(spec.symbol, venue=spec.venue)
            await oms.until(partial(is_fresh, book))
        await main(oms, site)


def is_fresh(book: OrderBook) -> bool:
    """Whether all of it can be traded with."""
    return set(book.sources.values()) == {"fresh"}


def at_venue(site: Site, venue: str, act: AnyAct) -> None:
    """Do something by hand at a simulated venue, as its desk would."""
    with VenueClient(site.where / "var/venues" / venue) as desk:
        desk.perform(act)


def signed(amount: Decimal) -> str:
    """An amount with its sign, as the examples print it."""
    return f"{amount:+f}" if amount else "0"
