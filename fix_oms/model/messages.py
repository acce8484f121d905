"""FIX application messages as values, the same for every FIX version and both directions.

``wire`` makes these from text and text from these; nothing else sees FIX text. Quantities and
prices are :data:`~fix_oms.model.units.Fixed`, times integer nanoseconds UTC, codes the wire's
characters (the enums of :mod:`fix_oms.model.fix` equal them). An absent field is ``None``.

They are ``msgspec.Struct`` and not attrs: the same values cross the control socket and stand in the
journal, so one definition serves three uses, and a Struct of 30 fields is made in C. Those of
positions, balances and halts are in :mod:`fix_oms.model.standing` and are found here as well.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fix_oms.model.standing import CollateralReport as CollateralReport
from fix_oms.model.standing import PositionReport as PositionReport
from fix_oms.model.standing import RequestForPositions as RequestForPositions
from fix_oms.model.standing import RequestForPositionsAck as RequestForPositionsAck
from fix_oms.model.standing import SecurityStatus as SecurityStatus
from fix_oms.model.standing import SecurityStatusRequest as SecurityStatusRequest
from fix_oms.model.units import Fixed

NO_EXTRA: Final[dict[str, str]] = {}
"""The empty ``extra`` shared by all messages that carry no foreign tag; never written to."""


class Terms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a NewOrderSingle or a replace asks for. ``price`` for limits, ``stop_px`` for stops.

    No garbage collection looks at them: they hold text and numbers only, and there are millions.
    With ``cash_order_qty``, an amount of money, ``order_qty`` is 0 until the broker derives it.
    """

    symbol: str
    side: str
    order_qty: Fixed
    ord_type: str
    price: Fixed | None = None
    stop_px: Fixed | None = None
    time_in_force: str = "0"
    account: str | None = None
    ex_destination: str | None = None
    expire_time: int | None = None
    text: str | None = None
    cash_order_qty: Fixed | None = None


class NewOrderSingle(msgspec.Struct, frozen=True, kw_only=True):
    """35=D."""

    cl_ord_id: str
    terms: Terms
    transact_time: int
    poss_resend: bool = False
    extra: dict[str, str] = NO_EXTRA


class OrderCancelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """35=F. ``terms`` repeats the order's symbol, side and quantity, which 4.2 requires."""

    cl_ord_id: str
    orig_cl_ord_id: str
    order_id: str | None
    terms: Terms
    transact_time: int
    extra: dict[str, str] = NO_EXTRA


class OrderCancelReplaceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """35=G. ``terms.order_qty`` is the new total, including what has executed."""

    cl_ord_id: str
    orig_cl_ord_id: str
    order_id: str | None
    terms: Terms
    transact_time: int
    extra: dict[str, str] = NO_EXTRA


class OrderStatusRequest(msgspec.Struct, frozen=True, kw_only=True):
    """35=H. ``ord_status_req_id`` (790) leaves only where the version has it."""

    cl_ord_id: str
    order_id: str | None
    symbol: str
    side: str
    ord_status_req_id: str | None = None
    account: str | None = None
    extra: dict[str, str] = NO_EXTRA


class OrderMassCancelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """35=q. ``symbol`` None means all orders (530=7), else that security's (530=1)."""

    cl_ord_id: str
    transact_time: int
    symbol: str | None = None
    extra: dict[str, str] = NO_EXTRA


class OrderMassStatusRequest(msgspec.Struct, frozen=True, kw_only=True):
    """35=AF. ``symbol`` None means all orders (585=7), else that security's (585=1)."""

    mass_status_req_id: str
    symbol: str | None = None
    extra: dict[str, str] = NO_EXTRA


class ExecutionReport(msgspec.Struct):
    """35=8, in the words of FIX 4.4 (see :class:`~fix_oms.model.fix.ExecType` for 4.2).

    ``ord_status`` is empty where a fill or a status does not tell it: nothing is guessed from it.
    ``exec_id`` is None where the wire carries none or ``0``: a status report has no identity.
    Cumulative fields that the broker did not state are None; nothing is computed here.
    ``inexact`` names the fields that were rounded to 8 places. ``msg_seq_num`` is 0 when the text
    carried no header. ``tolerated`` lists, in words, the deviations that were read all the same.

    ``commission`` and ``misc_fees`` are money: what this execution cost, rates worked out. A rate
    that cannot be worked out, and the fees one by one, stand in ``extra`` as they came.

    What nearly every report carries stands first, in the order in which ``wire`` gives it: by
    keyword, making one takes 1 us more.
    """

    cl_ord_id: str | None
    order_id: str | None
    exec_id: str | None
    exec_type: str
    ord_status: str
    symbol: str | None = None
    side: str | None = None
    orig_cl_ord_id: str | None = None
    exec_ref_id: str | None = None
    order_qty: Fixed | None = None
    ord_type: str | None = None
    price: Fixed | None = None
    time_in_force: str | None = None
    last_qty: Fixed | None = None
    last_px: Fixed | None = None
    cum_qty: Fixed | None = None
    leaves_qty: Fixed | None = None
    avg_px: Fixed | None = None
    account: str | None = None
    transact_time: int | None = None
    text: str | None = None
    msg_seq_num: int = 0
    sending_time: int | None = None
    tolerated: tuple[str, ...] = ()
    inexact: tuple[str, ...] = ()
    stop_px: Fixed | None = None
    day_order_qty: Fixed | None = None
    day_cum_qty: Fixed | None = None
    day_avg_px: Fixed | None = None
    cash_order_qty: Fixed | None = None
    last_mkt: str | None = None
    commission: Fixed | None = None
    trade_date: str | None = None
    ord_rej_reason: str | None = None
    exec_restatement_reason: str | None = None
    ord_status_req_id: str | None = None
    mass_status_req_id: str | None = None
    tot_num_reports: int | None = None
    last_rpt_requested: bool | None = None
    poss_dup: bool = False
    poss_resend: bool = False
    extra: dict[str, str] = NO_EXTRA
    misc_fees: Fixed | None = None


class OrderCancelReject(msgspec.Struct, kw_only=True):
    """35=9. Matched to its request by ``cl_ord_id`` alone (FIX contradicts itself on 41)."""

    cl_ord_id: str
    orig_cl_ord_id: str | None
    order_id: str | None
    ord_status: str | None
    cxl_rej_response_to: str | None
    cxl_rej_reason: str | None = None
    text: str | None = None
    transact_time: int | None = None
    msg_seq_num: int = 0
    poss_dup: bool = False
    poss_resend: bool = False
    sending_time: int | None = None
    tolerated: tuple[str, ...] = ()
    extra: dict[str, str] = NO_EXTRA


class OrderMassCancelReport(msgspec.Struct, kw_only=True):
    """35=r. Says that a mass cancel was taken or refused; proves nothing about any one order."""

    cl_ord_id: str | None
    order_id: str | None
    mass_cancel_request_type: str | None
    mass_cancel_response: str
    mass_cancel_reject_reason: str | None = None
    total_affected_orders: int | None = None
    text: str | None = None
    msg_seq_num: int = 0
    poss_dup: bool = False
    extra: dict[str, str] = NO_EXTRA


class BusinessMessageReject(msgspec.Struct, kw_only=True):
    """35=j."""

    ref_msg_type: str | None
    business_reject_reason: str
    ref_seq_num: int | None = None
    business_reject_ref_id: str | None = None
    text: str | None = None
    msg_seq_num: int = 0
    poss_dup: bool = False
    extra: dict[str, str] = NO_EXTRA


class SessionReject(msgspec.Struct, kw_only=True):
    """35=3."""

    ref_seq_num: int
    ref_tag_id: int | None = None
    ref_msg_type: str | None = None
    session_reject_reason: str | None = None
    text: str | None = None
    msg_seq_num: int = 0
    poss_dup: bool = False
    extra: dict[str, str] = NO_EXTRA


class DontKnowTrade(msgspec.Struct, frozen=True, kw_only=True):
    """35=Q. We do not accept an execution; ``dk_reason`` is DKReason(127), Z with ``text``."""

    order_id: str
    exec_id: str
    dk_reason: str
    symbol: str
    side: str
    order_qty: Fixed | None = None
    cash_order_qty: Fixed | None = None
    last_qty: Fixed | None = None
    last_px: Fixed | None = None
    text: str | None = None
    extra: dict[str, str] = NO_EXTRA


class MarketDataRequest(msgspec.Struct, frozen=True, kw_only=True):
    """35=V for bids, offers and trades. ``market_depth`` 0 is the full book, 1 its top."""

    md_req_id: str
    subscription_request_type: str
    symbols: tuple[str, ...]
    market_depth: int = 1
    extra: dict[str, str] = NO_EXTRA


class MDEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of W or X. ``action`` is None in W; ``symbol`` is None in W (it stands above).

    ``market`` is MDMkt(275), else the entry's SecurityExchange(207); ``rpt_seq`` the number of the
    change among those of its symbol, RptSeq(83).
    """

    entry_type: str
    price: Fixed | None
    size: Fixed | None
    action: str | None = None
    symbol: str | None = None
    entry_id: str | None = None
    position: int | None = None
    market: str | None = None
    rpt_seq: int | None = None


class MarketDataSnapshot(msgspec.Struct, kw_only=True):
    """35=W: the whole book of one symbol; where SecurityExchange(207) is said for all of it
    (``market``), the whole book of that market. ``rpt_seq`` is the last change that it holds."""

    symbol: str
    entries: tuple[MDEntry, ...]
    market: str | None = None
    rpt_seq: int | None = None
    md_req_id: str | None = None
    msg_seq_num: int = 0
    extra: dict[str, str] = NO_EXTRA


class MarketDataIncremental(msgspec.Struct, kw_only=True):
    """35=X: changes to books."""

    entries: tuple[MDEntry, ...]
    md_req_id: str | None = None
    msg_seq_num: int = 0
    extra: dict[str, str] = NO_EXTRA


class MarketDataRequestReject(msgspec.Struct, kw_only=True):
    """35=Y."""

    md_req_id: str
    md_req_rej_reason: str | None = None
    text: str | None = None
    msg_seq_num: int = 0
    extra: dict[str, str] = NO_EXTRA


Request = (
    NewOrderSingle
    | OrderCancelRequest
    | OrderCancelReplaceRequest
    | OrderStatusRequest
    | OrderMassCancelRequest
    | OrderMassStatusRequest
    | DontKnowTrade
    | MarketDataRequest
    | RequestForPositions
    | SecurityStatusRequest
)
"""What the side that places orders sends."""

Report = (
    ExecutionReport
    | OrderCancelReject
    | OrderMassCancelReport
    | BusinessMessageReject
    | SessionReject
    | MarketDataSnapshot
    | MarketDataIncremental
    | MarketDataRequestReject
    | RequestForPositionsAck
    | PositionReport
    | CollateralReport
    | SecurityStatus
)
"""What the side that executes orders sends. A business or session reject may go either way."""

Message = Request | Report
