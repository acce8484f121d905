"""Handlers on everything: plain functions and coroutines, one that sleeps and one that raises.

Each has a queue of its own, so the two hold up nobody: all others are told all changes, and the
faulty ones are reported. ``on_delta`` is told each change, ``on_update`` the whole page; what comes
while it is at work is one next call.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from fix_oms.client import Delta, Fault, Oms, Order, Position, Trade
from fix_oms.examples.stage import play, signed
from fix_oms.site import Site


async def main(oms: Oms, site: Site) -> None:
    trades: list[str] = []
    faults: list[Fault] = []
    oms.on_fault(faults.append)

    @oms.trades.on_delta
    async def traded(change: Delta[Trade]) -> None:
        if change.now is not None:
            trades.append(f"{signed(change.now.amount)} {change.now.symbol} @ {change.now.last_px}")

    @oms.positions.on_delta
    def moved(change: Delta[Position]) -> None:
        now = change.now
        if now is not None and now.delta:
            print(f"position {signed(now.amount)}, by {signed(now.delta)}, entry {now.entry}")

    @oms.orders.on_delta
    def sleeps(change: Delta[Order]) -> None:
        time.sleep(3600)

    @oms.orders.on_update
    async def raises(orders: Mapping[str, Order]) -> None:
        raise LookupError(f"{len(orders)} order is one too many")

    bought = await oms.limit_order("AAPL", 300, "150.05", venue="NORTH")
    await oms.ended(bought)
    sold = await oms.market_order("AAPL", -100, venue="NORTH")
    await oms.ended(sold)
    await oms.until(lambda: len(trades) == 2 and len({fault.kind for fault in faults}) == 2)

    print("trades:", ", ".join(trades))
    for fault in sorted(oms.faults, key=lambda fault: fault.kind):
        error = type(fault.error).__name__ if fault.error is not None else "no error"
        print(f"{fault.of}: {fault.handler.rpartition('.')[2]} {fault.kind} ({error})")


if __name__ == "__main__":
    play(main)
