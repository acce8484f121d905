"""What venues quote: their books, what is a reference, and what they ask of an order."""

from fix_oms.market.contracts import Contracts, TradingTerms, contracts

__all__ = ["Contracts", "TradingTerms", "contracts"]
