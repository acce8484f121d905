"""FIX messages of how things stand: positions, balances, and whether a security trades.

Nothing here moves an order. A counterparty says what it holds for an account, how much money is
there, and which securities are halted; we compare and obey. They are values like all other
:mod:`~fix_oms.model.messages`, where the unions of requests and reports take them in; what they
share with those is said there.

Sources: FIX 4.4 with Errata 20030618, volumes 3 (SecurityStatus) and 5 (positions, collateral), and
FIX 5.0 SP2. FIX 4.2 has SecurityStatus alone.
"""

from __future__ import annotations

import msgspec

from fix_oms.model.fix import PosReqResult, PosReqType
from fix_oms.model.units import Fixed


class RequestForPositions(msgspec.Struct, frozen=True, kw_only=True):
    """35=AN. ``clearing_business_date`` is YYYYMMDD, the day whose positions are asked for."""

    pos_req_id: str
    account: str | None
    clearing_business_date: str | None
    transact_time: int
    pos_req_type: str = PosReqType.POSITIONS.value
    subscription_request_type: str | None = None
    extra: dict[str, str] = {}


class RequestForPositionsAck(msgspec.Struct, kw_only=True):
    """35=AO. ``pos_req_result`` 0 announces reports; 2 says that there is no position."""

    pos_req_id: str | None
    pos_req_result: str
    pos_req_status: str | None = None
    total_num_pos_reports: int | None = None
    pos_maint_rpt_id: str | None = None
    account: str | None = None
    text: str | None = None
    msg_seq_num: int = 0
    poss_dup: bool = False
    sending_time: int | None = None
    tolerated: tuple[str, ...] = ()
    extra: dict[str, str] = {}


class PositionReport(msgspec.Struct, kw_only=True):
    """35=AP: what the counterparty holds for an account in one symbol.

    ``long_qty`` and ``short_qty`` are sums over the rows of NoPositions(702) of one PosType(703),
    ``pos_type``; None where no row states a holding. They are never sums over several types: the
    types are stages of one holding's day ("start-of-day, intraday, trade, adjustments, and
    end-of-day", FIX 4.4 volume 5, PositionQty), so adding them would count it twice. Of the types
    that a report has the first of these is taken:

    1. TQ, Transaction Quantity: what the trades have come to. It is what brokers that state one
       quantity call it, and what our own sum of executions is to be compared with.
    2. TOT, Total Transaction Qty: the same, of all venues.
    3. none: a single row need not name its type.
    4. NET, ITD: the net and the intraday quantity (5.0 SP2).
    5. FIN, SOD: the holding at the end and at the start of the day. Right only at that hour, so
       the last choice.

    All other types state movements (PIT, ETR, EX, PA …) or parts of a holding (IAS, IES, XM) and
    are no position. ``tolerated`` names the types that were left aside: a clearing house that tells
    TQ beside SOD may mean the day's trades by it, and a person has to know. A broker may send
    several reports for one symbol, one for each lot, which differ in ``pos_maint_rpt_id``.

    FIX gives the report no ExecID(17): ``last_exec_id`` is None unless the text carries one by
    agreement. TransactTime(60) is a field of 5.0 SP2; in 4.4 ``sending_time`` tells the age.
    """

    account: str | None
    symbol: str | None
    long_qty: Fixed | None
    short_qty: Fixed | None
    pos_type: str | None = "TQ"
    pos_req_id: str | None = None
    pos_maint_rpt_id: str | None = None
    pos_req_result: str | None = PosReqResult.VALID.value
    clearing_business_date: str | None = None
    settl_price: Fixed | None = None
    total_num_pos_reports: int | None = None
    last_exec_id: str | None = None
    transact_time: int | None = None
    text: str | None = None
    msg_seq_num: int = 0
    poss_dup: bool = False
    sending_time: int | None = None
    tolerated: tuple[str, ...] = ()
    extra: dict[str, str] = {}

    @property
    def quantity(self) -> Fixed | None:
        """Long less short; None where the report states neither."""
        if self.long_qty is None and self.short_qty is None:
            return None
        return (self.long_qty or 0) - (self.short_qty or 0)


class CollateralReport(msgspec.Struct, kw_only=True):
    """35=BA: the money of an account. ``margin_excess`` is what can still be used.

    TransactTime(60) is a field of 5.0 SP2; in 4.4 ``sending_time`` tells the age.
    """

    account: str | None
    currency: str | None = None
    margin_excess: Fixed | None = None
    total_net_value: Fixed | None = None
    cash_outstanding: Fixed | None = None
    coll_rpt_id: str | None = None
    coll_status: str | None = None
    text: str | None = None
    transact_time: int | None = None
    msg_seq_num: int = 0
    poss_dup: bool = False
    sending_time: int | None = None
    tolerated: tuple[str, ...] = ()
    extra: dict[str, str] = {}


class SecurityStatusRequest(msgspec.Struct, frozen=True, kw_only=True):
    """35=e. Asks whether one symbol trades, and with a subscription for each change of that."""

    security_status_req_id: str
    symbol: str
    subscription_request_type: str = "1"
    extra: dict[str, str] = {}


class SecurityStatus(msgspec.Struct, kw_only=True):
    """35=f: whether a security trades (``SecurityTradingStatus``), and why not.

    ``halt_reason`` is one of FIX 4.4's letters (``HaltReason``), which 5.0 SP2 writes as numbers,
    or what else the venue says. FIX 4.2 has no Text(58) here.
    """

    symbol: str
    security_trading_status: str | None = None
    halt_reason: str | None = None
    text: str | None = None
    transact_time: int | None = None
    last_px: Fixed | None = None
    security_status_req_id: str | None = None
    msg_seq_num: int = 0
    poss_dup: bool = False
    sending_time: int | None = None
    tolerated: tuple[str, ...] = ()
    extra: dict[str, str] = {}
