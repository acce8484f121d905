"""The live order book, prices by their place in it, and a market order where there are none.

``price_match`` is looked up when the order is sent: QUEUE_2 is the second best price of the own
side, OPPONENT_1 the best of the other. SOUTH takes no market orders: there one becomes a limit that
takes at once, within the bound that its session has for it (5 hundredths of a percent).
"""

from __future__ import annotations

from fix_oms.client import NoPrice, Oms
from fix_oms.examples.stage import play
from fix_oms.site import Site


async def main(oms: Oms, site: Site) -> None:
    book = await oms.order_book("AAPL", depth=2)
    for level in (*reversed(book.asks), *book.bids):
        venues = ", ".join(f"{size} at {venue}" for venue, size in level.venues.items())
        print(level.price, "x", level.size, f"({venues})")

    waits = await oms.limit_order("AAPL", 100, price_match="QUEUE_2")
    waits = await oms.answered(waits)
    print("QUEUE_2 is", waits.price, waits.status)
    takes = await oms.limit_order("AAPL", -100, price_match="OPPONENT_1", venue="NORTH", tif="IOC")
    takes = await oms.ended(takes)
    print("OPPONENT_1 is", takes.price, takes.status, "at", takes.avg_px)
    try:
        await oms.limit_order("AAPL", 100, price_match="QUEUE_9")
    except NoPrice as error:
        print(error)

    market = await oms.market_order("AAPL", 1000, venue="SOUTH")
    market = await oms.ended(market)
    print("market:", market.ord_type, market.tif, "@", market.price, market.status, market.cum_qty)


if __name__ == "__main__":
    play(main)
