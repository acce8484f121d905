"""The pre-trade gate: every control that a new order or a replace must pass before it leaves.

A control has an identifier (``Limit.control``, or ``halt``), a scope (account, symbol, venue, any
combination; what is not given is anywhere), and a limit. All limits that match an order hold, so
the tightest wins. They are resolved once per (account, symbol, venue) and kept: the hot path is a
few comparisons. A refusal names control, limit and the value found.

- ``max_order_qty``: OrderQty(38). A replace is checked as the order it becomes.
- ``max_order_value``: price x quantity x multiplier. A market order has no price: it is valued at
  the reference plus the buffer and refused without one. (Taking its price as 0 would approve every
  market order.) Nor has a limit sell a bound upwards: it is valued at the better of limit and
  reference, and refused without one. A stop is valued at StopPx(99) plus the buffer.
- ``price_collar``: percent a limit price may stand beyond the reference on the aggressive side (a
  buy above, a sell below). The reference is the venue's quote, else one that a person set or the
  configuration states; without either the order is refused: fail closed.
- ``message_rate``: messages per window, new orders and replaces counted apart. Cancels are never
  counted, so they can never starve.
- ``halt``: no new risk in its scope. Cancels, and replaces that only reduce, still leave.
"""

from __future__ import annotations

from collections import deque
from itertools import takewhile
from typing import Final

from fix_oms.model.fix import OrdRejReason, OrdType
from fix_oms.model.limits import Limit, notional_limit
from fix_oms.model.messages import Terms
from fix_oms.model.outputs import Refused
from fix_oms.model.settings import Instrument, Settings
from fix_oms.model.units import SCALE, Fixed, Notional, notional_text, text_of
from fix_oms.model.views import HaltView

_SECOND: Final = 1_000_000_000
_HUNDRED: Final = 100 * SCALE
_HAS_LIMIT_PRICE: Final = frozenset({OrdType.LIMIT, OrdType.STOP_LIMIT})
Scope = tuple[str | None, str | None, str | None]


class Rate:
    """One message_rate limit and the times of the messages that it has counted, by kind."""

    __slots__ = ("limit", "most", "times", "window_ns")

    def __init__(self, limit: Limit) -> None:
        self.limit: Final = limit
        self.most: Final = limit.limit // SCALE
        self.window_ns: Final = limit.seconds * _SECOND
        self.times: dict[str, deque[int]] = {"new": deque(), "replace": deque()}

    def used(self, kind: str, now: int) -> int:
        """Messages of that kind in the window that ends now."""
        times, since = self.times[kind], now - self.window_ns
        return len(times) - sum(1 for _ in takewhile(lambda at: at <= since, times))

    def count(self, kind: str, now: int) -> None:
        """A message of that kind leaves. Only here is anything forgotten: asking changes nothing,
        because a question is not in the journal and must not change what a replay decides."""
        times = self.times[kind]
        while times and times[0] <= now - self.window_ns:
            times.popleft()
        times.append(now)


class Resolved:
    """The tightest limits that hold for one (account, symbol, venue); None where there is none."""

    __slots__ = ("collar", "qty", "rates", "value")

    def __init__(self, limits: list[Limit], rates: list[Rate]) -> None:
        def tightest(control: str) -> Fixed | None:
            return min((x.limit for x in limits if x.control == control), default=None)

        self.qty: Final = tightest("max_order_qty")
        self.value: Final = tightest("max_order_value")
        self.collar: Final = tightest("price_collar")
        self.rates: Final = rates


class Gate:
    """All controls with their state: the rates counted, the halts in force."""

    __slots__ = ("_rates", "_resolved", "_settings", "halts")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rates = [Rate(x) for x in settings.limits if x.control == "message_rate"]
        self._resolved: dict[tuple[str, str, str], Resolved] = {}
        self.halts: dict[Scope, HaltView] = {}

    def check(
        self,
        terms: Terms,
        instrument: Instrument,
        account: str,
        venue: str,
        reference: Fixed | None,
        now: int,
        *,
        kind: str = "new",
        reduces: bool = False,
        ahead: int = 0,
    ) -> Refused | None:
        """None when the order may leave, else the first control that refuses it.

        ``reduces`` says that a replace only takes risk away; ``ahead`` counts messages of the same
        batch that will be counted before this one.
        """
        limits = self._for(account, instrument.symbol, venue)
        if self.halts and not reduces:
            refused = self._halted(account, instrument.symbol, venue)
            if refused is not None:
                return refused
        if limits.qty is not None and terms.order_qty > limits.qty:
            return Refused(
                control="max_order_qty",
                text=f"OrderQty(38) {text_of(terms.order_qty)} exceeds the maximum order quantity",
                field="OrderQty(38)",
                limit=text_of(limits.qty),
                value=text_of(terms.order_qty),
                ord_rej_reason=OrdRejReason.INCORRECT_QUANTITY,
            )
        return (
            self._check_value(terms, instrument, limits.value, reference)
            or self._check_collar(terms, limits.collar, reference)
            or (None if reduces else self._check_rate(limits.rates, kind, now, ahead))
        )

    def count(self, account: str, symbol: str, venue: str, now: int, kind: str) -> None:
        """A message that passed is about to leave: count it."""
        for rate in self._for(account, symbol, venue).rates:
            rate.count(kind, now)

    def counted(self) -> list[tuple[str, int, tuple[int, ...]]]:
        """What the throttles have counted: part of the state that a replay must reach."""
        return [
            (kind, rate.most, tuple(times))
            for rate in self._rates
            for kind, times in rate.times.items()
        ]

    def _for(self, account: str, symbol: str, venue: str) -> Resolved:
        key = (account, symbol, venue)
        found = self._resolved.get(key)
        if found is None:
            matching = [x for x in self._settings.limits if _matches(x, account, symbol, venue)]
            rates = [r for r in self._rates if r.limit in matching]
            found = self._resolved[key] = Resolved(matching, rates)
        return found

    def _halted(self, account: str, symbol: str, venue: str) -> Refused | None:
        for halt in self.halts.values():
            if (
                halt.venue in (None, venue)
                and halt.symbol in (None, symbol)
                and halt.account in (None, account)
            ):
                return Refused(
                    control="halt",
                    text=f"halted by {halt.by}: {halt.reason}",
                    ord_rej_reason=OrdRejReason.BROKER,
                )
        return None

    def _check_value(
        self, terms: Terms, instrument: Instrument, limit: Fixed | None, reference: Fixed | None
    ) -> Refused | None:
        if limit is None:
            return None
        price = self._worst_price(terms, reference)
        if price is None:
            return _no_reference("max_order_value", "its value cannot be known")
        value = order_value(terms.order_qty, price, instrument)
        if value <= notional_limit(limit):
            return None
        return Refused(
            control="max_order_value",
            text=f"the order's value {notional_text(value)} {instrument.currency} exceeds the "
            "maximum order value",
            field="OrderQty(38)",
            limit=text_of(limit),
            value=notional_text(value).replace(",", ""),
            ord_rej_reason=OrdRejReason.ORDER_EXCEEDS_LIMIT,
        )

    def _worst_price(self, terms: Terms, reference: Fixed | None) -> Fixed | None:
        if terms.ord_type in _HAS_LIMIT_PRICE:
            if terms.side == "1":
                return terms.price
            # A sell's limit is the least it may fetch, not the most: value it at the better one,
            # and refuse it without a reference, as a market order.
            return None if reference is None else max(terms.price or 0, reference)
        base = terms.stop_px if terms.ord_type == OrdType.STOP else reference
        if base is None:
            return None
        buffer = self._settings.engine.market_buffer_pct
        return base + base * buffer // _HUNDRED

    def _check_collar(
        self, terms: Terms, percent: Fixed | None, reference: Fixed | None
    ) -> Refused | None:
        if percent is None or (terms.ord_type == OrdType.STOP):
            return None
        if reference is None:
            return _no_reference("price_collar", "its price cannot be judged")
        if terms.ord_type not in _HAS_LIMIT_PRICE or terms.price is None:
            return None
        buys = terms.side == "1"
        bound = reference * (_HUNDRED + (percent if buys else -percent)) // _HUNDRED
        if (terms.price <= bound) if buys else (terms.price >= bound):
            return None
        beyond = "above" if buys else "below"
        return Refused(
            control="price_collar",
            text=f"Price(44) {text_of(terms.price)} is {beyond} {text_of(bound)}, the collar of "
            f"{text_of(percent)} % around the reference {text_of(reference)}",
            field="Price(44)",
            limit=text_of(bound),
            value=text_of(terms.price),
            ord_rej_reason=OrdRejReason.ORDER_EXCEEDS_LIMIT,
        )

    def _check_rate(self, rates: list[Rate], kind: str, now: int, ahead: int) -> Refused | None:
        for rate in rates:
            used = rate.used(kind, now) + ahead
            if used >= rate.most:
                return Refused(
                    control="message_rate",
                    text=f"{used} {kind} messages within {rate.limit.seconds} s reach the "
                    "maximum message rate; cancels still leave",
                    limit=str(rate.most),
                    value=str(used + 1),
                    ord_rej_reason=OrdRejReason.ORDER_EXCEEDS_LIMIT,
                )
        return None


def order_value(qty: Fixed, price: Fixed, instrument: Instrument) -> Notional:
    """Price x quantity x multiplier, of the price's absolute value."""
    return qty * abs(price) * instrument.multiplier // SCALE


def _matches(limit: Limit, account: str, symbol: str, venue: str) -> bool:
    return (
        limit.account in (None, account)
        and limit.symbol in (None, symbol)
        and limit.venue in (None, venue)
    )


def _no_reference(control: str, why: str) -> Refused:
    return Refused(
        control=control,
        text=f"no reference price (no fresh quote, none set, none configured): {why}",
        field="Price(44)",
        ord_rej_reason=OrdRejReason.BROKER,
    )
