"""Asking the brokers themselves: orders, positions, money; and what each of them does not answer.

Looking at the pages costs no request. These put the question to the broker and return when it has
answered. NORTH answers all of it; SOUTH has no status requests, and is refused by name.
"""

from __future__ import annotations

from fix_oms.client import AskRefused, NoAnswer, Oms
from fix_oms.examples.stage import play, signed
from fix_oms.site import Site


async def main(oms: Oms, site: Site) -> None:
    await oms.ended(await oms.limit_order("AAPL", 200, "150.05", venue="NORTH"))
    first = await oms.answered(await oms.limit_order("AAPL", 100, "149", venue="NORTH"))
    await oms.answered(await oms.limit_order("AAPL", -50, "152", venue="NORTH"))

    [order] = await oms.orders_get(first)
    print("one:", order.status, order.amount, "@", order.price)
    for order in await oms.orders_get():
        print("all:", order.status, order.amount, "@", order.price)

    south = await oms.answered(await oms.limit_order("AAPL", 50, "149", venue="SOUTH"))
    try:
        await oms.orders_get(south)
    except AskRefused as error:
        print("refused:", error)

    for told in await oms.positions_get("AAPL", venue="NORTH"):
        print("position:", told.source, "says", signed(told.told), "we say", signed(told.ours))
    try:
        await oms.positions_get("AAPL", venue="SOUTH")
    except AskRefused as error:
        print("refused:", error)
    try:
        await oms.balances_get()
    except NoAnswer as error:
        print("balances:", error)


if __name__ == "__main__":
    play(main)
