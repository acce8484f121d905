"""The first order: it is sent, fills in two parts, and is a position.

``limit_order`` returns when the engine has the order durably; what the broker says of it comes
later, and the handler is told each change of it: PENDING before anybody knows of it, then what the
broker reports. ``ended`` waits for the last of them.
"""

from __future__ import annotations

from fix_oms.client import Delta, Oms, Order
from fix_oms.examples.stage import play
from fix_oms.site import Site


async def main(oms: Oms, site: Site) -> None:
    @oms.orders.on_delta
    async def told(change: Delta[Order]) -> None:
        before, order = change.before, change.now
        if order is not None and (before is None or before.status != order.status):
            print(order.status, "filled", order.cum_qty, "the last", order.last_qty)

    order = await oms.limit_order("AAPL", 400, "150.10", venue="NORTH")
    order = await oms.ended(order)
    await oms.drained()

    print("ClOrdID", order.cl_ord_id, "bought", order.amount, "at", order.avg_px)
    for fill in oms.get_fills(order):
        print("fill", fill.last_qty, "@", fill.last_px)
    position = oms.get_position("AAPL")
    print("position", position.amount, "entry", position.entry)


if __name__ == "__main__":
    play(main)
