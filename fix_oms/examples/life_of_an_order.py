"""The life of an order that rests: replaced, refused, canceled; and one that the gate refuses.

Each call returns when the engine has taken the request, and the pages show what was asked for from
then on (PENDING_REPLACE, PENDING_CANCEL). ``answered`` waits for the broker's answer. A refusal by
the engine's gate is an order's REJECTED, with ``refused``, and not an exception; what is asked of
an order that cannot have it is one.
"""

from __future__ import annotations

from fix_oms.client import AskRefused, Oms
from fix_oms.examples.stage import play
from fix_oms.site import Site


async def main(oms: Oms, site: Site) -> None:
    order = await oms.limit_order("AAPL", -100, "151", venue="NORTH", client_ref="sale-1")
    order = await oms.answered(order)
    print(order.name, order.status, order.amount, "@", order.price, "ClOrdID", order.cl_ord_id)

    await oms.replace_order("sale-1", amount=-200, price="151.50")
    order = await oms.answered("sale-1")
    print("replaced", order.status, order.amount, "@", order.price, "ClOrdID", order.cl_ord_id)

    await oms.cancel_order(order.order_id)  # any name will do: the broker's too
    order = await oms.ended("sale-1")
    print("canceled", order.status, "filled", order.filled)
    try:
        await oms.cancel_order("sale-1")
    except AskRefused as error:
        print("refused:", error)

    for price in ("149", "149.10", "149.20"):
        await oms.limit_order("AAPL", 10, price, venue="NORTH")
    await oms.cancel_all(symbol="AAPL")
    await oms.until(lambda: not oms.orders.open())
    print("of", len(oms.orders), "orders", len(oms.orders.open()), "are open")

    order = await oms.limit_order("AAPL", 2000, "150")
    print(order.status, order.refused, order.text)


if __name__ == "__main__":
    play(main)
