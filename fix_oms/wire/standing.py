"""Balances and trading halts: BA, e and f, from fields and to fields.

Readers and writers are of the same form as those of :mod:`fix_oms.wire.reports`. A wrong amount,
price or time is left out and noted, so that it never hides the rest (``Form.lenient``).
"""

from __future__ import annotations

from typing import Final

from fix_oms.model.fix import HaltReason, SecurityTradingStatus, SubscriptionRequestType
from fix_oms.model.messages import CollateralReport, SecurityStatus, SecurityStatusRequest
from fix_oms.wire.positions import check_code
from fix_oms.wire.reports import Body, Pairs
from fix_oms.wire.times import utc_timestamp
from fix_oms.wire.values import FLAGS, fixed_text, leftover, moment, numbered, price
from fix_oms.wire.versions import Version

HALT_REASONS: Final[dict[str | None, str]] = {
    "0": HaltReason.NEWS_DISSEMINATION.value,
    "1": HaltReason.ORDER_INFLUX.value,
    "2": HaltReason.ORDER_IMBALANCE.value,
    "3": HaltReason.ADDITIONAL_INFORMATION.value,
    "4": HaltReason.NEWS_PENDING.value,
    "5": HaltReason.EQUIPMENT_CHANGEOVER.value,
}
"""HaltReason(327) in the numbers of FIX 5.0 SP2, which no earlier version uses: read in all."""

_TRADING: Final = frozenset(code.value for code in SecurityTradingStatus)
_SUBSCRIPTIONS: Final = frozenset(code.value for code in SubscriptionRequestType)


def read_collateral_report(body: Body, version: Version) -> CollateralReport:
    """35=BA."""
    pop = body.pop
    return CollateralReport(
        account=pop("1", None),
        currency=pop("15", None),
        margin_excess=price(pop("899", None)),
        total_net_value=price(pop("900", None)),
        cash_outstanding=price(pop("901", None)),
        coll_rpt_id=pop("908", None),
        coll_status=pop("910", None),
        text=pop("58", None),
        transact_time=moment(pop("60", None)),
        msg_seq_num=numbered(pop("34", "0")),
        poss_dup=FLAGS[pop("43", None)],
        sending_time=moment(pop("52", None)),
        extra=leftover(body),
    )


def write_collateral_report(report: CollateralReport, version: Version) -> Pairs:
    """35=BA."""
    when = report.transact_time
    return [
        ("908", report.coll_rpt_id),
        ("60", None if when is None else utc_timestamp(when, version.places)),
        ("910", report.coll_status),
        ("1", report.account),
        ("15", report.currency),
        ("899", fixed_text(report.margin_excess)),
        ("900", fixed_text(report.total_net_value)),
        ("901", fixed_text(report.cash_outstanding)),
        ("58", report.text),
    ]


def read_status_request(body: Body, version: Version) -> SecurityStatusRequest:
    """35=e."""
    pop = body.pop
    return SecurityStatusRequest(
        security_status_req_id=pop("324"),
        symbol=pop("55"),
        subscription_request_type=pop("263"),
        extra=leftover(body),
    )


def write_status_request(request: SecurityStatusRequest, version: Version) -> Pairs:
    """35=e."""
    check_code(263, request.subscription_request_type, _SUBSCRIPTIONS)
    return [
        ("324", request.security_status_req_id),
        ("55", request.symbol),
        ("263", request.subscription_request_type),
    ]


def read_security_status(body: Body, version: Version) -> SecurityStatus:
    """35=f. A status that is no code of FIX is kept as it stands: it is for the reader to obey."""
    pop = body.pop
    reason = pop("327", None)
    return SecurityStatus(
        symbol=pop("55"),
        security_trading_status=pop("326", None),
        halt_reason=HALT_REASONS.get(reason, reason),
        text=pop("58", None),
        transact_time=moment(pop("60", None)),
        last_px=price(pop("31", None)),
        security_status_req_id=pop("324", None),
        msg_seq_num=numbered(pop("34", "0")),
        poss_dup=FLAGS[pop("43", None)],
        sending_time=moment(pop("52", None)),
        extra=leftover(body),
    )


def write_security_status(status: SecurityStatus, version: Version) -> Pairs:
    """35=f."""
    check_code(326, status.security_trading_status, _TRADING)
    when = status.transact_time
    return [
        ("324", status.security_status_req_id),
        ("55", status.symbol),
        ("326", status.security_trading_status),
        ("327", status.halt_reason),
        ("31", fixed_text(status.last_px)),
        ("60", None if when is None else utc_timestamp(when, version.places)),
        ("58", status.text),
    ]
