"""Contract specifications as people and programs see them: what each venue asks of an order."""

from __future__ import annotations

from fix_oms.engine.state import State
from fix_oms.market.contracts import TradingTerms
from fix_oms.model.talk_contracts import Contracts, ContractView


def contract_views(state: State) -> Contracts:
    """Every instrument at every venue that it names."""
    found = tuple([_view(state, terms) for terms in state.contracts.values()])
    return Contracts(contracts=found, default_account=state.settings.engine.default_account)


def _view(state: State, terms: TradingTerms) -> ContractView:
    session = state.settings.sessions[state.settings.venues[terms.venue].session]
    fees, supports = terms.fees, session.supports
    return ContractView(
        symbol=terms.symbol,
        venue=terms.venue,
        session=session.name,
        currency=terms.instrument.currency,
        tick=terms.tick,
        lot=terms.lot,
        multiplier=terms.multiplier,
        min_qty=terms.min_qty,
        max_qty=terms.max_qty,
        min_notional=terms.min_notional,
        taker=fees.taker,
        maker=fees.maker,
        taker_bps=fees.taker_bps,
        maker_bps=fees.maker_bps,
        market_orders=supports.market_orders,
        stop_orders=supports.stop_orders,
        replace=supports.replace,
        market_order_bps=session.market_order_bps,
    )
