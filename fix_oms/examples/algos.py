"""An algo in the engine: an iceberg that shows a part of itself at a time.

It lives in the engine, not in the program: it goes on when the program has ended, and after a
restart. The program sees it live in ``oms.algos``, and its orders as any others; it can pause it,
amend it, and end it.
"""

from __future__ import annotations

from fix_oms.client import AskRefused, Oms
from fix_oms.examples.stage import play
from fix_oms.site import Site


async def main(oms: Oms, site: Site) -> None:
    iceberg = await oms.algo(
        "iceberg",
        ref="iceberg-1",
        symbol="AAPL",
        amount=500,
        price="150.05",
        display=100,
        venue="NORTH",
    )
    await oms.until(lambda: oms.get_position("AAPL").amount == 300)  # all that is offered there
    await oms.until(lambda: len(oms.orders.open()) == 1)
    [shown] = oms.orders.open()
    print(iceberg.kind, iceberg.state, "shows", shown.leaves_qty, "@", shown.price)

    await iceberg.pause("what is this?")
    await oms.until(lambda: not oms.orders.open())
    print(iceberg.state, "-", iceberg.why)
    try:
        await iceberg.amend(display="0")
    except AskRefused as error:
        print("refused:", error)
    await iceberg.amend(display=50)
    await iceberg.resume()
    await oms.until(lambda: bool(oms.orders.open()))
    [shown] = oms.orders.open()
    print(iceberg.state, "shows", shown.leaves_qty)

    await iceberg.stop("enough")
    await oms.until(lambda: iceberg.has_ended)
    held = await iceberg.look()
    print(iceberg.state, "-", iceberg.why, "- of", len(held.orders), "orders")
    print("position", oms.get_position("AAPL").amount)


if __name__ == "__main__":
    play(main)
