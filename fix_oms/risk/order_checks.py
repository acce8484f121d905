"""Controls that look at one order by itself: its size, its value, its price, whether it may be.

A market order has no price. It is valued at the reference plus a buffer, and refused without a
reference: taking its price as 0 would let every market order through a value limit. A limit sell
has no bound upwards either: it is valued at the better of its limit and the reference. A stop is
valued at StopPx(99) plus the buffer.

A collar is percent beyond a price on the side that would hurt: a buy above it, a sell below. What
it is measured against is the *touch* (the near side of the venue's fresh quote, else what a person
set, else the configuration's reference), the *last* trade, or the *reference* that was stated. No
such price: refused. A rule that cannot be judged is not passed.
"""

from __future__ import annotations

from typing import Final, final

from fix_oms.market.references import References
from fix_oms.model.fix import OrdRejReason, OrdType, Side
from fix_oms.model.limits import Limit, notional_limit
from fix_oms.model.outputs import Refused
from fix_oms.model.scope import Key
from fix_oms.model.units import SCALE, Fixed, Notional, notional_text, text_of
from fix_oms.risk.check import SECOND, Candidate, Check

HUNDRED: Final = 100 * SCALE
_TYPES: Final = {t.value: t.name.lower() for t in OrdType}
_SIDES: Final = {s.value: s.name.lower() for s in Side}


def money(value: Notional) -> str:
    """A notional as text that programs can read: no grouping."""
    return notional_text(value).replace(",", "")


@final
class MaxOrderQty(Check):
    """``max_order_qty``."""

    def refuse(self, order: Candidate) -> Refused | None:
        qty = order.terms.order_qty
        if qty <= self.most:
            return None
        return self.says(
            f"OrderQty(38) {text_of(qty)} exceeds the maximum order quantity",
            text_of(self.most),
            text_of(qty),
            "OrderQty(38)",
            OrdRejReason.INCORRECT_QUANTITY,
        )


@final
class MaxOrderValue(Check):
    """``max_order_value``, in the instrument's currency, or converted to the limit's."""

    __slots__ = ("_bound", "_currency", "_prices")

    def __init__(self, limit: Limit, bucket: Key, prices: References) -> None:
        super().__init__(limit, bucket)
        self._bound: Final[Notional] = notional_limit(limit.limit)
        self._currency: Final[str | None] = limit.currency
        self._prices: Final = prices

    def refuse(self, order: Candidate) -> Refused | None:
        value = order.value
        currency = self._prices.currency(order.scope.symbol)
        if self._currency is not None and self._currency != currency:
            theirs, ours = self._prices.rate(currency), self._prices.rate(self._currency)
            if not theirs or not ours:
                missing = currency if not theirs else self._currency
                return self.says(
                    f"no rate is known for {missing}: its value cannot be known",
                    "",
                    "",
                    "Price(44)",
                )
            value, currency = -(-value * theirs // ours), self._currency
        if not order.px:
            return no_reference(self, "its value cannot be known")
        if value <= self._bound:
            return None
        return self.says(
            f"the order's value {notional_text(value)} {currency} exceeds the maximum order value",
            text_of(self.most),
            money(value),
            "OrderQty(38)",
        )

    def raw_bound(self, symbol: str) -> Notional:
        """The most that price x quantity of the symbol may be; below 0 where nobody knows."""
        bound, currency = self._bound, self._prices.currency(symbol)
        if self._currency is not None and self._currency != currency:
            theirs, ours = self._prices.rate(currency), self._prices.rate(self._currency)
            if not theirs or not ours:
                return -1
            bound = bound * ours // theirs
        return ((bound + 1) * SCALE - 1) // self._prices.multiplier(symbol)


@final
class PriceCollar(Check):
    """``price_collar``, static (reference) and dynamic (touch, last)."""

    __slots__ = ("_prices", "against")

    def __init__(self, limit: Limit, bucket: Key, prices: References) -> None:
        super().__init__(limit, bucket)
        self.against: Final[str] = limit.against or "touch"
        self._prices: Final = prices

    def refuse(self, order: Candidate) -> Refused | None:
        terms = order.terms
        if terms.ord_type == OrdType.STOP:
            return None
        around = self._price(order)
        if around is None:
            return no_reference(self, "its price cannot be judged")
        price = terms.price
        if price is None:
            return None
        if order.buys:
            bound = around * (HUNDRED + self.most) // HUNDRED
            if price <= bound:
                return None
        else:
            bound = -(-around * (HUNDRED - self.most) // HUNDRED)
            if price >= bound:
                return None
        beyond = "above" if order.buys else "below"
        what = "reference" if self.against == "touch" else self.against
        return self.says(
            f"Price(44) {text_of(price)} is {beyond} {text_of(bound)}, the collar of "
            f"{text_of(self.most)} % around the {what} {text_of(around)}",
            text_of(bound),
            text_of(price),
            "Price(44)",
        )

    def _price(self, order: Candidate) -> Fixed | None:
        if self.against == "touch":
            return order.reference
        symbol = order.scope.symbol
        if self.against == "last":
            return self._prices.last(order.scope.session, symbol, order.now)
        return self._prices.stated(symbol)


@final
class MarketData(Check):
    """``market_data``: what the venue quotes must be there, two-sided, uncrossed and fresh."""

    __slots__ = ("_prices", "age_ns")

    def __init__(self, limit: Limit, bucket: Key, prices: References) -> None:
        super().__init__(limit, bucket)
        self.age_ns: Final = limit.limit * SECOND // SCALE
        self._prices: Final = prices

    def refuse(self, order: Candidate) -> Refused | None:
        scope = order.scope
        wrong = self._prices.unreasonable(scope.session, scope.symbol, order.now, self.age_ns)
        if not wrong:
            return None
        return self.says(
            f"{scope.session}'s quote of {scope.symbol} is {wrong}: no price can be judged by it",
            text_of(self.most),
            wrong,
            "Symbol(55)",
            OrdRejReason.BROKER,
        )


@final
class Restricted(Check):
    """``restricted``: nothing of its scope leaves."""

    def refuse(self, order: Candidate) -> Refused | None:
        return self.says(f"{self.where} is restricted", "", order.scope.symbol, "Symbol(55)", "99")


@final
class Permission(Check):
    """``permission``: in its scope nothing but what is listed."""

    __slots__ = ("_allowed",)

    def __init__(self, limit: Limit, bucket: Key) -> None:
        super().__init__(limit, bucket)
        self._allowed: Final[dict[str, frozenset[str]]] = {
            "Symbol(55)": frozenset(limit.symbols),
            "venue": frozenset(limit.venues),
            "OrdType(40)": frozenset(limit.ord_types),
            "Side(54)": frozenset(limit.sides),
        }

    def refuse(self, order: Candidate) -> Refused | None:
        terms = order.terms
        told = {
            "Symbol(55)": terms.symbol,
            "venue": order.scope.venue,
            "OrdType(40)": _TYPES.get(terms.ord_type, terms.ord_type),
            "Side(54)": _SIDES.get(terms.side, terms.side),
        }
        for field, allowed in self._allowed.items():
            if allowed and told[field] not in allowed:
                known = ", ".join(sorted(allowed))
                text = f"{field} {told[field]} is not permitted to {self.where} ({known} is)"
                return self.says(text, known, told[field], field, OrdRejReason.OTHER)
        return None

    def sides_of(self, ord_type: str, symbol: str) -> frozenset[str]:
        """The Side(54) codes that may send such orders in the bucket's venue."""
        symbols, types = self._allowed["Symbol(55)"], self._allowed["OrdType(40)"]
        venues, sides = self._allowed["venue"], self._allowed["Side(54)"]
        if venues or (symbols and symbol not in symbols):
            return frozenset()
        if types and _TYPES[ord_type] not in types:
            return frozenset()
        return frozenset(code for code, name in _SIDES.items() if not sides or name in sides)


def no_reference(check: Check, why: str) -> Refused:
    """The refusal of what cannot be judged."""
    text = f"no reference price (no fresh quote, none set, none configured): {why}"
    return check.says(text, text_of(check.most), "", "Price(44)", OrdRejReason.BROKER)
