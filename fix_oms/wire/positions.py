"""Positions: AN, AO and AP, with the groups that they are made of.

Their readers get the groups beside the body and take out what they understand: NoPositions(702),
and of Parties(453) the one entry that we write ourselves. What remains of the groups is kept as
``extra``.

Parties is a required component of all three messages ("Position Account", FIX 4.4 volume 5), though
its group is not, and Account(1) says the same. So we write the least that satisfies a strict
reader: one party, which is the account in the role of the position account. A broker that wants
other parties gets those that ``extra`` names, one that wants none has an overlay that drops 453.
"""

from __future__ import annotations

import re
from typing import Final

from fix_oms.model.errors import BadValue, MissingField, UnknownCode
from fix_oms.model.fix import PosReqResult, PosReqStatus, PosReqType, SubscriptionRequestType
from fix_oms.model.messages import PositionReport, RequestForPositions, RequestForPositionsAck
from fix_oms.model.tags import label
from fix_oms.model.units import Fixed, rounded
from fix_oms.wire.market_data import Groups
from fix_oms.wire.reports import Body, Pairs
from fix_oms.wire.requests import given
from fix_oms.wire.text import Entry
from fix_oms.wire.times import utc_timestamp
from fix_oms.wire.values import (
    FLAGS,
    fixed_text,
    leftover,
    moment,
    numbered,
    price,
    whole,
    whole_text,
)
from fix_oms.wire.versions import Version

HOLDINGS: Final = ("TQ", "TOT", None, "NET", "ITD", "FIN", "SOD")
"""PosType(703) of what is a position, the first that a report has being taken: see PositionReport.
None is a row that names no type."""

_POSITION_ACCOUNT: Final = "38"
"""PartyRole(452)."""
_OWN_CODE: Final = "D"
"""PartyIDSource(447): a code of the counterparty's own, as an account is."""
_ABOUT_HOLDINGS: Final = frozenset({PosReqType.POSITIONS.value, "7"})
"""PosReqType(724) in a report: positions, or the net position (7, FIX 5.0 SP2). Of a report of
trades, exercises or assignments, which has the same rows, none is a holding."""
_REJECTED: Final = "2"
"""PosQtyStatus(706): what this row says does not hold."""
_TYPES: Final = frozenset(code.value for code in PosReqType)
_RESULTS: Final = frozenset(code.value for code in PosReqResult)
_STATUSES: Final = frozenset(code.value for code in PosReqStatus)
_SUBSCRIPTIONS: Final = frozenset(code.value for code in SubscriptionRequestType)
_DATE: Final = re.compile(r"[0-9]{8}", re.ASCII)


def _party(account: str | None) -> Entry:
    return {"448": account or "", "447": _OWN_CODE, "452": _POSITION_ACCOUNT}


def _parties(account: str | None, extra: dict[str, str]) -> Pairs:
    """Parties(453) as we write them."""
    if account is None or "453" in extra:
        return []
    return [("453", "1"), *_party(account).items()]


def _account(body: Body, groups: Groups) -> str | None:
    """Account(1), or the position account among the parties. Our own form of them is taken out."""
    account = body.pop("1", None)
    parties = groups.get("453", [])
    if account is None:
        named = (p.get("448") for p in parties if p.get("452") == _POSITION_ACCOUNT)
        account = next(named, None) or None
    if parties == [_party(account)]:
        del groups["453"]
    return account


def check_code(tag: int, code: str | None, known: frozenset[str]) -> None:
    """Refuse a code that is stated and is none."""
    if code is not None and code not in known:
        raise UnknownCode(tag, label(tag), str(code), "is no code that fix_oms sends")


def _date(text: str | None) -> str | None:
    """The text of a day. Raises BadValue for another."""
    if text is not None and not (isinstance(text, str) and _DATE.fullmatch(text)):
        raise BadValue(715, label(715), str(text), "is not a day (YYYYMMDD)")
    return text


def read_position_request(body: Body, groups: Groups, version: Version) -> RequestForPositions:
    """35=AN."""
    pop = body.pop
    return RequestForPositions(
        pos_req_id=pop("710"),
        account=_account(body, groups),
        clearing_business_date=pop("715", None),
        transact_time=given(moment(pop("60"))),
        pos_req_type=pop("724"),
        subscription_request_type=pop("263", None),
        extra=leftover(body),
    )


def write_position_request(request: RequestForPositions, version: Version) -> Pairs:
    """35=AN."""
    check_code(724, request.pos_req_type, _TYPES)
    check_code(263, request.subscription_request_type, _SUBSCRIPTIONS)
    return [
        ("710", request.pos_req_id),
        ("724", request.pos_req_type),
        ("263", request.subscription_request_type),
        *_parties(request.account, request.extra),
        ("1", request.account),
        ("715", _date(request.clearing_business_date)),
        ("60", utc_timestamp(request.transact_time, version.places)),
    ]


def read_position_ack(body: Body, groups: Groups, version: Version) -> RequestForPositionsAck:
    """35=AO."""
    pop = body.pop
    return RequestForPositionsAck(
        pos_req_id=pop("710", None),
        pos_req_result=pop("728"),
        pos_req_status=pop("729", None),
        total_num_pos_reports=whole(pop("727", None)),
        pos_maint_rpt_id=pop("721", None),
        account=_account(body, groups),
        text=pop("58", None),
        msg_seq_num=numbered(pop("34", "0")),
        poss_dup=FLAGS[pop("43", None)],
        sending_time=moment(pop("52", None)),
        extra=leftover(body),
    )


def write_position_ack(ack: RequestForPositionsAck, version: Version) -> Pairs:
    """35=AO."""
    check_code(728, ack.pos_req_result, _RESULTS)
    check_code(729, ack.pos_req_status, _STATUSES)
    return [
        ("721", ack.pos_maint_rpt_id),
        ("710", ack.pos_req_id),
        ("727", whole_text(ack.total_num_pos_reports)),
        ("728", ack.pos_req_result),
        ("729", ack.pos_req_status),
        *_parties(ack.account, ack.extra),
        ("1", ack.account),
        ("58", ack.text),
    ]


def read_position_report(body: Body, groups: Groups, version: Version) -> PositionReport:
    """35=AP. Raises MissingField for a quantity of no symbol, BadValue for one that is none."""
    pop = body.pop
    notes: list[str] = []
    rows = groups.pop("702", [])
    about = body.get("724", PosReqType.POSITIONS.value)
    if about not in _ABOUT_HOLDINGS:
        notes.append(f"{label(724)} {about[:16]!r}: a report of no position")
        rows = []
    pos_type, long_qty, short_qty = _holding(rows, notes)
    symbol = pop("55", None)
    if symbol is None and rows:
        raise MissingField(55, label(55), None, "is needed where there is a position")
    return PositionReport(
        account=_account(body, groups),
        symbol=symbol,
        long_qty=long_qty,
        short_qty=short_qty,
        pos_type=pos_type,
        pos_req_id=pop("710", None),
        pos_maint_rpt_id=pop("721", None),
        pos_req_result=pop("728", None),
        clearing_business_date=pop("715", None),
        settl_price=price(pop("730", None)),
        total_num_pos_reports=whole(pop("727", None)),
        last_exec_id=pop("17", None),
        transact_time=moment(pop("60", None)),
        text=pop("58", None),
        msg_seq_num=numbered(pop("34", "0")),
        poss_dup=FLAGS[pop("43", None)],
        sending_time=moment(pop("52", None)),
        tolerated=tuple(notes),
        extra=leftover(body),
    )


def _holding(rows: list[Entry], notes: list[str]) -> tuple[str | None, Fixed | None, Fixed | None]:
    """PosType(703) and the sums of its rows; None thrice where no row states a holding."""
    told: dict[str | None, tuple[Fixed, Fixed]] = {}
    for row in rows:
        kind = row.get("703") or None
        long_qty, short_qty = _quantity(row, 704, notes), _quantity(row, 705, notes)
        if row.get("706") == _REJECTED:
            notes.append(f"{label(703)} {kind!r}: {label(706)} says that it is rejected")
        elif long_qty is not None or short_qty is not None:
            before = told.get(kind, (0, 0))
            told[kind] = before[0] + (long_qty or 0), before[1] + (short_qty or 0)
    taken = [kind for kind in HOLDINGS if kind in told][:1]
    notes += [f"{label(703)} {kind!r} is left aside" for kind in told if kind not in taken]
    return (taken[0], *told[taken[0]]) if taken else (None, None, None)


def _quantity(row: Entry, tag: int, notes: list[str]) -> Fixed | None:
    """A quantity of a row. A wrong one is no position at all: raises BadValue."""
    text = row.get(str(tag))
    if not text:
        return None
    try:
        value, exact = rounded(text)
    except ValueError as error:
        raise BadValue(tag, label(tag), text, str(error)) from None
    if value < 0:
        raise BadValue(tag, label(tag), text, "is negative")
    if not exact:
        notes.append(f"{label(tag)} {text[:32]!r} is rounded to 8 places")
    return value


def write_position_report(report: PositionReport, version: Version) -> Pairs:
    """35=AP. ExecID(17) leaves only by agreement: no version has it in this message."""
    check_code(728, report.pos_req_result, _RESULTS)
    when = report.transact_time
    return [
        ("721", report.pos_maint_rpt_id),
        ("710", report.pos_req_id),
        ("727", whole_text(report.total_num_pos_reports)),
        ("728", report.pos_req_result),
        ("715", _date(report.clearing_business_date)),
        *_parties(report.account, report.extra),
        ("1", report.account),
        ("55", report.symbol),
        ("730", fixed_text(report.settl_price)),
        *_rows(report),
        ("17", report.last_exec_id),
        ("60", None if when is None else utc_timestamp(when, version.places)),
        ("58", report.text),
    ]


def _rows(report: PositionReport) -> Pairs:
    """NoPositions(702) with one row."""
    if report.long_qty is None and report.short_qty is None:
        return []
    if report.pos_type not in HOLDINGS:
        raise UnknownCode(703, label(703), str(report.pos_type), "is no PosType of a holding")
    if report.symbol is None:
        raise MissingField(55, label(55), None, "is needed where there is a position")
    for tag, quantity in ((704, report.long_qty), (705, report.short_qty)):
        if type(quantity) is int and quantity < 0:
            raise BadValue(tag, label(tag), str(quantity), "is negative")
    return [
        ("702", "1"),
        ("703", report.pos_type),
        ("704", fixed_text(report.long_qty)),
        ("705", fixed_text(report.short_qty)),
    ]
