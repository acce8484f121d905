"""What the executing side says: 8, 9, r, j, 3 and Y, from fields and to fields.

A reader takes its fields out of ``body`` with ``pop``, so that what remains is what nobody knew;
any KeyError or ValueError sends the codec back to read the message carefully. A writer gives pairs
of tag and text in the order in which they leave; an absent field has None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from fix_oms.model.fix import CxlRejResponseTo
from fix_oms.model.messages import (
    BusinessMessageReject,
    ExecutionReport,
    MarketDataRequestReject,
    OrderCancelReject,
    OrderMassCancelReport,
    SessionReject,
)
from fix_oms.wire.execution_codes import Stated, codes, meaning, plain_type
from fix_oms.wire.fees import OTHER_FEE, charge_commission
from fix_oms.wire.groups import tag_row
from fix_oms.wire.times import parse_utc_timestamp, utc_timestamp
from fix_oms.wire.values import (
    ANSWERS,
    AVERAGES,
    FLAG_TEXT,
    FLAGS,
    PRICES,
    QUANTITIES,
    fixed_text,
    identity,
    is_foreign,
    known_order,
    leftover,
    moment,
    numbered,
    price,
    quantity,
    whole,
    whole_text,
)
from fix_oms.wire.versions import Version

Body: TypeAlias = dict[str, str]
Pairs: TypeAlias = list[tuple[str, str | None]]

ABSOLUTE: Final = "3"
"""CommType(13): Commission(12) is an amount of money."""


USUAL: Final = tag_row("11 37 17 20 150 39 55 54 41 19 38 40 44 59 32 31 14 151 6 1 60 58 34 52")
"""The fields that nearly every report carries, in the order in which usual_report takes them."""


def read_execution_report(body: Body, version: Version) -> ExecutionReport:
    """35=8. What nearly every report carries is taken directly, the rest as it is found."""
    pop = body.pop
    report = usual_report([pop(tag, None) for tag in USUAL], version)
    if body:
        _read_rarer(report, body)
    return report


def usual_report(values: Sequence[str | None], version: Version) -> ExecutionReport:
    """The report that the texts of the ``USUAL`` fields make; None stands for an absent one.

    Raises ValueError where one cannot be read.
    """
    (
        cl_ord_id, order_id, exec_id, trans, exec_type, ord_status, symbol, side, orig, ref,
        qty, ord_type, limit, tif, last_qty, last_px, cum_qty, leaves_qty, avg_px, account,
        at, text, number, sent,
    ) = values  # fmt: skip  # one name a line would hide that they stand as in USUAL
    if exec_type is None:
        raise ValueError("is missing")
    notes: tuple[str, ...] = ()
    ord_status = ord_status or ""
    plain = plain_type(trans, exec_type, ord_status, version)
    if plain is not None:
        exec_type = plain
    else:
        amounts = quantity(qty), quantity(cum_qty), quantity(leaves_qty)
        stated = Stated(trans, exec_type, ord_status, identity(ref), *amounts)
        told = meaning(stated, version)
        exec_type, ord_status, notes = told.exec_type, told.ord_status, told.notes
    average, inexact = AVERAGES[avg_px]
    return ExecutionReport(
        cl_ord_id,
        None if order_id == "NONE" else order_id,
        None if exec_id == "0" else exec_id,
        exec_type,
        ord_status,
        symbol,
        side,
        orig,
        None if ref == "0" else ref,
        QUANTITIES[qty],
        ord_type,
        PRICES[limit],
        tif,
        QUANTITIES[last_qty],
        PRICES[last_px],
        QUANTITIES[cum_qty],
        QUANTITIES[leaves_qty],
        average,
        account,
        None if at is None else parse_utc_timestamp(at),
        text,
        0 if number is None else numbered(number),
        None if sent is None else parse_utc_timestamp(sent),
        notes,
        inexact,
    )


RARER: Final[dict[str, tuple[str, Callable[[str], object]]]] = {
    "12": ("commission", price),
    "30": ("last_mkt", str),
    "43": ("poss_dup", FLAGS.__getitem__),
    "75": ("trade_date", str),
    "97": ("poss_resend", FLAGS.__getitem__),
    "99": ("stop_px", price),
    "103": ("ord_rej_reason", str),
    "152": ("cash_order_qty", quantity),
    "378": ("exec_restatement_reason", str),
    "424": ("day_order_qty", quantity),
    "425": ("day_cum_qty", quantity),
    "426": ("day_avg_px", price),
    "584": ("mass_status_req_id", str),
    "790": ("ord_status_req_id", str),
    "911": ("tot_num_reports", whole),
    "912": ("last_rpt_requested", ANSWERS.__getitem__),
}
"""Fields of an ExecutionReport that many reports go without: the attribute and its reading."""


def _read_rarer(report: ExecutionReport, body: Body) -> None:
    """Set the attributes of the rarer fields; keep what no one knows."""
    extra: dict[str, str] = {}
    rated = False
    if body.get("13", ABSOLUTE) == ABSOLUTE:
        body.pop("13", None)
    elif "12" in body:  # a rate, not money
        rated = True
        extra["12"] = body.pop("12")
        price(extra["12"])
    for tag, value in body.items():
        known = RARER.get(tag)
        if known is not None:
            setattr(report, known[0], known[1](value))
        elif is_foreign(tag):
            extra[tag] = value
    if extra:
        report.extra = extra
    if rated:
        charge_commission(report)


def write_execution_report(report: ExecutionReport, version: Version) -> Pairs:
    """35=8. ``msg_seq_num``, ``poss_dup`` and ``sending_time`` are the session's to say."""
    trans, exec_type = codes(report, version)
    number, when = fixed_text, report.transact_time
    status = exec_type == "I" or trans == "3"
    pairs: Pairs = [
        ("97", "Y" if report.poss_resend else None),
        ("37", "NONE" if report.order_id is None else report.order_id),
        ("11", report.cl_ord_id),
        ("41", report.orig_cl_ord_id),
        ("17", "0" if report.exec_id is None and status else report.exec_id),
        ("20", trans),
        ("19", report.exec_ref_id),
        ("150", exec_type),
        ("39", report.ord_status),
        ("1", report.account),
        ("55", report.symbol),
        ("54", report.side),
        ("38", number(report.order_qty)),
        ("152", number(report.cash_order_qty)),
        ("40", report.ord_type),
        ("44", number(report.price)),
        ("99", number(report.stop_px)),
        ("59", report.time_in_force),
        ("32", number(report.last_qty)),
        ("31", number(report.last_px)),
        ("30", report.last_mkt),
        ("151", number(report.leaves_qty)),
        ("14", number(report.cum_qty)),
        ("6", number(report.avg_px)),
        ("424", number(report.day_order_qty)),
        ("425", number(report.day_cum_qty)),
        ("426", number(report.day_avg_px)),
        ("12", number(report.commission)),
        ("13", None if report.commission is None else ABSOLUTE),
        ("75", report.trade_date),
        ("60", None if when is None else utc_timestamp(when, version.places)),
        ("103", report.ord_rej_reason),
        ("378", report.exec_restatement_reason),
        ("790", report.ord_status_req_id),
        ("584", report.mass_status_req_id),
        ("911", whole_text(report.tot_num_reports)),
        ("912", FLAG_TEXT[report.last_rpt_requested]),
        ("58", report.text),
    ]
    # Where extra has the fees one by one, they say what misc_fees is the sum of.
    if report.misc_fees is not None and version.has_misc_fees and "136" not in report.extra:
        pairs += [("136", "1"), ("137", number(report.misc_fees)), ("139", OTHER_FEE)]
    return pairs


def read_cancel_reject(body: Body, version: Version) -> OrderCancelReject:
    """35=9."""
    pop = body.pop
    response_to = pop("434", None)
    known = response_to is None or response_to in frozenset(CxlRejResponseTo)
    note = f"CxlRejResponseTo(434) {response_to!r} is no code of it"
    return OrderCancelReject(
        cl_ord_id=pop("11"),
        orig_cl_ord_id=pop("41", None),
        order_id=known_order(pop("37", None)),
        ord_status=pop("39", None),
        cxl_rej_response_to=response_to,
        cxl_rej_reason=pop("102", None),
        text=pop("58", None),
        transact_time=moment(pop("60", None)),
        msg_seq_num=numbered(pop("34", "0")),
        poss_dup=FLAGS[pop("43", None)],
        poss_resend=FLAGS[pop("97", None)],
        sending_time=moment(pop("52", None)),
        tolerated=() if known else (note,),
        extra=leftover(body),
    )


def write_cancel_reject(reject: OrderCancelReject, version: Version) -> Pairs:
    """35=9."""
    when = reject.transact_time
    return [
        ("97", "Y" if reject.poss_resend else None),
        ("37", "NONE" if reject.order_id is None else reject.order_id),
        ("11", reject.cl_ord_id),
        ("41", reject.orig_cl_ord_id),
        ("39", reject.ord_status),
        ("434", reject.cxl_rej_response_to),
        ("102", reject.cxl_rej_reason),
        ("60", None if when is None else utc_timestamp(when, version.places)),
        ("58", reject.text),
    ]


def read_mass_cancel_report(body: Body, version: Version) -> OrderMassCancelReport:
    """35=r. MassActionReportID(1369) is kept only where it is an identity of its own."""
    pop = body.pop
    cl_ord_id, order_id = pop("11", None), known_order(pop("37", None))
    if body.get("1369", "") in (cl_ord_id, order_id, "NONE"):
        del body["1369"]
    return OrderMassCancelReport(
        cl_ord_id=cl_ord_id,
        order_id=order_id,
        mass_cancel_request_type=pop("530", None),
        mass_cancel_response=pop("531"),
        mass_cancel_reject_reason=pop("532", None),
        total_affected_orders=whole(pop("533", None)),
        text=pop("58", None),
        msg_seq_num=numbered(pop("34", "0")),
        poss_dup=FLAGS[pop("43", None)],
        extra=leftover(body),
    )


def write_mass_cancel_report(report: OrderMassCancelReport, version: Version) -> Pairs:
    """35=r."""
    own_id = report.extra.get("1369")
    made = report.cl_ord_id or report.order_id or "NONE"
    return [
        ("37", "NONE" if report.order_id is None else report.order_id),
        ("11", report.cl_ord_id),
        ("1369", made if version.mass_action_report_id and own_id is None else None),
        ("530", report.mass_cancel_request_type),
        ("531", report.mass_cancel_response),
        ("532", report.mass_cancel_reject_reason),
        ("533", whole_text(report.total_affected_orders)),
        ("58", report.text),
    ]


def read_business_reject(body: Body, version: Version) -> BusinessMessageReject:
    """35=j."""
    pop = body.pop
    return BusinessMessageReject(
        ref_msg_type=pop("372", None),
        business_reject_reason=pop("380"),
        ref_seq_num=whole(pop("45", None)),
        business_reject_ref_id=pop("379", None),
        text=pop("58", None),
        msg_seq_num=numbered(pop("34", "0")),
        poss_dup=FLAGS[pop("43", None)],
        extra=leftover(body),
    )


def write_business_reject(reject: BusinessMessageReject, version: Version) -> Pairs:
    """35=j."""
    return [
        ("45", whole_text(reject.ref_seq_num)),
        ("372", reject.ref_msg_type),
        ("379", reject.business_reject_ref_id),
        ("380", reject.business_reject_reason),
        ("58", reject.text),
    ]


def read_session_reject(body: Body, version: Version) -> SessionReject:
    """35=3."""
    pop = body.pop
    return SessionReject(
        ref_seq_num=numbered(pop("45")),
        ref_tag_id=whole(pop("371", None)),
        ref_msg_type=pop("372", None),
        session_reject_reason=pop("373", None),
        text=pop("58", None),
        msg_seq_num=numbered(pop("34", "0")),
        poss_dup=FLAGS[pop("43", None)],
        extra=leftover(body),
    )


def write_session_reject(reject: SessionReject, version: Version) -> Pairs:
    """35=3."""
    return [
        ("45", whole_text(reject.ref_seq_num)),
        ("371", whole_text(reject.ref_tag_id)),
        ("372", reject.ref_msg_type),
        ("373", reject.session_reject_reason),
        ("58", reject.text),
    ]


def read_market_data_reject(body: Body, version: Version) -> MarketDataRequestReject:
    """35=Y."""
    pop = body.pop
    return MarketDataRequestReject(
        md_req_id=pop("262"),
        md_req_rej_reason=pop("281", None),
        text=pop("58", None),
        msg_seq_num=numbered(pop("34", "0")),
        extra=leftover(body),
    )


def write_market_data_reject(reject: MarketDataRequestReject, version: Version) -> Pairs:
    """35=Y."""
    return [
        ("262", reject.md_req_id),
        ("281", reject.md_req_rej_reason),
        ("58", reject.text),
    ]
