"""Executions in a log of FIX messages: a broker's drop copy as a file, or its messages to us.

Any log with one message on a line or several: as QuickFIX, a terminal or a support desk writes
them, with or without times before them, with SOH, ``|`` or ``^A`` between fields. What counts are
executions: ExecutionReports (35=8) that are a trade, a correction or a bust, and
TradeCaptureReports (35=AE). All other messages are passed over. A report that cannot be read is an
error with its line; a last line that is cut off is none, for the log may still be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from fix_oms.model.codes import EXEC_TRADE, EXEC_TRADE_CANCEL, EXEC_TRADE_CORRECT
from fix_oms.model.errors import BadFile, FixOmsError
from fix_oms.model.messages import ExecutionReport
from fix_oms.model.units import fixed
from fix_oms.reconcile.broker import Clock, Names, number_of
from fix_oms.reconcile.trades import BUST, BUYS, CORRECT, TRADE, Row
from fix_oms.wire import SOH, Codec, fields, parse_utc_timestamp

SHOWN_ERRORS: Final = 20
_KINDS: Final = {EXEC_TRADE: TRADE, EXEC_TRADE_CORRECT: CORRECT, EXEC_TRADE_CANCEL: BUST}
_CAPTURED: Final = {"0": TRADE, "1": BUST, "2": CORRECT}
"""TradeReportTransType(487)."""
_MESSAGE: Final = re.compile(r"8=FIX.*?\x0110=[0-9]{3}(?:\x01|$)")


def read_log(
    lines: Iterable[str], codec: Codec, clock: Clock, names: Names, file: str
) -> tuple[Row, ...]:
    """The executions of a log. Raises BadFile."""
    found: list[Row] = []
    errors: list[str] = []
    torn = ""
    for number, line in enumerate(lines, 1):
        if torn and line.strip():
            errors.append(torn)
            torn = ""
        for text in _messages(line):
            if text is None:
                torn = f"line {number}: the message is cut off: it has no CheckSum(10)"
                continue
            try:
                row = _row(text, codec, clock, names, f"line {number}")
            except (FixOmsError, ValueError) as error:
                errors.append(f"line {number}: {error}")
            else:
                found += [row] if row is not None else []
    if errors:
        shown = errors[:SHOWN_ERRORS]
        shown += [f"... and {len(errors) - len(shown)} more"] if len(errors) > len(shown) else []
        raise BadFile("\n  ".join([f"{file}: nothing was compared, {len(errors)} bad:", *shown]))
    return tuple(found)


def _messages(line: str) -> Iterator[str | None]:
    """Each message on a line; None for one that is cut off."""
    start = line.find("8=FIX")
    if start < 0:
        return
    text = line[start:].rstrip("\r\n")
    if SOH not in text:
        text = text.replace("^A", SOH).replace("|", SOH)
    end = 0
    for found in _MESSAGE.finditer(text):
        whole, end = found[0], found.end()
        yield whole if whole.endswith(SOH) else whole + SOH
    if "8=FIX" in text[end:]:
        yield None


def _row(text: str, codec: Codec, clock: Clock, names: Names, where: str) -> Row | None:
    if f"{SOH}35=AE{SOH}" in text:
        return _captured(text, clock, names, where)
    if f"{SOH}35=8{SOH}" not in text:
        return None
    report = codec.decode(text)
    if not isinstance(report, ExecutionReport) or report.exec_type not in _KINDS:
        return None
    kind = _KINDS[report.exec_type]
    ids = (report.order_id, report.cl_ord_id, report.orig_cl_ord_id)
    missing = [
        name
        for name, value in (
            ("ExecID(17)", report.exec_id),
            ("Symbol(55)", report.symbol),
            ("Side(54)", report.side),
            ("LastQty(32)", report.last_qty if kind != BUST else 0),
            ("LastPx(31)", report.last_px if kind != BUST else 0),
        )
        if value is None
    ]
    if missing:
        raise ValueError(f"the {kind} has no {missing[0]}")
    return _made(
        kind,
        (report.exec_id or "", report.exec_ref_id or ""),
        tuple(dict.fromkeys(name for name in ids if name)),
        (report.account or "", report.symbol or "", report.side or ""),
        (report.last_qty or 0, report.last_px or 0),
        (report.transact_time or 0, report.trade_date or ""),
        (clock, names, where),
    )


def _captured(text: str, clock: Clock, names: Names, where: str) -> Row:
    """A TradeCaptureReport: its first side is ours."""
    told: dict[int, str] = {}
    for tag, value in fields(text):
        told.setdefault(tag, value)
    for tag, name in ((55, "Symbol"), (54, "Side"), (32, "LastQty"), (31, "LastPx")):
        if tag not in told:
            raise ValueError(f"the TradeCaptureReport has no {name}({tag})")
    at = told.get(60)
    return _made(
        _CAPTURED.get(told.get(487, "0"), TRADE),
        (told.get(17) or told.get(571, ""), told.get(19) or told.get(572, "")),
        tuple(dict.fromkeys(told[tag] for tag in (37, 11) if tag in told)),
        (told.get(1, ""), told[55], told[54]),
        (fixed(told[32]), fixed(told[31])),
        (parse_utc_timestamp(at) if at is not None else 0, told.get(75, "")),
        (clock, names, where),
    )


def _made(
    kind: str,
    ids: tuple[str, str],
    orders: tuple[str, ...],
    of: tuple[str, str, str],
    amounts: tuple[int, int],
    when: tuple[int, str],
    about: tuple[Clock, Names, str],
) -> Row:
    clock, names, where = about
    account, symbol, side = of
    time_ns, trade_date = when
    try:
        day = number_of(date.fromisoformat(trade_date)) if trade_date else 0
    except ValueError:
        raise ValueError(f"TradeDate(75) {trade_date!r} is no date (YYYYMMDD)") from None
    return Row(
        kind=kind,
        exec_id=ids[0],
        ref=ids[1],
        orders=orders,
        account=names.accounts.get(account, account),
        symbol=names.symbols.get(symbol, symbol),
        buys=side in BUYS,
        qty=amounts[0],
        px=amounts[1],
        time_ns=time_ns,
        day=day or (clock.day(time_ns) if time_ns else 0),
        where=where,
    )
