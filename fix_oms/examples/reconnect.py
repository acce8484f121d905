"""The engine is killed and started again under a program that goes on.

The pages stay as they are while there is nobody to keep them current, and say so; then the gap is
closed. What happened meanwhile is told to the handlers as any change: here an order that was filled
by the broker while no engine ran. The order whose reply was lost is not sent twice.
"""

from __future__ import annotations

from fix_oms.client import Delta, Oms, Trade
from fix_oms.examples.stage import at_venue, play
from fix_oms.model.units import fixed
from fix_oms.simulator.acts import Fill
from fix_oms.site import Site


async def main(oms: Oms, site: Site) -> None:
    @oms.trades.on_delta
    async def traded(change: Delta[Trade]) -> None:
        if change.now is not None:
            print("trade", change.now.last_qty, "@", change.now.last_px)

    order = await oms.limit_order("AAPL", 100, "149", venue="NORTH")
    order = await oms.answered(order)
    print(order.status, "current:", oms.is_current)

    site.kill("run")
    await oms.until(lambda: not oms.is_current)
    held = oms.get_order(order)
    print("the engine is gone, current:", oms.is_current, "held:", held.status if held else None)
    at_venue(site, "NORTH", Fill(order=order.cl_ord_id, quantity=fixed("60"), price=fixed("149")))

    site.start("run")
    await oms.current(30)
    await oms.until(lambda: oms.get_position("AAPL").amount, 30)
    await oms.drained()
    now = oms.get_order(order)
    print("current:", oms.is_current, "order:", now.status if now else None, end=" ")
    print("position:", oms.get_position("AAPL").amount)


if __name__ == "__main__":
    play(main)
