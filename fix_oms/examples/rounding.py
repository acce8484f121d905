"""Contract specifications: what a venue asks of an order, and rounding to it the safe way.

A price is rounded so that it is never worse than what was said, an amount so that it is never more.
Numbers are Decimals, integers or text; a float has no exact value and is refused.
"""

from __future__ import annotations

from fix_oms.client import BadArgument, Oms
from fix_oms.examples.stage import play
from fix_oms.site import Site


async def main(oms: Oms, site: Site) -> None:
    for symbol, venue in (("AAPL", "NORTH"), ("AAPL", "SOUTH"), ("MSFT", "NORTH")):
        spec = oms.contract_specs(symbol, venue)
        print(symbol, venue, "tick", spec.tick, "lot", spec.lot, "least", spec.least("300"))

    spec = oms.contract_specs("AAPL", "SOUTH")
    print("buy at", spec.round_price("150.0379", buys=True), "sell at", end=" ")
    print(spec.round_price("150.0379", buys=False))

    spec = oms.contract_specs("MSFT")
    print("amount", spec.round_amount("-1257.9"), "for 10000:", spec.amount_for("10000", "299.90"))
    print("worth", spec.notional("-1250", "299.90"), spec.currency)
    print("may be sent:", spec.allowed("57", "300"), "and", spec.allowed("29", "300"))

    for wrong in (150.1, "150.10.1", "1e3"):
        try:
            await oms.limit_order("AAPL", 100, wrong)  # type: ignore[arg-type]  # what it shows
        except BadArgument as error:
            print("refused:", error)


if __name__ == "__main__":
    play(main)
