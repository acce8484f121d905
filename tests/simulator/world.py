"""A venue in virtual time with one or two clients, and its reports in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from fix_oms.model.fix import (
    CxlRejReason,
    ExecType,
    FixVersion,
    OrdRejReason,
    OrdStatus,
    OrdType,
    Side,
)
from fix_oms.model.messages import (
    BusinessMessageReject,
    ExecutionReport,
    MarketDataIncremental,
    MarketDataRequest,
    MarketDataSnapshot,
    Message,
    NewOrderSingle,
    OrderCancelReject,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelReport,
    Report,
    Terms,
)
from fix_oms.model.units import fixed, text_of
from fix_oms.simulator import acts
from fix_oms.simulator.settings import Behaviour, Flow, Level, Listing, VenueSettings
from fix_oms.simulator.venue import Action, Venue

MS = 1_000_000


def levels(*texts: str) -> tuple[Level, ...]:
    """``"500 @ 150.20"``, or ``"500 @ 150.20 shows 100"`` …"""
    found = []
    for text in texts:
        size, _, price, *shows = text.split()
        display = fixed(shows[1]) if shows else None
        found.append(Level(price=fixed(price), size=fixed(size), display=display))
    return tuple(found)


def terms(text: str, **more: Any) -> Terms:
    """``buy 100 AAPL @ 150.25``, or without a price for a market order."""
    side, quantity, symbol, *rest = text.split()
    price = fixed(rest[1]) if rest else None
    values: dict[str, Any] = {
        "symbol": symbol,
        "side": Side.BUY if side == "buy" else Side.SELL,
        "order_qty": fixed(quantity),
        "ord_type": OrdType.LIMIT if rest else OrdType.MARKET,
        "price": price,
        **more,
    }
    return Terms(**values)


def new(
    cl_ord_id: str,
    text: str,
    *,
    poss_resend: bool = False,
    extra: dict[str, str] | None = None,
    **more: Any,
) -> NewOrderSingle:
    return NewOrderSingle(
        cl_ord_id=cl_ord_id,
        terms=terms(text, **more),
        transact_time=0,
        poss_resend=poss_resend,
        extra=extra or {},
    )


def cancel(cl_ord_id: str, orig: str, text: str = "buy 100 AAPL @ 10") -> OrderCancelRequest:
    return OrderCancelRequest(
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=orig,
        order_id=None,
        terms=terms(text),
        transact_time=0,
    )


def replace(cl_ord_id: str, orig: str, text: str, **more: Any) -> OrderCancelReplaceRequest:
    return OrderCancelReplaceRequest(
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=orig,
        order_id=None,
        terms=terms(text, **more),
        transact_time=0,
    )


def watch(md_req_id: str, kind: str, *symbols: str, depth: int = 0) -> MarketDataRequest:
    return MarketDataRequest(
        md_req_id=md_req_id,
        subscription_request_type=kind,
        symbols=symbols,
        market_depth=depth,
    )


class World:
    """The venue, its clock, and who is connected."""

    def __init__(
        self,
        *,
        version: FixVersion = FixVersion.FIX44,
        bids: Iterable[str] = (),
        asks: Iterable[str] = (),
        seed: int = 1,
        reference: str | None = None,
        flow: Flow | None = None,
        **behaviour: Any,
    ) -> None:
        listing = Listing(
            bids=levels(*bids),
            asks=levels(*asks),
            reference=None if reference is None else fixed(reference),
            flow=flow,
        )
        self.settings = VenueSettings(
            version=version,
            port=1,
            comp_id="ALPHA",
            clients=("FIXOMS",),
            seed=seed,
            listings={"AAPL": listing, "MSFT": Listing()},
            behaviour=Behaviour(**behaviour),
        )
        self.now = 0
        self.venue = Venue("ALPHA", version)
        self.sent: list[Report] = []
        self.seq = 0
        self._keep(self.venue.open(0, "1", self.settings))

    def send(self, *messages: Message, session: str = "C") -> list[str]:
        """Send at this moment; what the venue says to that, to whomever."""
        said = []
        for message in messages:
            self.seq += 1
            said += self._keep(self.venue.handle(self.now, session, message, self.seq))
        return said

    def act(self, act: acts.Act) -> list[str]:
        return self._keep(self.venue.perform(self.now, act))

    def wait(self, ms: int) -> list[str]:
        """Let time pass, waking the venue exactly when it asked to be."""
        until, said = self.now + ms * MS, list[str]()
        while (due := self.venue.next_due()) is not None and due <= until:
            self.now = due
            said += self._keep(self.venue.due(due))
        self.now = until
        return said + self._keep(self.venue.due(until))

    def set(self, **values: Any) -> None:
        for key, value in values.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            self.act(acts.Set(key=key, value=text))

    def last_report(self) -> ExecutionReport:
        return next(r for r in reversed(self.sent) if isinstance(r, ExecutionReport))

    def exec_ids(self) -> list[str]:
        return [r.exec_id for r in self.sent if isinstance(r, ExecutionReport) and r.exec_id]

    def _keep(self, actions: list[Action]) -> list[str]:
        self.venue._check()
        self.sent += [action.message for action in actions]
        return [words(action.message) for action in actions]


def words(message: Report) -> str:
    """``X New/New 100 0 100``: ids, ExecType/OrdStatus, OrderQty, CumQty, LeavesQty, the fill."""
    match message:
        case ExecutionReport():
            return _report(message)
        case OrderCancelReject():
            why = CxlRejReason(message.cxl_rej_reason or "99").name
            status = OrdStatus(message.ord_status or "8").name
            return f"{message.cl_ord_id}<-{message.orig_cl_ord_id} refused {status} {why}"
        case BusinessMessageReject():
            reason, ref = message.business_reject_reason, message.business_reject_ref_id
            return f"j {reason} {message.ref_msg_type} {message.ref_seq_num} {ref}: {message.text}"
        case OrderMassCancelReport():
            hit, code = message.total_affected_orders, message.mass_cancel_reject_reason
            return f"r {message.cl_ord_id} {message.mass_cancel_response} {hit} {code}"
        case MarketDataSnapshot() | MarketDataIncremental():
            kind = "W" if isinstance(message, MarketDataSnapshot) else "X"
            entries = [
                f"{'' if e.action is None else 'NCD'[int(e.action)]}{'bot'[int(e.entry_type)]}"
                f"{text_of(e.size or 0)}@{text_of(e.price or 0)}"
                for e in message.entries
            ]
            return " ".join([kind, *entries])
        case _:
            return repr(message)


def _report(report: ExecutionReport) -> str:
    orig = f"<-{report.orig_cl_ord_id}" if report.orig_cl_ord_id else ""
    kind, status = ExecType(report.exec_type).name, OrdStatus(report.ord_status).name
    quantities = [report.order_qty, report.cum_qty, report.leaves_qty]
    text = " ".join(
        [f"{report.cl_ord_id}{orig} {kind}/{status}", *(text_of(q or 0) for q in quantities)]
    )
    if report.last_qty:
        text += f" {text_of(report.last_qty)}@{text_of(report.last_px or 0)}"
    if report.ord_rej_reason:
        text += f" {OrdRejReason(report.ord_rej_reason).name}"
    return text


def evolved(settings: VenueSettings, **behaviour: Any) -> VenueSettings:
    return attrs.evolve(settings, behaviour=attrs.evolve(settings.behaviour, **behaviour))
