"""A hedge: a maker fills in pieces that are no whole lots of what covers it; then one is busted.

Each execution of the maker is covered at once by whole lots of 10. What is left is carried and goes
with the next one; a flush below a lot says so, and one that rounds up sends a lot: the balance is
then below 0. The bust makes too much hedged: it is bought back, but for what is below a lot.
"""

from __future__ import annotations

from fix_oms.client import Algo, AskRefused, Leg, Oms
from fix_oms.examples.stage import at_venue, play, signed
from fix_oms.model.units import fixed
from fix_oms.simulator.acts import Bust, Fill
from fix_oms.site import Site


async def main(oms: Oms, site: Site) -> None:
    hedge = await oms.hedge_order(
        Leg(symbol="AAPL", amount=300, price="149.80", venue="NORTH"),
        Leg(symbol="ETF", venue="SOUTH", account="HEDGE"),
        ref="pair",
    )
    maker = (await hedge.look()).orders["maker1"]
    await oms.answered(maker)

    for qty, hedged in (("37", "30"), ("41", "70"), ("19", "90")):
        at_venue(site, "NORTH", Fill(order=maker, quantity=fixed(qty), price=fixed("149.80")))
        await show(oms, hedge, hedged)
    try:
        await hedge.tell("flush")
    except AskRefused as error:
        print(error)
    await hedge.tell("flush", round="up")
    await show(oms, hedge, "100")
    at_venue(site, "NORTH", Bust(exec_id=oms.get_fills(maker)[1].exec_id))
    await show(oms, hedge, "60")

    for row in (await hedge.look()).schedule:
        print(row["leg"], row["symbol"], row["executed"], "at", row["average"])
    for symbol, account in (("AAPL", "DESK"), ("ETF", "HEDGE")):
        print("position", account, symbol, signed(oms.get_position(symbol, account).amount))


async def show(oms: Oms, hedge: Algo, hedged: str) -> None:
    """How the hedge stands, once so much has covered the maker."""
    await oms.until(lambda: hedge.progress["hedged"] == hedged)
    shown = hedge.progress
    words = ", ".join(f"{name} {shown[name]}" for name in ("hedged", "carried", "uncovered"))
    print("executed", f"{shown['maker_executed']}:", words)


if __name__ == "__main__":
    play(main)
