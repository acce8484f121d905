"""What a venue says it holds for an account: RequestForPositions (35=AN) answered from its trades.

One acknowledgement, which announces the reports, and one report for each symbol that the account
has traded here, busts taken back. Every request is answered as a snapshot: a venue tells positions
when it is asked, and no changes of them.
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.fix import PosReqResult
from fix_oms.model.messages import PositionReport, RequestForPositions, RequestForPositionsAck
from fix_oms.model.units import Fixed
from fix_oms.simulator.floor import Floor
from fix_oms.wire import utc_timestamp

_COMPLETED: Final = "0"
"""PosReqStatus(729)."""


def positions(
    floor: Floor, message: RequestForPositions, now_ns: int
) -> list[RequestForPositionsAck | PositionReport]:
    """The answer to a request."""
    held: dict[str, list[Fixed]] = {}
    prices: dict[str, Fixed] = {}
    for order in floor.orders.values():
        if order.terms.account != message.account:
            continue
        for trade in order.executions:
            if not trade.busted:
                sides = held.setdefault(order.terms.symbol, [0, 0])
                sides[0 if order.terms.side == "1" else 1] += trade.quantity
                prices[order.terms.symbol] = trade.price
    found = PosReqResult.VALID if held else PosReqResult.NO_POSITIONS_FOUND
    ack = RequestForPositionsAck(
        pos_req_id=message.pos_req_id,
        pos_req_result=found.value,
        pos_req_status=_COMPLETED,
        total_num_pos_reports=len(held),
        pos_maint_rpt_id=f"{message.pos_req_id}-0",
        account=message.account,
    )
    day = message.clearing_business_date or utc_timestamp(now_ns, 0)[:8]
    reports = [
        PositionReport(
            account=message.account,
            symbol=symbol,
            long_qty=max(0, bought - sold),
            short_qty=max(0, sold - bought),
            pos_req_id=message.pos_req_id,
            pos_maint_rpt_id=f"{message.pos_req_id}-{number}",
            clearing_business_date=day,
            settl_price=prices[symbol],
            total_num_pos_reports=len(held),
            transact_time=now_ns,
        )
        for number, (symbol, (bought, sold)) in enumerate(sorted(held.items()), 1)
    ]
    return [ack, *reports]
